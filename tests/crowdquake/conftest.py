"""What the command line's tests share."""

import json

import pytest


@pytest.fixture
def answer(command):
    """A command's JSON, having seen that nothing else is on stdout."""

    def call(*arguments):
        found = command(*arguments)
        assert found.code == 0, found.err
        return json.loads(found.out, parse_constant=not_json)

    return call


def not_json(constant):
    raise AssertionError(f"{constant} is not JSON")


@pytest.fixture
def refused(command, small_text, tmp_path, monkeypatch):
    """Give a command's only line of complaint, having seen that it did nothing else."""
    (tmp_path / "good.toml").write_text(small_text, encoding="utf-8")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "folder.toml" / "thesis.doc").touch()
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier" / "manifest.json").write_text('{"folder": {"result": "RunResult"}}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    # A fault is found before anything is simulated.
    monkeypatch.setattr("scenarios.studies.base.simulate", simulated_after_all)

    def call(*arguments, lines=1):
        before = contents(tmp_path)
        answer = command(*arguments)
        assert answer.code == 2, answer
        assert answer.out == ""
        assert contents(tmp_path) == before
        told = answer.err.splitlines()
        assert len(told) == lines, told
        assert all(line.isprintable() and line.startswith("error: ") for line in told)
        return told[0].removeprefix("error: ")

    return call


def simulated_after_all(*_):
    raise AssertionError("this fault should have been found before the simulation")


def contents(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}
