"""The one way to simulate: the same numbers whoever does the work, and however it is cut up."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from scenarios import Case, Size, cliff, explain, run, simulate, unwind
from scenarios.result import FRAMES


def closes(key, market):
    return market.record["index"], market.day


def stacked(readings):
    return {key: np.concatenate([index for index, _ in blocks]) for key, blocks in readings.items()}


@pytest.fixture
def cases(small):
    coarse = small.settings.model_copy(update={"clock": small.clock.model_copy(update={"bars": 1})})
    return {"whole": Case(small.settings), "few": Case(small.settings, paths=3), "short": Case(coarse, days=2)}


@pytest.fixture
def whole(cases):
    return stacked(simulate(cases, closes, paths=5, seed=3))


class Nearby(Executor):
    """Does what it is given at once."""

    def submit(self, task, /, *arguments, **more):
        done: Future = Future()
        done.set_result(task(*arguments, **more))
        return done


def test_a_case_has_its_own_paths_and_days(cases, whole):
    assert whole["whole"].shape == (5, cases["whole"].settings.clock.days)
    np.testing.assert_array_equal(whole["few"], whole["whole"][:3])
    found = simulate(cases, closes, paths=5, seed=3)
    assert [day for _, day in found["short"]] == [2]
    assert np.isnan(whole["short"][:, 2:]).all()
    assert np.isfinite(whole["short"][:, :2]).all()


@pytest.mark.parametrize("size", [Size(1, 1), Size(2, 2), Size(3, 100)])
@pytest.mark.parametrize("workers", [1, 2])
def test_results_do_not_depend_on_how_the_work_is_cut_up(cases, whole, size, workers):
    found = stacked(simulate(cases, closes, paths=5, seed=3, size=size, workers=workers))
    for key, values in whole.items():
        np.testing.assert_array_equal(found[key], values)


def executors():
    yield "nearby", Nearby
    yield "threads", lambda: ThreadPoolExecutor(2)
    yield "processes", lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn"))


@pytest.mark.parametrize(("name", "make"), list(executors()))
def test_results_do_not_depend_on_who_does_the_work(cases, whole, name, make):
    told = []
    with make() as executor:
        found = stacked(
            simulate(cases, closes, paths=5, seed=3, size=Size(2, 2), executor=executor, progress=told.append)
        )
    for key, values in whole.items():
        np.testing.assert_array_equal(found[key], values)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_every_study_gives_the_same_on_an_executor(small, small_run):
    with Nearby() as executor:
        found = run(small, paths=5, seed=7, executor=executor)
        taken_apart = explain(small, paths=2, executor=executor)
        sold = unwind(small, days=[2], paths=2, executor=executor)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(found, name), getattr(small_run, name))
    pd.testing.assert_frame_equal(taken_apart.by_path, explain(small, paths=2).by_path)
    pd.testing.assert_frame_equal(sold.table, unwind(small, days=[2], paths=2).table)


def test_what_goes_wrong_elsewhere_is_told_here(cases):
    def broken(key, market):
        raise RuntimeError("a bug")

    with ThreadPoolExecutor(1) as executor, pytest.raises((RuntimeError, AttributeError), match=r"a bug|pickle"):
        simulate(cases, broken, paths=5, seed=3, executor=executor)


def test_every_manifest_says_how_its_result_came_about(small, small_run):
    studies = [small_run, explain(small, paths=2), unwind(small, days=[2], paths=2, overrides={"funds.crowding": 0.5})]
    for found in studies:
        made = found.manifest
        assert {"scenario", "digest", "overrides", "seed", "paths", "seconds", "versions", "plugins"} <= made.keys()
        assert made["synthetic_index"] is False
        assert set(found.tables()) != set()
    assert studies[-1].manifest["overrides"] == {"funds.crowding": 0.5}
    assert cliff is not None
