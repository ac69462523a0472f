"""A sweep: where its points lie, and what is found there."""

from __future__ import annotations

import math
import os
import signal
from datetime import date

import numpy as np
import pandas as pd
import pytest

from abm import Market
from abm.opening import bytes_a_path
from cqkit.errors import InputError
from scenarios import ensemble, load_scenario, sweep
from scenarios.dials import market_at
from scenarios.executors import executor_named
from scenarios.figures import figures
from scenarios.loading import bare, changed
from scenarios.measures import Outcome
from scenarios.sweeping import DESIGNS, parse_turned
from scenarios.sweeping.designs import Axis
from scenarios.sweeping.effects import sobol_effects, tornado_effects
from scenarios.sweeping.reading import PathFigures, mean, standard_error

AXES = [Axis("a", (), 0.0, 1.0, 0.5), Axis("b", (), 10.0, 30.0, 20.0)]
KEYS = ("funds.crowding=0,0.9", "impact.strength=1:2:3")


def test_a_grid_is_every_combination_in_order():
    axes = [Axis("a", (1, 2)), Axis("b", ("x", "y", "z"))]
    found = [values for _, values in DESIGNS["grid"].place(axes, 0, 1)]
    assert found == [(1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z")]


def test_a_latin_hypercube_has_one_point_in_every_stratum_of_every_key():
    points = np.array([values for _, values in DESIGNS["latin-hypercube"].place(AXES, 16, 3)])
    for place, axis in enumerate(AXES):
        strata = np.floor(16 * (points[:, place] - axis.low) / (axis.high - axis.low))
        assert sorted(strata) == list(range(16))


def test_sobol_indices_of_a_sum_are_shares_of_its_variance():
    places = DESIGNS["sobol"].place(AXES, 256, 1)
    table = pd.DataFrame([(sample, *values) for sample, values in places], columns=["sample", "a", "b"])
    mixed, first, second = (table[table["sample"] == name] for name in ("A with a of B", "A", "B"))
    np.testing.assert_array_equal(mixed["a"], second["a"])
    np.testing.assert_array_equal(mixed["b"], first["b"])
    y = table["a"] + 2 * (table["b"] - 10) / 20  # variances 1/12 and 4/12
    found = sobol_effects(y, table["sample"], ("a", "b")).set_index("key")
    np.testing.assert_allclose(found[["first", "total"]], [[0.2, 0.2], [0.8, 0.8]], atol=0.02)
    assert (found["first_low"] <= found["first"]).all()
    assert (found["total"] <= found["total_high"]).all()
    pd.testing.assert_frame_equal(found.reset_index(), sobol_effects(y, table["sample"], ("a", "b")))
    alone = sobol_effects(y, table["sample"].replace("A with b of B", "another"), ("a",))
    pd.testing.assert_frame_equal(alone, found.reset_index().iloc[:1])
    alike = sobol_effects(0 * y, table["sample"], ("a", "b"))
    assert alike[["first", "total"]].isna().all(axis=None)


def test_a_tornado_has_the_paired_differences_and_the_widest_swing_on_top():
    def figures(*values):
        return PathFigures(0, {"loss": np.array(values)}, {"loss": "ratio"})

    readings = {
        "own": figures(1.0, 2.0, 3.0),
        "a low": figures(0.5, 1.5, 2.5),
        "a high": figures(1.5, 2.5, 3.5),
        "b low": figures(1.0, 2.0, 3.0),
        "b high": figures(4.0, 6.0, 8.0),
        "c low": figures(-1.0, 0.0, 1.0),
        "c high": figures(-1.0, 0.0, 1.0),
    }
    found = tornado_effects(readings, {"a": (0, 1), "b": (10, 30), "c": (1, 2)}, "loss")
    assert list(found["key"]) == ["b", "c", "a"]  # both ends of c lie on one side of where the scenario stands
    np.testing.assert_allclose(found[["low", "high"]], [[0, 4], [-2, -2], [-0.5, 0.5]])
    row = found.iloc[2]  # all differences alike: no doubt about the mean
    assert row["high_from"] == pytest.approx(row["high_to"]) == pytest.approx(0.5)


def test_a_share_that_was_never_seen_is_not_yet_known():
    assert standard_error(np.zeros(50), share=False) == 0
    assert standard_error(np.zeros(50), share=True) == pytest.approx(0.0182, abs=1e-4)  # Wilson: 0..0.0714
    assert standard_error(np.array([1.0, np.nan, 3.0]), share=False) == pytest.approx(1.0)
    assert math.isinf(standard_error(np.array([1.0, np.nan]), share=False))


def test_a_mean_is_over_the_paths_of_which_a_figure_is_known():
    assert mean(np.array([1.0, np.nan, 3.0])) == 2.0
    assert math.isnan(mean(np.array([np.nan, np.nan])))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=1", "must be KEY"),
        ("funds.crowding=", "must be KEY"),
        ("funds.crowding=0.5", "two or more different values"),
        ("funds.crowding=0.5,0.5", "two or more different values"),
        ("funds.crowding=1:0", "must be LOW:HIGH"),
        ("funds.crowding=0:nan", "must be LOW:HIGH"),
        ("funds.crowding=0:1:1", "steps = 1"),
        ("funds.crowding=0:1:2:3", "must be LOW:HIGH"),
    ],
)
def test_what_cannot_be_varied_is_one_line(text, told):
    with pytest.raises(InputError, match=told):
        parse_turned([text])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"design": "random"}, "design = random: must be one of grid"),
        ({"design": "sobol"}, r"--vary funds.crowding: has bare values"),
        ({"vary": ["impact.strength=1:2"], "design": "sobol", "points": 48}, "power of 2"),
        ({"points": 1}, "points = 1"),
        ({"error": -1.0}, "error = -1"),
        ({"figure": "no_such"}, "figure = no_such: must be one of"),
        ({"vary": ["funds.no_such=0:1"]}, "no_such"),
        ({"vary": ["market.stocks=0:1"], "design": "latin-hypercube"}, "whole number"),
        ({"vary": ["funds.crowding=0.5,7"]}, "funds.crowding"),
    ],
)
def test_what_cannot_be_swept_is_one_line(small, changes, told):
    with pytest.raises(InputError, match=told) as refused:
        sweep(small, **({"vary": KEYS} | changes), paths=2)
    assert "\n" not in str(refused.value).strip()


def outcome_of(scenario, changes, paths, seed):
    market = Market(changed(bare(scenario), changes).settings, seed, paths)
    while market.day < market.settings.clock.days:
        market.step(1)
    return Outcome(market.settings, market.record, market.desk_result)


def test_a_point_is_the_run_with_those_keys_on_the_same_paths(small):
    found = sweep(small, KEYS, paths=7, seed=4)
    assert len(found.points) == 6
    point = found.points.iloc[4]
    changes = {key: float(point[key]) for key in found.keys}
    there = {name: figure.values for name, figure in figures(outcome_of(small, changes, 7, 4)).items()}
    for name in ("forced_share", "fund_trough", "crowded_book_trough"):
        assert there[name].mean() == pytest.approx(point[name], rel=1e-12)
    twin = figures(outcome_of(small, changes | {"liquidator.size": 0.0}, 7, 4))["forced_share"].values
    assert twin.mean() == pytest.approx(point["forced_share_baseline"], rel=1e-12)
    alone = sweep(small, KEYS, paths=7, seed=4, baseline=False, workers=1)
    pd.testing.assert_frame_equal(alone.points, found.points.drop(columns="forced_share_baseline"))


def test_paths_are_added_until_the_standard_error_is_small_enough(small):
    found = sweep(small, KEYS, figure="crowded_book_trough", error=0.002, paths=400, baseline=False)
    points = found.points
    assert points["paths"].min() < points["paths"].max()
    assert ((points["crowded_book_trough_error"] <= 0.002) | (points["paths"] == 400)).all()
    assert (points["paths"] % 50 == 0).all()


def test_of_large_markets_too_all_paths_are_read(small, monkeypatch):
    more = {"figure": "crowded_book_trough", "seed": 2, "baseline": False}
    whole = sweep(small, KEYS, paths=7, **more).points
    monkeypatch.setattr(ensemble, "ROOM", 3 * bytes_a_path(small.settings))
    pd.testing.assert_frame_equal(sweep(small, KEYS, paths=7, **more).points, whole, check_exact=True)
    many = sweep(small, KEYS, error=0.002, paths=90, **more).points
    assert ((many["crowded_book_trough_error"] <= 0.002) | (many["paths"] == 90)).all()
    assert many["paths"].min() > 50


def test_keys_that_are_no_numbers_are_swept_too(small):
    found = sweep(small, ["impact.law=square_root,linear", "funds.count=5,8"], paths=2, baseline=False)
    assert [(row["impact.law"], row["funds.count"]) for row in found.points.to_dict("records")] == [
        ("square_root", 5),
        ("square_root", 8),
        ("linear", 5),
        ("linear", 8),
    ]


def test_other_processes_give_the_same_digits(small):
    here = sweep(small, KEYS, paths=4, baseline=False).points
    with executor_named("processes", 2) as pool:
        there = sweep(small, KEYS, paths=4, baseline=False, executor=pool).points
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    with pytest.raises(InputError, match="executor abacus: must be threads"), executor_named("abacus"):
        pass


@pytest.mark.slow
def test_a_cluster_gives_the_same_digits_and_survives_a_lost_worker(small):
    distributed = pytest.importorskip("distributed")
    here = sweep(small, KEYS, paths=200, baseline=False).points
    killed = []
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        executor_named(f"dask:{cluster.scheduler_address}") as pool,
    ):
        victim = next(iter(cluster.workers.values())).pid

        def watched(share):
            if not killed and share > 0:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        there = sweep(small, KEYS, paths=200, baseline=False, executor=pool, progress=watched).points
    assert killed
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_a_market_out_of_its_range_is_a_finding(small):
    wild = load_scenario(small, {"funds.capital": 40.0})
    found = sweep(wild, ["impact.strength=1,40", "impact.permanent=0.1,9"], paths=3, baseline=False)
    assert found.failed > 0
    failed = found.points[found.points["fault"] != ""]
    assert failed["forced_share"].isna().all()
    assert (failed["paths"] == 0).all()


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ("shock=-1,0", "shock must lie in -0.6..1"),
        ("shock=a,b", "must be finite numbers"),
        ("liquidator.days=a,b", "must be finite numbers"),
        ("liquidator.days=inf,2", "must be finite numbers"),
        ("market.news_scale=a,b", "must be finite numbers"),
    ],
)
def test_values_that_are_reckoned_with_are_checked_first(vary, told):
    with pytest.raises(InputError, match=told):
        sweep("quake-2007", [vary], paths=2)


def test_a_shock_is_what_it_says_at_any_scale_of_the_news():
    scenario = load_scenario("quake-2007")
    for scale in (0.5, 2.0):
        settings = market_at(scenario, {"shock": 0.05, "market.news_scale": scale})
        assert settings.news[-1].move * settings.market.news_scale == pytest.approx(math.log(1.05))
    with pytest.raises(InputError, match="takes every dated move away"):
        market_at(scenario, {"shock": 0.05, "market.news_scale": 0.0})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("desk.policy=full,partial:confidence=0.95", ("full", "partial:confidence=0.95")),
        ("desk.policy=full,'partial:gain=betadyn,lock_rule=daily'", ("full", "partial:gain=betadyn,lock_rule=daily")),
        ("funds.severity=[0, 1],[0.5, 1]", ((0, 1), (0.5, 1))),
        ("desk.starts=2007-08-01,2007-08-02", (date(2007, 8, 1), date(2007, 8, 2))),
    ],
)
def test_values_of_every_kind_can_be_listed(text, values):
    (found,) = parse_turned([text])
    assert found.values == values
