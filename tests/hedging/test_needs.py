"""What a hedge needed and was called for, by path; quantiles and intervals against the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import Terms, make_path_model, make_policy, replay
from hedging.reserves import HedgeNeeds, paths_needed, reflection_reserve, simulate_needs, simulate_reserve

BOOK = 1e8
HELD = Terms(execution="close", gains_fund_margin=True, reserve=0.15)


def hedged(*paths, **terms):
    index = np.array(paths, dtype=float)
    return replay(make_policy("full"), index, start_value=BOOK, terms=HELD, **terms)


def day(number):
    return f"day {number}"


def test_by_hand():
    """Margin is 10 % of the index, losses its rise: 32 and 43 % of the book where it rises by 20 and 30 %."""
    needs = HedgeNeeds.of(hedged([100, 120, 130, 100], [100, 100, 90, 95]))
    np.testing.assert_allclose(needs.required, [0.43, 0.10])
    assert needs.first_day.tolist() == [1, -1]
    assert needs.calls.tolist() == [2, 0]
    np.testing.assert_allclose(needs.first_call, [0.32 - 0.15, 0])
    np.testing.assert_allclose(needs.new_money, [0.43 - 0.15, 0])
    np.testing.assert_allclose(needs.shortfall, [0.28, 0], atol=1e-15)
    found = needs.calls_found(day)
    assert (found["probability"], found["calls_most"], found["first_most_frequent"]) == (0.5, 2, "day 1")
    assert found["new_money_mean"] == pytest.approx(0.28)  # of the path with a call
    assert found["shortfall_expected"] == pytest.approx(0.14)  # of both
    assert found["kept"] == pytest.approx(1 / 1.15)


def test_nobody_called_is_told_as_nothing():
    found = HedgeNeeds.of(hedged([100, 99], [100, 98])).calls_found(day)
    assert found["first_most_frequent"] == found["first_q50"] == ""
    assert found["first_call"] == found["calls_mean"] == found["new_money_most"] == 0
    assert found["probability"] == 0 < found["high"]


@given(
    moves=st.lists(st.lists(st.floats(-0.2, 0.2), min_size=4, max_size=4), min_size=2, max_size=6),
    reserve=st.floats(0, 0.5),
)
def test_what_is_called_in_all_is_what_the_reserve_falls_short_of(moves, reserve):
    """Calls ask for new money only, so that they add up to the largest shortfall, whatever the path."""
    index = 100 * np.exp(np.cumsum(np.insert(np.array(moves), 0, 0.0, axis=1), axis=1))
    result = replay(make_policy("full-rebalanced"), index, start_value=BOOK, terms=HELD, reserve=reserve)
    needs = HedgeNeeds.of(result)
    np.testing.assert_allclose(needs.new_money, needs.shortfall, atol=1e-8)
    np.testing.assert_allclose(needs.shortfall, np.maximum(needs.required - reserve, 0), atol=1e-12)
    assert ((needs.first_day >= 0) == (needs.calls > 0)).all()
    assert (needs.first_call <= needs.new_money + 1e-15).all()


def test_the_reserve_held_changes_no_need():
    model, policy = make_path_model("gbm"), make_policy("partial")
    common = {"days": 30, "start_value": BOOK, "paths": 200}
    low, high = (simulate_needs(policy, model, terms=Terms(reserve=held), **common) for held in (0.01, 1.0))
    np.testing.assert_array_equal(low.required, high.required)
    np.testing.assert_array_equal(low.required, simulate_reserve(policy, model, **common).required)
    assert low.calls.sum() > 0 == high.calls.sum()


def test_without_a_reserve_nothing_is_called():
    with pytest.raises(InputError, match="reserve: must be given"):
        HedgeNeeds.of(replay(make_policy("full"), [100.0, 110.0], start_value=BOOK))


@pytest.mark.parametrize(("confidence", "needed"), [(0.95, 72), (0.99, 368), (0.999, 3688)])
def test_no_quantile_is_told_that_the_paths_cannot_bound(confidence, needed):
    """The largest of n draws is above the quantile with probability 1 - c^n, which must reach 97.5 %."""
    assert paths_needed(confidence) == needed
    assert 1 - confidence**needed >= 0.975 > 1 - confidence ** (needed - 1)
    rng = np.random.default_rng(1)
    result = hedged(*(100 * np.exp(rng.normal(0, 0.1, (needed, 2)))))
    enough = HedgeNeeds.of(result)
    (row,), (short,) = enough.reserves([confidence]), enough.some(range(needed - 1)).reserves([confidence])
    assert row["low"] <= row["reserve"] <= row["high"] <= enough.required.max()
    assert np.isnan([short["reserve"], short["low"], short["high"]]).all()
    assert short["paths_needed"] == needed


def test_intervals_cover_the_reflection_formula():
    """No crowd, a lognormal index: 200 repetitions against the closed form, corrected for daily closes (Broadie,
    Glasserman and Kou, 0.5826)."""
    days, paths, sigma, margin = 60, 800, 0.25, 0.10
    policy, model = make_policy("full"), make_path_model("gbm", volatility=sigma)
    truth = {c: reflection_reserve(sigma, c, days / 250, margin, bars_per_year=250) for c in (0.95, 0.99)}
    covered = dict.fromkeys(truth, 0)
    for seed in range(200):
        needs = simulate_needs(policy, model, days=days, start_value=BOOK, terms=HELD, paths=paths, seed=seed, warmup=0)
        for row in needs.reserves(list(truth)):
            covered[row["confidence"]] += row["low"] <= truth[row["confidence"]] <= row["high"]
    assert min(covered.values()) >= 182  # 91 % of 200
