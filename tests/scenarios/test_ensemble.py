"""The one way to simulate: the same numbers whoever does the work, and however it is cut up."""

from __future__ import annotations

import pickle
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from abm import Market, Settings
from abm.opening import bytes_a_path
from cqkit.errors import InputError
from cqkit.results import Result
from scenarios import Case, Size, Study, cliff, conduct, explain, load_scenario, run, simulate, unwind
from scenarios.executors import executor_named
from scenarios.studies import STUDIES, parse_study, register
from scenarios.twins import without_liquidator


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


def sized(stocks, funds, kind="long_short", **sections):
    return Settings.model_validate({"market": {"stocks": stocks}, "funds": {"count": funds, "kind": kind}, **sections})


def test_blocks_of_large_markets_are_small():
    small, middle, large = (Case(sized(*size)) for size in ((100, 20), (2000, 400), (5000, 100_000)))
    assert Size(block=100).block_of([small], 1000) == 100
    assert 1 < Size(block=1000).block_of([small, middle], 1000) < 100
    assert Size().block_of([small, large], 1000) == 1


@pytest.mark.parametrize(
    ("paths", "threads", "block"),
    [(1000, 1, 100), (100, 2, 50), (300, 2, 75), (400, 2, 100), (31, 2, 16), (30, 2, 100), (300, 16, 19), (0, 2, 100)],
)
def test_threads_have_blocks_of_a_size_unless_these_were_very_small(paths, threads, block):
    case = Case(sized(100, 20))
    assert Size(block=100).block_of([case], paths, threads) == block
    assert Size(block=100, batch=1).block_of([case, case], paths, threads) == 100  # each has other cases
    assert Size(block=100, whatever_threads=True).block_of([case], paths, threads) == 100


@pytest.mark.parametrize("hedged", [False, True])
def test_a_path_takes_about_as_much_memory_as_is_told(hedged):
    kind, futures = ("futures", {"volume": 1.0}) if hedged else ("long_short", {})
    settings = sized(300, 50, kind, futures=futures, desk={"size": 0})
    market, arrays = Market(settings, paths=2), {}
    waiting = [tuple(market.state), market.record.nav]
    while waiting:
        part = waiting.pop()
        if isinstance(part, np.ndarray):
            arrays[part.ctypes.data] = part.nbytes
        elif isinstance(part, tuple):
            waiting += part
    assert bytes_a_path(settings) == pytest.approx(sum(arrays.values()) / 2, rel=0.2)


def executors():
    yield "nearby", Nearby
    yield "threads", lambda: ThreadPoolExecutor(2)
    yield "processes", lambda: executor_named("processes", 2)


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


class ProcessLike(Nearby):
    """Sends everything through bytes, as another process would get it and give it back."""

    def submit(self, task, /, *arguments, **more):
        sent = pickle.loads(pickle.dumps((task, arguments, more)))
        done: Future = Future()
        done.set_result(pickle.loads(pickle.dumps(sent[0](*sent[1], **sent[2]))))
        return done


def studies(small, futures_file, **more):
    """One of each; the crowd of the last hedges with futures."""
    yield run(small, paths=3, seed=7, **more)
    yield explain(small, paths=2, **more)
    yield unwind(small, days=[2], paths=2, overrides={"funds.crowding": 0.5}, **more)
    yield cliff(futures_file, reserves=(0.02, 0.2), policies=("full-rebalanced",), paths=2, **more)


def test_every_study_gives_the_same_elsewhere_and_says_how_it_came_about(small, futures_file):
    here = list(studies(small, futures_file))
    elsewhere = list(studies(small, futures_file, executor=ProcessLike()))
    for one, other in zip(here, elsewhere, strict=True):
        assert one.tables().keys() == other.tables().keys() != set()
        for name, frame in one.tables().items():
            pd.testing.assert_frame_equal(frame, other.tables()[name])
        made = one.manifest
        assert {"scenario", "digest", "overrides", "seed", "paths", "seconds", "versions", "plugins"} <= made.keys()
        assert made["synthetic_index"] is False
    assert here[2].manifest["overrides"] == {"funds.crowding": 0.5}


def test_a_study_on_the_synthetic_index_says_so_whatever_it_is():
    found = run("report-2007", paths=1, counterfactuals=False, overrides={"market.stocks": 40, "funds.count": 4})
    assert found.manifest["synthetic_index"] is True


def test_what_goes_wrong_elsewhere_is_told_here(cases):
    def broken(key, market):
        raise RuntimeError("a bug")

    with ThreadPoolExecutor(1) as executor, pytest.raises((RuntimeError, AttributeError), match=r"a bug|pickle"):
        simulate(cases, broken, paths=5, seed=3, executor=executor)


# -- a study of the user's own -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuietDays(Study):
    """How many days the index hardly moves, with the liquidator and without."""

    name: ClassVar[str] = "quiet-days"
    below: float = 0.002

    def cases(self, scenario, paths, seed):  # noqa: ARG002
        return {"as it is": Case(scenario.settings), "nobody sells": Case(without_liquidator(scenario.settings))}

    def read(self, key, market):  # noqa: ARG002
        return (abs(market.record["index"]) < self.below).sum(axis=1)

    def tables(self, found):
        rows = [
            {"case": key, "path": path, "days": int(days)}
            for key, blocks in found.readings.items()
            for path, days in enumerate(np.concatenate(blocks))
        ]
        return {"quiet": pd.DataFrame(rows)}


def test_a_study_of_ones_own_is_registered_and_made_from_words(small):
    with STUDIES.scratch():
        register(QuietDays)
        found = conduct(parse_study("quiet-days:below=0.01"), small, paths=3, seed=2, executor=ProcessLike())
        many = conduct(parse_study("quiet-days:below=1"), small, paths=3, seed=2)
        with pytest.raises(InputError, match="study quiet-days: is registered already"):
            register(QuietDays)
    assert isinstance(found, Result)
    assert found.as_json()["study"] == "quiet-days"
    assert found.tables()["quiet"].groupby("case").size().to_dict() == {"as it is": 3, "nobody sells": 3}
    assert (many.tables()["quiet"]["days"] == small.clock.days).all()
    with pytest.raises(InputError, match=r"study = quiet-days: must be one of"):
        parse_study("quiet-days")


@dataclass(frozen=True)
class HalvingLeverage(Study):
    """Halves the crowd's leverage until nobody is called, and says where that was."""

    name: ClassVar[str] = "halving"
    again: bool = False  # asks for what it has

    @property
    def rounds(self):
        return 4

    def cases(self, scenario, paths, seed):  # noqa: ARG002
        return {4.0: self.at(scenario, 4.0)}

    def at(self, scenario, leverage):
        funds = scenario.funds.model_copy(update={"leverage": leverage})
        return Case(scenario.settings.model_copy(update={"funds": funds}))

    def further(self, scenario, paths, seed, readings):  # noqa: ARG002
        leverage = min(readings)
        if sum(block.sum() for block in readings[leverage]) == 0:
            return {}
        leverage = leverage if self.again else leverage / 2
        return {leverage: self.at(scenario, leverage)}

    def read(self, key, market):  # noqa: ARG002
        return market.record["margin_calls"].sum(axis=1)

    def tables(self, found):
        rows = [{"leverage": key, "calls": np.concatenate(blocks).sum()} for key, blocks in found.readings.items()]
        return {"calls": pd.DataFrame(rows)}


def test_a_study_may_ask_for_more_markets_as_it_learns(small):
    told = []
    scenario = load_scenario(small, {"funds.severity": [0.0, 0.0]})  # brokers alone make funds sell
    found = conduct(HalvingLeverage(), scenario, paths=3, seed=2, workers=1, progress=told.append)
    calls = found.tables()["calls"]
    assert len(calls) > 1
    assert (calls["leverage"] == 4.0 / 2.0 ** np.arange(len(calls))).all()
    assert (calls["calls"][:-1] > 0).all()
    assert calls["calls"].iloc[-1] == 0
    assert told == sorted(told)
    assert told[-1] == 1
    elsewhere = conduct(HalvingLeverage(), scenario, paths=3, seed=2, executor=ProcessLike())
    pd.testing.assert_frame_equal(calls, elsewhere.tables()["calls"])


def test_a_study_does_not_ask_twice_for_the_same_nor_outside_the_box(small):
    with pytest.raises(InputError, match=r"study halving: case 4\.0: must be asked for once"):
        conduct(HalvingLeverage(again=True), small, paths=2, overrides={"funds.severity": [0.0, 0.0]})
    axis = {"key": "funds.leverage", "values": [3.0, 5.0]}
    boxed = load_scenario(small, {"funds.severity": [0.0, 0.0], "funds.leverage": 4.0, "domain": {"axis": [axis]}})
    with pytest.raises(InputError, match=r"funds\.leverage = 2: must lie in 3\.\.5"):
        conduct(HalvingLeverage(), boxed, paths=2)
