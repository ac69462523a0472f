"""Tasks of a sweep on disk: nothing is lost, nothing done twice, however often it is killed the bytes are the same."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from forked import begun, crowdquake

from cqkit.errors import InputError
from scenarios import Size, TaskFolder, sweep
from scenarios.studies.sweep import SweepStudy
from scenarios.sweeping.reading import PathFigures

KEYS = ("funds.crowding=0,0.9", "impact.strength=1:2:3")


def arguments(small_file: Path, out: Path, *more: str) -> list[str]:
    vary = [word for key in ("funds.crowding=0:0.9:4", "impact.strength=1:2:3") for word in ("--vary", key)]
    return ["sweep", str(small_file), *vary, "--paths", "200", "--out", str(out), *more]


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the manifest, which tells the seconds, and the charts."""
    ends = {".csv", ".parquet"}
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.suffix in ends}


@pytest.fixture(scope="module")
def whole(small_file, tmp_path_factory):
    """A sweep that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "sweep"
    assert crowdquake(*arguments(small_file, out)).returncode == 0
    return out


def test_all_paths_are_there_for_duckdb(whole):
    rows = duckdb.sql(
        f"select point, avg(forced_share) as mean, count(*) as paths from '{whole}/tasks/*.parquet' "
        "where not baseline group by point order by point"
    ).df()
    points = pd.read_parquet(whole / "points.parquet")
    np.testing.assert_allclose(rows["mean"], points["forced_share"], rtol=1e-12)
    assert (rows["paths"] == 200).all()
    assert (whole / "phase.png").stat().st_size > 10_000


def killed_at_random(small_file, out, times, generator):
    """Kill a sweep so often, each time somewhere else, and let the last one end; tell how often it was at work."""
    at_work = 0
    for _ in range(times):
        again = (out.parent / f"{out.name}.tasks").exists() or out.exists()
        process = begun(*arguments(small_file, out, *(["--resume"] if again else [])))
        time.sleep(generator.uniform(0.2, 2.0))
        at_work += process.is_alive()
        process.kill()
        process.join()
    done = crowdquake(*arguments(small_file, out, "--resume"))
    assert done.returncode == 0, done.stderr
    return at_work


def test_a_sweep_that_is_killed_goes_on_and_gives_the_same_bytes(whole, small_file, tmp_path):
    out = tmp_path / "sweep"
    assert killed_at_random(small_file, out, 1, np.random.default_rng(3)) >= 0
    assert contents(out) == contents(whole)
    assert not (tmp_path / "sweep.tasks").exists()


@pytest.mark.slow
def test_twenty_kills_lose_nothing(whole, small_file, tmp_path):
    out = tmp_path / "sweep"
    assert killed_at_random(small_file, out, 20, np.random.default_rng(2)) > 5
    assert contents(out) == contents(whole)


class Counting(TaskFolder):
    """Counts the tasks that are put there."""

    written = 0

    def put(self, found):
        self.written += len(found)
        super().put(found)


def test_finished_tasks_are_not_done_again(small, tmp_path, monkeypatch):
    monkeypatch.setattr(SweepStudy, "size", Size(block=50, batch=4, whatever_threads=True))
    folder = TaskFolder.beside(tmp_path / "sweep")
    with folder.opened({"a": 1}, tmp_path / "sweep", resume=False):
        first, again = Counting(folder.folder), Counting(folder.folder)
        whole = sweep(small, KEYS, paths=60, baseline=False, kept=first)
        assert first.written == 12
        before, files = contents(folder.folder), sorted(folder.folder.glob("*.parquet"))
        assert len(files) == 4  # 4 points and 2 points, on two blocks of paths
        for path in (files[0], files[-1]):
            path.unlink()
        assert sweep(small, KEYS, paths=60, baseline=False, kept=again).points.equals(whole.points)
        assert again.written == 6
        assert contents(folder.folder) == before
        assert sweep(small, KEYS, paths=60, baseline=False, kept=again).points.equals(whole.points)
        assert again.written == 6


@pytest.mark.parametrize("paths", [30, 55, 60, 75, 120])
def test_a_sweep_goes_on_with_another_number_of_paths(small, tmp_path, monkeypatch, paths):
    monkeypatch.setattr(SweepStudy, "size", Size(block=50, batch=4, whatever_threads=True))
    folder = TaskFolder.beside(tmp_path / "sweep")
    with folder.opened({"a": 1}, tmp_path / "sweep", resume=False):
        sweep(small, KEYS, paths=60, kept=folder)
        again = sweep(small, KEYS, paths=paths, kept=folder)
    assert again.points.equals(sweep(small, KEYS, paths=paths).points)
    on_disk = f"select count(*) from '{folder.folder}/*.parquet' group by point, baseline"
    assert {count for (count,) in duckdb.sql(on_disk).fetchall()} == {max(paths, 60)}


def test_tasks_that_end_together_are_read_as_they_were_written(tmp_path):
    folder, kept = TaskFolder(tmp_path), [(3, False, 0, 2), (3, True, 0, 2), (4, False, 0, 1), (5, False, 0, 2)]
    own = PathFigures(
        50, {"loss": np.array([0.1, np.nan]), "called": np.ones(2)}, {"loss": "x", "called": ""}, ("called",)
    )
    other = PathFigures(50, {"loss": np.array([0.3])}, {"loss": "y"})
    folder.put({kept[0]: own, kept[1]: InputError("out of its range"), kept[2]: other})
    for again in (folder, TaskFolder(tmp_path)):
        found = again.find(kept)
        assert found.keys() == set(kept[:3])
        assert again.find(kept[2:3]).keys() == {kept[2]}
        for key, wanted in ((kept[0], own), (kept[2], other)):
            (there,) = found[key]
            assert (there.first, there.units, there.shares, there.fault) == (50, wanted.units, wanted.shares, None)
            assert there.values.keys() == wanted.values.keys()
            for name, values in wanted.values.items():
                np.testing.assert_array_equal(there.values[name], values)
        assert found[kept[1]][0].fault == "out of its range"
    table = duckdb.sql(f"select point, path, called from '{tmp_path}/*.parquet'").fetchall()
    assert table == [(3, 50, 1.0), (3, 51, 1.0), (4, 50, None)]


def test_a_folder_that_was_killed_before_its_plan_was_in_place_is_taken(tmp_path):
    folder, plan = TaskFolder.beside(tmp_path / "sweep"), {"seed": 1}
    for left in ([], [".sweep.json"]):
        folder.folder.mkdir()
        for name in left:
            (folder.folder / name).write_text('{"se')
        with folder.opened(plan, tmp_path / "sweep", resume=True):
            assert [path.name for path in folder.folder.iterdir()] == ["sweep.json"]
        folder.remove()
        assert not folder.folder.exists()


def test_the_plan_is_removed_last(tmp_path, monkeypatch):
    folder = TaskFolder.beside(tmp_path / "sweep")
    with folder.opened({"seed": 1}, tmp_path / "sweep", resume=False):
        folder.put({(0, False, 0, 1): InputError("nothing")})
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # killed here
    folder.remove()
    with folder.opened({"seed": 1}, tmp_path / "sweep", resume=True):
        assert folder.find([(0, False, 0, 1)]) == {}


def refuse(told, folder, plan, out, *, resume):
    with pytest.raises(InputError, match=told), folder.opened(plan, out, resume=resume):
        pass


def test_a_folder_takes_tasks_of_one_plan_and_one_writer(tmp_path):
    out = tmp_path / "sweep"
    folder = TaskFolder.beside(out)
    plan = {"seed": 1, "design": "grid"}
    with folder.opened(plan, out, resume=False):
        refuse("another process", TaskFolder.beside(out), plan, out, resume=True)
    refuse("unfinished sweep: --resume", folder, plan, out, resume=False)
    refuse("with another seed", folder, plan | {"seed": 2}, out, resume=True)
    other = tmp_path / "other.tasks"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    refuse("is no sweep", TaskFolder(other), plan, tmp_path / "other", resume=True)
    assert (other / "letter.txt").read_text() == "mine"


def test_tasks_cut_off_in_the_middle_are_done_again(small, tmp_path):
    folder = TaskFolder.beside(tmp_path / "sweep")
    with folder.opened({"a": 1}, tmp_path / "sweep", resume=False):
        first = sweep(small, KEYS, paths=3, baseline=False, kept=folder)
        whole = contents(folder.folder)
        path = min(folder.folder.glob("*.parquet"))
        path.write_bytes(path.read_bytes()[:100])
        again = sweep(small, KEYS, paths=3, baseline=False, kept=Counting(folder.folder))
        assert contents(folder.folder) == whole
    pd.testing.assert_frame_equal(first.points, again.points, check_exact=True)
