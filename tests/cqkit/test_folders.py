"""Folders of results: whatever is killed when, an earlier result or the new one is there, and nothing else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pandas as pd
import pytest

from cqkit import folders
from cqkit.errors import InputError
from cqkit.folders import MANIFEST, check_target, read_parquet, recover, write_folder, write_parquet


def writes(text, slowly=0.0):
    def write(beside):
        (beside / "table.csv").write_text(text)
        time.sleep(slowly)
        (beside / MANIFEST).write_text(manifest(text))

    return write


def manifest(text, **more):
    return json.dumps({"folder": {"result": text, **more}})


def holds(folder, text):
    return (folder / MANIFEST).read_text() == manifest(text) and (folder / "table.csv").read_text() == text


def killed(tmp_path, where):
    """A process that is killed in the middle of replacing tmp_path / result by "new"."""
    code = f"""
        import os, signal
        from pathlib import Path
        from cqkit import folders
        def stop(*_): os.kill(os.getpid(), signal.SIGKILL)
        def write(beside):
            (beside / "table.csv").write_text("new")
            if {where!r} == "writing": stop()
            (beside / folders.MANIFEST).write_text({manifest("new")!r})
        rename, times = Path.rename, []
        def counted(path, target):
            if {where!r} == "between" and len(times) == 1: stop()
            times.append(path)
            moved = rename(path, target)
            if {where!r} == "after" and len(times) == 2: stop()
            return moved
        Path.rename = counted
        folders.write_folder(Path("result"), write)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("where", "kept"), [("writing", "old"), ("between", "new"), ("after", "new")])
@pytest.mark.parametrize("who_comes_next", [check_target, recover])
def test_what_a_killed_writer_left_is_put_right_by_whoever_comes_next(tmp_path, where, kept, who_comes_next):
    folder = tmp_path / "result"
    write_folder(folder, writes("old"))
    killed(tmp_path, where)
    assert len(list(tmp_path.iterdir())) > 1 or where == "nothing"
    who_comes_next(folder)
    assert holds(folder, kept)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_lost_between_the_renames_without_a_whole_new_one_is_given_back(tmp_path):
    folder = tmp_path / "result"
    write_folder(folder, writes("old"))
    beside = tmp_path / f"{folders._prefix(folder)}abcdefgh"
    beside.mkdir()
    folder.rename(beside.with_name(beside.name + folders.RETIRED))
    recover(folder)
    assert holds(folder, "old")
    assert list(tmp_path.iterdir()) == [folder]


def test_folders_of_others_are_left_alone(tmp_path):
    others = [".result-2.writing-abcdefgh", ".result.writing-short", "result.writing-abcdefgh", ".result"]
    for name in others:
        (tmp_path / name).mkdir()
    write_folder(tmp_path / "result", writes("new"))
    assert {path.name for path in tmp_path.iterdir()} == {*others, "result"}


def test_two_writers_to_one_folder_take_turns(tmp_path):
    folder = tmp_path / "result"
    write_folder(folder, writes("old"))
    faults = []

    def write(text):
        try:
            write_folder(folder, writes(text, slowly=0.05))
        except InputError as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write, args=(f"text {number}",)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert any(holds(folder, f"text {number}") for number in range(8))
    assert list(tmp_path.iterdir()) == [folder]


def write_in_process(folder, number):
    write_folder(folder, writes(f"text {number}", slowly=0.02))


def test_writers_of_other_processes_take_turns_too(tmp_path):
    folder = tmp_path / "result"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_in_process, args=(folder, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_writer_at_work_is_not_swept_away(tmp_path):
    folder = tmp_path / "result"

    def write(beside):
        recover(folder)
        assert beside.is_dir()
        writes("new")(beside)

    write_folder(folder, write)
    assert holds(folder, "new")


def test_long_names_are_told_apart(tmp_path):
    one, other = tmp_path / ("a" * 100 + "1"), tmp_path / ("a" * 100 + "2")
    assert folders._prefix(one) != folders._prefix(other)
    write_folder(one, writes("new"))
    assert holds(one, "new")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_work_is_begun(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="cannot be written to"):
        check_target(tmp_path / "result")
    tmp_path.chmod(0o755)


def test_our_tables_are_read_by_pandas_as_they_are(tmp_path):
    frame = pd.DataFrame(
        {
            "run": pd.Series(["main", "twin"], dtype="category"),
            "date": pd.to_datetime(["2007-08-06", "2007-08-07"]).astype("datetime64[s]"),
            "value": [0.1, float("nan")],
            "path": [0, 1],
        }
    )
    write_parquet(frame, tmp_path / "table.parquet")
    for found in (pd.read_parquet(tmp_path / "table.parquet"), read_parquet(tmp_path / "table.parquet")):
        assert found["run"].tolist() == ["main", "twin"]
        assert found["date"].dt.strftime("%Y-%m-%d").tolist() == ["2007-08-06", "2007-08-07"]
        assert found["value"].equals(frame["value"])
        assert found["path"].tolist() == [0, 1]


@pytest.mark.parametrize("rows_at_once", [1, 3, 4, 5])
def test_a_table_is_the_same_however_many_of_its_rows_are_written_at_a_time(rows_at_once, tmp_path, monkeypatch):
    kinds = pd.CategoricalDtype(["call", "sale", "never"])
    frame = pd.DataFrame({"kind": pd.Series(["call", "sale", "sale", "call"], dtype=kinds), "amount": [1.0, 2, 3, 4]})
    write_parquet(frame, tmp_path / "whole.parquet")
    monkeypatch.setattr(folders, "ROWS_AT_ONCE", rows_at_once)
    write_parquet(frame, tmp_path / "parts.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "parts.parquet"), read_parquet(tmp_path / "whole.parquet"))


@pytest.mark.parametrize("content", ["{}", '{"folder": 1}', '{"folder": {}}', '{"name": "a web page"}', "{", "[]"])
def test_a_folder_with_another_s_manifest_is_not_replaced(tmp_path, content):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MANIFEST).write_text(content)
    with pytest.raises(InputError, match="not a result"):
        write_folder(tmp_path / "site", writes("new"))
    assert (tmp_path / "site" / MANIFEST).read_text() == content


def test_what_lies_beside_a_result_is_not_lost(tmp_path):
    folder = tmp_path / "result"

    def write(beside):
        (beside / "table.csv").write_text("rows")
        (beside / MANIFEST).write_text(manifest("new", files=["table.csv", MANIFEST]))

    write_folder(folder, write)
    (folder / ".DS_Store").touch()
    write_folder(folder, write)
    assert {path.name for path in folder.iterdir()} == {"table.csv", MANIFEST}
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds notes\.txt beside a result, which would be lost"):
        write_folder(folder, write)
    assert (folder / "notes.txt").read_text() == "mine"
