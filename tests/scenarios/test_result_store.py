import json

import pandas as pd
import pytest

from cqkit import storing
from cqkit.errors import InputError
from cqkit.folders import write_folder
from scenarios import load, run, save
from scenarios.result import FRAMES


def equal(one, other):
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.scenario == other.scenario
    assert one.scenario.digest == other.scenario.digest
    assert one.targets == other.targets
    assert one.manifest == other.manifest
    assert one.summary() == other.summary()
    assert one.counterfactual() == other.counterfactual()


@pytest.fixture(scope="module")
def eventless_run(small):
    """No desk, no liquidator, nobody who could be called: frames without a row."""
    nobody = {"desk.size": 0, "liquidator.size": 0, "funds.capital": 0, "target": [], "counterfactual": []}
    return run(small, paths=2, overrides=nobody)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_read_is_what_was_written(small_run, tmp_path):
    equal(small_run, load(save(small_run, tmp_path / "result")))


def test_frames_without_rows_come_back_too(eventless_run, tmp_path):
    assert eventless_run.hedges.empty
    equal(eventless_run, load(save(eventless_run, tmp_path / "result")))


def test_a_result_replaces_an_earlier_one_and_leaves_nothing_of_it(small_run, eventless_run, tmp_path):
    folder = save(small_run, tmp_path / "a" / "b" / "result", lambda beside: (beside / "chart.svg").touch())
    assert (folder / "chart.svg").exists()
    save(eventless_run, folder)
    assert not (folder / "chart.svg").exists()
    equal(eventless_run, load(folder))
    assert list(folder.parent.iterdir()) == [folder]


def test_a_result_goes_into_an_empty_folder(small_run, tmp_path):
    (tmp_path / "result").mkdir()
    equal(small_run, load(save(small_run, tmp_path / "result")))


def test_a_result_goes_where_a_link_points_and_the_link_stays(small_run, tmp_path):
    (tmp_path / "disk" / "result").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "result")
    save(small_run, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    equal(small_run, load(tmp_path / "disk" / "result"))


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), RuntimeError("a bug")])
@pytest.mark.parametrize("frame", [1, 4])
def test_an_interrupted_write_leaves_the_earlier_result_as_it_was(small_run, tmp_path, monkeypatch, error, frame):
    folder = save(small_run, tmp_path / "result")
    before = contents(tmp_path)
    written, write = [], storing.write_parquet

    def interrupted(table, path):
        written.append(path)
        if len(written) == frame:
            raise error
        write(table, path)

    monkeypatch.setattr(storing, "write_parquet", interrupted)
    wanted = InputError if isinstance(error, OSError) else type(error)
    with pytest.raises(wanted) as raised:
        save(small_run, folder)
    if wanted is InputError:
        assert raised.value.faults == (f"{folder}: cannot be written: No space left on device",)
    assert len(written) == frame
    assert contents(tmp_path) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_an_interrupt_between_taking_away_and_putting_in_place_gives_the_earlier_result_back(tmp_path, monkeypatch):
    folder = tmp_path / "result"
    write_folder(folder, lambda beside: (beside / "manifest.json").write_text('{"folder": {"result": "one"}}'))
    rename, calls = type(folder).rename, []

    def interrupted(path, target):
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(type(folder), "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(folder, lambda beside: (beside / "manifest.json").write_text("two"))
    assert "one" in (folder / "manifest.json").read_text()
    assert list(tmp_path.iterdir()) == [folder]


def test_what_is_not_a_result_is_not_replaced(small_run, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.doc").write_text("words")
    (tmp_path / "file").write_text("words")
    before = contents(tmp_path)
    for folder in (tmp_path / "thesis", tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="choose"):
            save(small_run, folder)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("damage", ["no manifest", "no JSON", "no key", "no frame", "half a frame"])
def test_what_is_not_whole_is_not_read(small_run, tmp_path, damage):
    folder = save(small_run, tmp_path / "result")
    manifest, frame = folder / "manifest.json", folder / "daily.parquet"
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "no JSON":
        manifest.write_text("{")
    elif damage == "no key":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"targets": [{}]}))
    elif damage == "no frame":
        frame.unlink()
    else:
        frame.write_bytes(frame.read_bytes()[:100])
    with pytest.raises(InputError, match="no result that can be read"):
        load(folder)
