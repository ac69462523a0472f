"""The study of the crowd's reserve: points are runs, and the cliff is where the chance falls through one half."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm import Market
from cqkit.errors import InputError
from scenarios import Size, cliff, load_scenario, run
from scenarios.studies.cliff import SYSTEMIC, CliffStudy, Crowd, _half
from scenarios.words import parse_numbers, parse_vary

LONG = ({"clock.window": 500}, {"clock.window": 7})  # the run ends seven days after the eve


@pytest.fixture(scope="module")
def study(futures_file):
    return cliff(
        futures_file,
        reserves=(0.02, 0.5),
        policies=("full-rebalanced", "none"),
        vary={"funds.leverage": [1.0], "slump.length": [0.5, 1.25]},
        paths=6,
        seed=3,
    )


def test_a_point_is_a_run_with_that_reserve(study, futures_file):
    made = run(futures_file, paths=6, seed=3, overrides={"funds.reserve": 0.02}, counterfactuals=False)
    forced = made.events[(made.events["run"] == "main") & (made.events["kind"] == "forced_sale")]
    sold = forced.groupby("path")["amount"].sum().reindex(range(6), fill_value=0.0) / made.scenario.market.daily_value
    book = Market(made.scenario.settings, 3, 6).record.book
    assert study.points.loc[0, "systemic"] == np.mean(sold / book > SYSTEMIC) > 0


def test_results_do_not_depend_on_blocks_of_paths(study, futures_file, monkeypatch):
    monkeypatch.setattr(CliffStudy, "size", Size(block=4))
    cut = cliff(futures_file, reserves=(0.02, 0.5), policies=("full-rebalanced", "none"), paths=6, seed=3)
    whole = study.points[study.points["family"] == "policy"]
    pd.testing.assert_frame_equal(cut.points, whole.reset_index(drop=True), check_exact=True)


def test_a_deep_reserve_keeps_everybody_in(study):
    deep = study.points[study.points["reserve"] == 0.5]
    assert (deep["systemic"] == 0).all()
    assert (study.points["low"] <= study.points["systemic"]).all()
    assert (study.points["systemic"] <= study.points["high"]).all()


def test_carry_is_arithmetic_and_falls_with_the_reserve(study):
    own = study.points[study.points["series"] == "full-rebalanced"].set_index("reserve")
    assert own.loc[0.02, "carry"] == pytest.approx(study.alpha * own.loc[0.02, "book"])
    assert own.loc[0.02, "carry"] > own.loc[0.5, "carry"]
    np.testing.assert_allclose(own["with_slump"], own["carry"] + own["slump"])


def test_a_longer_slump_costs_more(study):
    by_label = study.points[study.points["reserve"] == 0.5].set_index("series")["slump"]
    assert by_label["slump.length = 1.25"] < by_label["slump.length = 0.5"]


@pytest.mark.parametrize(
    ("reserves", "where"),
    [
        ((0.02, 0.1), (0.02 + 0.08 * 15 / 35, 0.02, 0.1)),  # all that is known is that it lies between
        ((0.01, 0.03, 0.05, 0.07, 0.09), (0.05, 0.03, 0.07)),
        ((0.05, 0.2), (0.05, 0.0, 0.2)),  # an even chance at the first: where it begins is not known
        ((0.06, 0.2), (np.nan, np.nan, np.nan)),
        ((0.0, 0.04), (np.nan, np.nan, np.nan)),
    ],
)
def test_an_even_chance_is_known_no_better_than_the_reserves_tried_tell(reserves, where):
    needed, one = 0.01 + 0.08 * (np.arange(40) + 0.5) / 40, np.ones(40)
    crowds = [Crowd((needed > reserve).astype(float), one, one, one) for reserve in reserves]
    found = _half(reserves, crowds)
    np.testing.assert_allclose([found["half"], found["low"], found["high"]], where, atol=1e-12)


def test_the_study_does_not_depend_on_threads(futures_file):
    one, two = (cliff(futures_file, reserves=(0.02, 0.1), policies=("partial",), paths=3, workers=n) for n in (1, 2))
    assert one.points.equals(two.points)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"reserves": (0.1,)}, "two or more"),
        ({"reserves": (2, 5)}, "not percent"),
        ({"policies": ()}, "at least one"),
        ({"policies": ("fulll",)}, "fulll"),
        ({"policies": ("full", "full:x=1")}, "x"),
        ({"alpha": 8}, "alpha = 8"),
        ({"vary": {"funds.crowdin": [0.0]}}, "crowdin"),
        ({"vary": {"funds.crowding": [0.5, 0.5]}}, "given once"),
        ({"vary": {"slump.length": [0.0]}}, "slump.length = 0: must be above 0"),
        ({"vary": {"funds.reserve": [0.2]}}, "funds.reserve"),
        ({"paths": 0}, "paths = 0"),
    ],
)
def test_what_cannot_be_studied_is_a_line(futures_file, arguments, message):
    with pytest.raises(InputError, match=message) as found:
        cliff(futures_file, **arguments)
    assert len(found.value.faults) == 1


def test_a_crowd_without_swaps_has_no_reserve_to_vary(small):
    with pytest.raises(InputError, match="no swap-financed"):
        cliff(small)


def test_a_slump_needs_news_that_lasts(futures_file):
    calm = load_scenario(futures_file, {"news": []})
    with pytest.raises(InputError, match="goes on for days"):
        cliff(calm, vary={"slump.length": [3.0]})


def test_numbers_of_the_command_line_are_read_or_refused():
    assert parse_numbers("--reserve", "0.02, .05") == [0.02, 0.05]
    assert parse_vary(["funds.crowding=0,0.5"]) == {"funds.crowding": [0.0, 0.5]}
    for words in (["funds.crowding"], ["=1"], ["a.b=1", "a.b=2"], ["a.b=x"], ["a.b=nan"]):
        with pytest.raises(InputError):
            parse_vary(words)


def test_a_window_longer_than_the_run_counts_what_there_is(futures_file):
    far, near = (cliff(futures_file, reserves=(0.02, 0.1), policies=("full",), paths=2, overrides=o) for o in LONG)
    assert far.points.equals(near.points)
