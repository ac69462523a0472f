"""Reverse stress: the known root lies within the interval, and what is no answer is told as such."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from abm import Market
from cqkit.errors import InputError
from scenarios import breakpoint, load_scenario, parse_overrides  # noqa: A004
from scenarios.dials import dial_of
from scenarios.reverse_stress import Breakpoint
from scenarios.studies.breakpoint import BreakpointStudy

# One fund, whose own rule sells at once what a loss asks for, in prices that trades alone move, in proportion and for
# good; somebody else sells very little of the same book before.
ONE_FUND = """\
title = "One fund"
[clock]
start = 2007-08-02
days = 8
bars = 13
event = 2007-08-03
[market]
stocks = 24
factors = 0
market_volatility = 0
factor_volatility = 0
transient_volatility = 0
fundamentals = false
[impact]
strength = 0
permanent = 0.3
half_spread = 0
[funds]
count = 1
styles = 1
crowding = 1
leverage = 1
leverage_spread = 0
capital = 1
headroom = [10.0, 10.0]
tolerance = [0.0, 0.0]
severity = [4.0, 4.0]
mark_days = 1e6
cut_days = 1e-3
intraday_share = 1
reentry_share = 0
[opportunists]
capital = 0
[liquidator]
size = 1e-4
starts = 0
days = 0.0769
[index_sector]
holding = 0
"""
SIZE, SEVERITY, CAPITAL, LOSS = 1e-4, 4.0, 1.0, 1e-4


@pytest.fixture(scope="module")
def one_fund(tmp_path_factory):
    path = tmp_path_factory.mktemp("breakpoint") / "one-fund.toml"
    path.write_text(ONE_FUND, encoding="utf-8")
    return load_scenario(path)


def depths(scenario, seed, paths) -> np.ndarray:
    """What a unit of the book loses for each unit sold, sum over stocks of lambda sigma Q^2 / ADV, shape (paths,)."""
    market = Market(scenario.settings, seed, paths)
    stocks, book = market.state.stocks, market.state.baskets.shares[:, 0]
    return (scenario.impact.permanent * stocks.volatility / stocks.adv * book**2).sum(axis=1)


def critical_leverages(depth) -> np.ndarray:
    """Leverage at which the loss over equity is LOSS: l D q / (1 - g) = LOSS with the loop gain g = D severity C l^2.

    A loss of x on a unit of the book makes the fund sell severity B^2 / E x = severity C l^2 x units, each of which
    costs D more (docs/model.md, section 6). As LOSS grows the root goes to the critical leverage, g = 1.
    """
    loop, first = depth * SEVERITY * CAPITAL, depth * SIZE
    return (np.sqrt(first**2 + 4 * LOSS**2 * loop) - first) / (2 * LOSS * loop)


@pytest.fixture(scope="module")
def found(one_fund) -> Breakpoint:
    return breakpoint(one_fund, "funds.leverage", ranges=(1, 4), loss=LOSS, of="crowd", paths=40, seed=2)


def test_the_critical_leverage_of_one_fund_under_linear_impact_lies_in_the_interval(one_fund, found):
    answer = found.answers.iloc[0]
    depth = depths(one_fund, seed=99, paths=2000)
    truth = float(np.median(critical_leverages(depth)))
    gain = float(np.median(depth)) * SEVERITY * CAPITAL * truth**2
    assert 0.85 < gain < 1
    assert answer["outcome"] == "found"
    assert answer["low"] <= truth <= answer["high"]
    assert answer["high"] / answer["low"] < 1.5


def test_every_path_is_hit_from_its_own_critical_leverage_on(one_fund, found):
    own = critical_leverages(depths(one_fund, seed=2, paths=40))
    for row in found.evaluations.to_dict("records"):
        near = np.abs(own / row["value"] - 1) < 2e-3  # the loop is of small losses, and as fine as its bars
        assert abs(row["hits"] - (own < row["value"]).sum()) <= near.sum()
    middle = np.sort(own)[19]
    grid = found.evaluations["value"].to_numpy()
    place = np.searchsorted(grid, middle)
    assert grid[place - 1] * 0.998 <= found.answers["value"].iloc[0] <= grid[place] * 1.002


def test_the_same_seed_gives_the_same_answer_whoever_works(small):
    asked = {"ranges": (0.5, 4.0), "loss": 0.03, "of": "crowd", "paths": 8, "seed": 4}
    one, two = (breakpoint(small, "funds.leverage", **asked, workers=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.answers, two.answers)
    pd.testing.assert_frame_equal(one.evaluations, two.evaluations)


def test_less_reserve_is_called_sooner_and_what_a_path_needs_is_where(small):
    asked = {"paths": 12, "seed": 4, "policy": "full"}
    found = breakpoint(small, "desk.reserve", **asked)
    market = Market(load_scenario(small, {"desk.policy": "full"}).settings, 4, 12)
    market.run(1)
    needed = np.sort(market.desk_result.required_reserve)
    answer = found.answers.iloc[0]
    assert (answer["outcome"], answer["rises"]) == ("found", False)
    assert answer["low"] <= needed[6] <= answer["high"]  # six of twelve need more
    assert (np.diff(found.evaluations["probability"]) <= 0).all()
    told = found.finding
    assert "once the desk's reserve falls to" in told
    assert told.count(".") - told.count("0.") >= 1
    assert found.dial.values[0] == 0
    assert 0.12 in found.dial.values


def test_a_second_key_gives_a_frontier_of_single_answers(small):
    asked = {"loss": 0.03, "of": "crowd", "paths": 8, "seed": 4}
    both = breakpoint(small, ["funds.leverage", "liquidator.size"], ranges=[(0.5, 4), (0.1, 0.9)], points=2, **asked)
    assert both.answers["other"].tolist() == [0.1, 0.9]
    for row in both.answers.to_dict("records"):
        one = breakpoint(small, "funds.leverage", ranges=(0.5, 4), overrides={"liquidator.size": row["other"]}, **asked)
        single = one.answers.iloc[0].to_dict()
        assert {**single, "other": 0} == pytest.approx({**row, "other": 0}, nan_ok=True)
    assert "of 2 values of the liquidator's book" in both.finding


def test_never_and_always_are_told(small):
    asked = {"paths": 6, "seed": 1, "of": "crowd", "ranges": (0.1, 1)}
    never = breakpoint(small, "funds.crowding", loss=9.0, **asked)
    assert "the breakpoint is not within the range tried; the highest chance seen is 0 %" in never.finding
    always = breakpoint(small, "funds.crowding", loss=1e-9, **asked)
    assert "is 50 % or more at every value of the crowd's overlap from 0.1 to 1; the lowest chance" in always.finding


def test_a_response_that_turns_is_told_and_not_searched(small, found, monkeypatch):
    rows = found.evaluations.copy()
    hump = Breakpoint(
        found.scenario, found.dials, found.event, 0.5,
        found.answers.assign(outcome="not monotone", value=math.nan, low=math.nan, high=math.nan),
        rows.assign(probability=[float(2 < value < 3) for value in rows["value"]]), 40, 1, found.manifest,
    )  # fmt: skip
    assert "does not go one way as the crowd's leverage goes from 1 to 4" in hump.finding
    assert "it is 50 % or more from" in hump.finding


def test_a_shock_is_a_move_of_the_market_on_the_event_s_day(small):
    quiet = {"market.market_volatility": 0.0, "funds.capital": 0.0, "liquidator.size": 0.0, "index_sector.holding": 0.0}
    scenario = load_scenario(
        small, {**quiet, "desk.policy": "none", "desk.tilt": 0.0, "market.stock_volatility": 1e-6, "market.factors": 0}
    )
    found = breakpoint(scenario, "shock", loss=0.07, paths=6, overrides={"market.news_scale": 0.5})
    answer = found.answers.iloc[0]
    assert answer["low"] <= -0.07 <= answer["high"]
    assert answer["value"] == pytest.approx(-0.07, abs=0.002)
    assert "once the market's further move on the event's day falls to -7" in found.finding


def test_a_range_is_the_box_s_where_there_is_one():
    scenario = load_scenario("quake-2007")
    leverage = dial_of(scenario, "funds.leverage")
    assert (leverage.values, leverage.own, leverage.tested) == ((1, 1.5, 2, 2.35, 3, 4, 5, 6), 2.35, True)
    size = dial_of(scenario, "liquidator.size")
    assert size.values[-1] == pytest.approx(2.35 * 1.73)  # all of the crowd's book
    assert "(50 % of the crowd's book)" in size.told(size.values[-1] / 2)
    assert dial_of(scenario, "funds.leverage", (2, 3)).values == (2, 2.25, 2.35, 2.5, 2.75, 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"vary": "funds.leverag"}, r"unknown number of \[funds\]; did you mean leverage\?"),
        ({"vary": "desk.policy"}, r"unknown number of \[desk\]"),
        ({"vary": "funds.count"}, "is a whole number"),
        ({"vary": "nobody.here"}, "unknown section"),
        ({"vary": "funds.capital"}, "give --range LOW,HIGH"),
        ({"vary": "market.news_scale"}, "no dated news to scale"),
        ({"vary": ["funds.leverage"] * 2}, "one key or two different ones"),
        ({"vary": ["desk.reserve", "funds.leverage", "shock"]}, "one key or two"),
        ({"vary": ["shock", "market.news_scale"]}, "one at a time"),
        ({"vary": "funds.leverage", "ranges": (3, 1)}, "the lower one first"),
        ({"vary": "funds.crowding", "ranges": (0, 2)}, r"funds\.crowding = 2: must lie in 0\.\.1 \(a cosine\)"),
        ({"vary": "shock", "ranges": (-1, 0)}, r"shock must lie in -0\.6\.\.1"),
        ({"vary": "desk.reserve", "paths": 1}, "paths = 1: must be at least 6"),
        ({"vary": "desk.reserve", "level": 0.05, "paths": 50}, "must be at least 72"),
        ({"vary": "desk.reserve", "level": 50}, "not percent"),
        ({"vary": "desk.reserve", "loss": 20}, "not percent"),
        ({"vary": "desk.reserve", "of": "crowd"}, "must come with a loss"),
        ({"vary": "desk.reserve", "of": "me", "loss": 0.1}, "of = me"),
        ({"vary": "desk.reserve", "points": 1}, "points = 1"),
        ({"vary": "desk.reserve", "overrides": {"desk.size": 0}}, "no desk"),
        ({"vary": "liquidator.days", "ranges": (1, 5), "overrides": {"liquidator.size": 0}}, "no liquidator"),
    ],
)
def test_what_cannot_be_varied_is_a_line(small, arguments, told):
    with pytest.raises(InputError, match=told) as found:
        breakpoint(small, **{"paths": 6, **arguments})
    assert len(found.value.faults) == 1


def test_beyond_the_box_is_refused():
    with pytest.raises(InputError, match=r"funds\.leverage = 8: must lie in 1\.\.6, where this scenario was tested"):
        breakpoint("quake-2007", "funds.leverage", ranges=(1, 8))
    assert parse_overrides(["desk.policy=partial:gain=betadyn"]) == {"desk.policy": "partial:gain=betadyn"}


def test_a_sale_s_speed_is_compared_over_the_same_days(small):
    study = BreakpointStudy(("liquidator.days",), ((0.5, 10.0),), loss=0.02)
    cases = study.cases(small, 6, 1)
    assert {case.settings.clock.days for case in cases.values()} == {small.clock.days + 8}  # ten instead of two
    assert [case.settings.liquidator.days for case in cases.values()] == [0.5, 2, 2.875, 5.25, 7.625, 10]
