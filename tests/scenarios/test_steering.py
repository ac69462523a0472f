"""Steered paths: to a known far quantile, by the market's own noise in all other directions, and in the engine."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from abm import Market, trade_day
from abm.randomness import DayNoise, market_normals
from abm.steering import Steer, bar_shares, market_moves
from cqkit.errors import InputError
from hedging.reserves import reflection_reserve
from scenarios import load_scenario, reserve
from scenarios.ensemble import Case, Size, simulate
from scenarios.reserves.steering import PLAIN, STEERED, Pilot, Proposal, Tail

LEVEL = 0.999
DAYS, VOLATILITY = 8, 0.02


# -- a Gaussian market, whose quantile is known ------------------------------------------------------------------------


def last_rise(moves, generator, rest):
    """Daily moves of an index that rises to its end, and a need that follows its Gaussian part, of known quantile."""
    noise = VOLATILITY * moves + rest * generator.standard_normal(moves.shape)
    return 0.05 + noise, 0.1 + noise.sum(axis=1)


def answers(seed, rest, paths, pilots=300):
    """Ten answers of one proposal."""
    generator = np.random.default_rng(seed)
    moves = generator.standard_normal((pilots, DAYS))
    proposal = Proposal.of(Pilot(moves, *last_rise(moves, generator, rest)), LEVEL, seed)
    for turn in range(10):
        steer, weights = proposal.draw(paths, 10 * seed + turn, pilots)
        moves = generator.standard_normal((paths, DAYS))
        moves += np.outer(steer.scores - moves @ steer.direction, steer.direction)
        yield Tail.of(LEVEL, last_rise(moves, generator, rest)[1], weights, pilots)


@pytest.mark.parametrize(("rest", "paths", "factor"), [(0.2, 1000, 40), (0.5, 2000, 8), (1.0, 8000, 2)])
def test_the_interval_covers_the_gaussian_market_s_quantile(rest, paths, factor):
    """However much else moves the need; what paths are worth falls with that, and more of them are needed."""
    found = [one for seed in range(6) for one in answers(seed, rest * VOLATILITY, paths)]
    told = [one for one in found if one.told]
    truth = 0.1 + norm.ppf(LEVEL) * VOLATILITY * np.sqrt(DAYS * (1 + rest**2))
    assert len(told) >= 50
    assert np.mean([one.found.low <= truth <= one.found.high for one in told]) >= 0.87
    values = np.array([one.found.value for one in told])
    assert values.mean() == pytest.approx(truth, rel=0.01)
    density = norm.pdf(norm.ppf(LEVEL)) / (VOLATILITY * np.sqrt(DAYS * (1 + rest**2)))
    worth = LEVEL * (1 - LEVEL) / (values.var() * density**2)
    assert worth > factor * (paths + 300)
    assert np.median([one.plain_paths for one in told]) == pytest.approx(worth, rel=0.6)


def test_the_direction_ends_where_nothing_can_be_added():
    """An index that falls for certain after half of its days is at its highest before."""
    generator = np.random.default_rng(1)
    moves = generator.standard_normal((400, DAYS))
    index = VOLATILITY * moves
    index[:, DAYS // 2 :] -= 0.2
    pilot = Pilot(moves, index, np.cumsum(index, axis=1).max(axis=1))
    direction = Proposal.of(pilot, LEVEL, 1).direction
    assert np.linalg.norm(direction) == pytest.approx(1)
    assert (direction[: DAYS // 2] > 0.3).all()
    assert (direction[DAYS // 2 :] < 0.01).all()


def test_where_the_market_says_nothing_scores_are_as_plain_as_they_can_be():
    generator = np.random.default_rng(1)
    moves = generator.standard_normal((400, DAYS))
    proposal = Proposal.of(Pilot(moves, VOLATILITY * moves, generator.standard_normal(400)), LEVEL, 1)
    _, weights = proposal.draw(1000, 1, 0)
    assert (weights**2).mean() < 2  # of plain paths: 1
    assert weights.mean() == pytest.approx(1, abs=0.02)


# -- the engine --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def settings(small_file):
    return load_scenario(small_file, {"market.overnight": 0.2}).settings


def test_market_normals_are_those_that_the_day_draws(settings):
    bars, market = settings.clock.bars, settings.market
    noise = DayNoise.empty(bars, market.factors, market.stocks)
    noise.draw(5, 3, 2)
    np.testing.assert_array_equal(market_normals(5, 3, 2, bars, market.factors), noise.common[:, 0])


def test_a_steered_market_goes_as_far_as_asked_and_by_its_own_noise_otherwise(settings):
    direction = np.linspace(1, 2, settings.clock.days)
    direction /= np.linalg.norm(direction)
    steer = Steer(direction, np.array([0.0, 2.0, 4.0]), first=7)
    lift = steer.lift(settings, 5, 8, 2)
    roots = np.sqrt(bar_shares(settings))
    own = market_moves(settings, 5, 8, 2)
    moves = own + lift @ roots
    np.testing.assert_allclose(moves @ direction, [2.0, 4.0])
    np.testing.assert_allclose(
        moves - np.outer(moves @ direction, direction), own - np.outer(own @ direction, direction)
    )
    plain, steered = (Market(settings, 5, 2, 8) for _ in range(2))
    steered.lift = lift
    rising = [market.run(1)["index"] for market in (plain, steered)]
    total = [np.log1p(one).sum(axis=1) for one in rising]
    assert (total[1] > total[0] + 0.02).all()


def test_markets_that_are_steered_otherwise_share_no_noise(settings):
    plain, steered = (Market(settings, 1) for _ in range(2))
    steered.lift = np.zeros((1, settings.clock.days, settings.clock.bars))
    with pytest.raises(ValueError, match="lift"):
        trade_day([plain, steered])


def test_steered_paths_are_the_same_whatever_is_done_at_a_time(settings):
    direction = np.full(settings.clock.days, settings.clock.days**-0.5)
    cases = {"plain": Case(settings), "steered": Case.steered(settings, Steer(direction, np.linspace(0, 3, 6), 4))}
    found = [
        simulate(cases, total_rise, paths=4, seed=2, size=Size(block, batch), workers=workers)
        for block, batch, workers in ((100, 16, 1), (3, 1, 2))
    ]
    for key, paths in (("plain", 4), ("steered", 6)):
        whole, cut = (np.concatenate(one[key]) for one in found)
        assert whole.size == paths
        np.testing.assert_array_equal(whole, cut)


def test_how_far_a_path_is_lifted_does_not_depend_on_others(settings):
    days = settings.clock.days
    steer = Steer(np.full(days, days**-0.5), np.linspace(-2, 3, 37))
    whole = steer.lift(settings, 3, 0, 37)
    for some in (1, 2, 5):
        parts = [steer.lift(settings, 3, first, min(some, 37 - first)) for first in range(0, 37, some)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def total_rise(_, market):
    return np.log1p(market.record["index"]).sum(axis=1)


# -- the question ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(small_file):
    """No liquidator, no impact, no passing noise: the reflection formula at the index's own volatility."""
    calm = {"liquidator.size": 0.0, "impact.strength": 0.0, "impact.permanent": 0.0, "market.transient_volatility": 0.0}
    scenario = load_scenario(small_file, calm | {"clock.days": 20})
    return scenario, reserve(
        scenario, policies=["full"], margin=0.1, paths=200, seed=2, crowding=(0.2,), level=LEVEL, tail_paths=400
    )


def test_a_market_in_which_nothing_happens_needs_what_a_brownian_index_needs(found):
    scenario, answered = found
    moves = np.log1p(Market(scenario.settings, seed=2, paths=400).run(1)["index"])
    row = answered.reserves[answered.reserves["confidence"] == LEVEL].iloc[0]
    truth = reflection_reserve(moves.std() * np.sqrt(250), LEVEL, 20 / 250, 0.1, bars_per_year=250)
    assert row["low"] <= 1.02 * truth
    assert row["high"] >= 0.98 * truth  # the volatility is an estimate, too
    assert row["reserve"] == pytest.approx(truth, rel=0.06)
    assert (row["sampling"], row["paths"]) == (STEERED, 400)


def test_what_it_is_worth_is_in_the_rows(found):
    _, answered = found
    rows = answered.reserves.set_index("confidence")
    assert rows["sampling"].tolist() == [PLAIN, PLAIN, STEERED]
    assert rows.loc[0.95, "plain_paths"] == 200
    assert rows.loc[LEVEL, "plain_paths"] == pytest.approx(rows.loc[LEVEL, "factor"] * 600)
    assert rows.loc[LEVEL, "factor"] > 10
    assert "in 99.9 cases of 100" in answered.sentence
    assert answered.crowding["reserve_99.9"].notna().all()


def test_plain_rows_are_those_of_a_question_without_a_level(found):
    scenario, answered = found
    plain = reserve(
        scenario, policies=["full"], margin=0.1, paths=200, seed=2, crowding=(), level=LEVEL, sampling=PLAIN
    )
    np.testing.assert_array_equal(plain.answers[0].needs.required, answered.answers[0].needs.required)
    assert np.isnan(plain.reserves["reserve"].iloc[-1])  # 200 plain paths do not tell it
    assert plain.reserves["paths_needed"].iloc[-1] == 3688


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"level": 99.9}, "not percent"),
        ({"level": 0.5}, "0.9..0.99999"),
        ({"level": LEVEL, "sampling": "stratified"}, "plain or steered"),
        ({"level": LEVEL, "tail_paths": 101}, "be even"),
        ({"tail_paths": 200}, "without a level"),
        ({"level": LEVEL, "paths": 50}, "at least 100"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(small_file, options, said):
    with pytest.raises(InputError, match=said):
        reserve(str(small_file), **options)


def test_a_market_that_does_not_move_cannot_be_steered(small_file):
    with pytest.raises(InputError, match="market_volatility = 0"):
        reserve(str(small_file), level=LEVEL, overrides={"market.market_volatility": 0.0})
