"""Laws of the accounts: maintenance, margin rates in time, costs, rolls, and futures that are not the index."""

import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, policies, price_paths
from hypothesis import assume, given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import IF, FullHedge, FuturesContract, HedgeBook, Prices, Terms, TradingCosts, replay

FLAT = np.full((1, 6), 4000.0)


def maintained(ratio, margin=0.1):
    return FuturesContract("X", 300.0, margin, "CNY", maintenance_ratio=ratio)


def same_accounts(one, other):
    for name in one.record_names():
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@st.composite
def options(draw, days):
    """Any combination of what a replay can be told, for a window of so many days."""
    rolls = sorted(draw(st.sets(st.integers(1, days - 1)))) if days > 1 else []
    by_day = st.lists(st.floats(0.01, 0.5), min_size=days + 1, max_size=days + 1)
    return {
        "contract": maintained(draw(st.none() | st.floats(0.3, 1.0))),
        "reserve": draw(st.floats(0, 0.6)),
        "gains_fund_margin": draw(st.booleans()),
        "when_exhausted": draw(st.sampled_from(["top_up", "reduce"])),
        "round_contracts": draw(st.booleans()),
        "execution": draw(st.sampled_from(["close", "next_open"])),
        "cost": draw(st.floats(0, 0.05)),
        "roll_days": rolls,
        "roll_spread": draw(st.floats(-0.05, 0.05)),
        "margin_rates": draw(st.none() | by_day),
        "basis": draw(st.none() | by_day.map(lambda basis: [x - 0.25 for x in basis])),
    }


@given(data=st.data(), index=price_paths(largest_move=0.3), policy=policies())
def test_spot_futures_and_cash_are_the_start_and_the_pnl_less_costs_on_every_day(data, index, policy):
    days = index.shape[1] - 1
    chosen = data.draw(options(days))
    bars = Prices(index, open=index, high=index, low=index)
    futures = index * (1 + (0.0 if chosen["basis"] is None else np.array(chosen["basis"])))
    rates = chosen["margin_rates"]
    book = HedgeBook(
        policy,
        start_value=BOOK,
        days=days,
        start_price=bars.upto(1),
        start_futures=futures[:, 0],
        margin_rate=None if rates is None else rates[0],
        **{name: value for name, value in chosen.items() if name not in {"margin_rates", "basis"}},
    )
    for day in range(days + 1):
        if day:
            book.close(
                index[:, day],
                index[:, day] / index[:, 0],
                open=index[:, day],
                futures=futures[:, day],
                margin_rate=None if rates is None else rates[day],
            )
        result = book.result()
        assets = result.stock_value[:, -1] + book.account.cash
        pnl = result.spot_pnl[:, -1] + result.futures_pnl[:, -1]
        costs = result.costs[:, -1] + result.roll_costs[:, -1]
        np.testing.assert_allclose(assets, BOOK * (1 + chosen["reserve"]) + pnl - costs, atol=1e-6 * BOOK)
        np.testing.assert_allclose(result.hedged_pnl[:, -1], pnl - costs, atol=1e-6)
    whole = replay(policy, bars, start_value=BOOK, **chosen)
    for name in whole.record_names():
        np.testing.assert_allclose(getattr(whole, name), getattr(result, name), rtol=1e-9, atol=1e-6 * BOOK)


@given(data=st.data(), index=price_paths(largest_move=0.3, days=5), policy=policies())
def test_a_forced_reduction_that_pays_its_costs_leaves_no_shortfall_unless_nothing_is_left(data, index, policy):
    chosen = data.draw(options(5)) | {"when_exhausted": "reduce", "execution": "close", "basis": None}
    rates = chosen.pop("margin_rates")
    del chosen["basis"]
    book = HedgeBook(policy, start_value=BOOK, days=5, start_price=index[:, 0], **chosen)
    for day in range(1, 6):
        book.close(index[:, day], index[:, day] / index[:, 0], margin_rate=None if rates is None else rates[day])
        assert ((book.account.shortfall < 1e-6 * BOOK) | (book.held < 1e-12)).all()


# Maintenance margin.


@given(index=price_paths(), policy=policies(), gains_fund_margin=st.booleans())
def test_a_maintenance_margin_of_all_the_initial_one_is_the_daily_top_up(index, policy, gains_fund_margin):
    options = {"start_value": BOOK, "reserve": 0.2, "gains_fund_margin": gains_fund_margin}
    daily = replay(policy, index, contract=maintained(None), **options)
    full = replay(policy, index, contract=maintained(1.0), **options)
    for name in daily.record_names():
        np.testing.assert_allclose(getattr(full, name), getattr(daily, name), rtol=1e-9, atol=1e-6, err_msg=name)


@given(index=price_paths(), policy=policies(), ratio=st.floats(0.3, 1.0))
def test_a_maintenance_margin_below_the_initial_one_never_raises_the_need(index, policy, ratio):
    daily = replay(policy, index, start_value=BOOK)
    lenient = replay(policy, index, start_value=BOOK, contract=maintained(ratio))
    assert (lenient.capital_need <= daily.capital_need + 1e-6).all()
    assert (lenient.top_up_days <= daily.top_up_days).all()
    np.testing.assert_array_equal(lenient.hedged_pnl, daily.hedged_pnl)


def test_a_call_comes_below_maintenance_and_brings_the_deposit_back_to_the_initial_margin():
    # Deposit .1000 of the book; the losses of 1 and 2 % leave .09 and .08, the maintenance margin stands at .0808
    # and .0816.
    index = np.array([[4000.0, 4040.0, 4080.0, 4080.0]])
    result = replay(FullHedge(), index, start_value=BOOK, contract=maintained(0.8))
    np.testing.assert_allclose(result.top_up[0] / BOOK, [0, 0, 0.102 - 0.08, 0], atol=1e-12)
    np.testing.assert_allclose(result.capital_need[0] / BOOK, [0.1, 0.1, 0.122, 0.122])
    assert result.top_up_days == 1


def test_what_stands_above_the_initial_margin_goes_back_to_the_reserve():
    index = np.array([[4000.0, 3600.0, 3780.0]])
    result = replay(FullHedge(), index, start_value=BOOK, contract=maintained(0.5), gains_fund_margin=False)
    # At 3600 a deposit of .09 stays; the loss of .045 then leaves .045, less than half of .0945.
    np.testing.assert_allclose(result.capital_need[0] / BOOK, [0.1, 0.09, 0.0945])
    np.testing.assert_allclose(result.top_up[0] / BOOK, [0, 0, 0.0945 - 0.045], atol=1e-12)


# Margin rates.


@given(index=price_paths(days=6), low=st.floats(0.01, 0.3), high=st.floats(0.3, 0.9), day=st.integers(1, 6))
def test_a_raised_margin_goes_for_the_position_held_from_that_close_on(index, low, high, day):
    rates = np.where(np.arange(7) < day, low, high)
    contract = FuturesContract("X", 300.0, low, "CNY")
    terms = {"contract": contract, "margin_rates": rates, "gains_fund_margin": False}
    result = replay(FullHedge(), index, start_value=BOOK, **terms)
    rise = index / index[:, :1] - 1
    need = rates * (1 + rise) + np.maximum(rise, 0)
    np.testing.assert_allclose(result.capital_need / BOOK, need, rtol=1e-9)
    before = np.where(rise[:, :day].max(axis=1) >= 0, low + (1 + low) * rise[:, :day].max(axis=1), 0)
    after = rise[:, day:].max(axis=1)
    assume((after > 0).all())
    np.testing.assert_allclose(result.required_reserve, np.maximum(before, high + (1 + high) * after), rtol=1e-9)


@given(index=price_paths(), policy=policies())
def test_the_contract_s_own_margin_on_every_day_is_the_default(index, policy):
    default = replay(policy, index, start_value=BOOK, reserve=0.2)
    same_accounts(replay(policy, index, start_value=BOOK, reserve=0.2, margin_rates=0.1), default)
    by_path = np.full(index.shape, 0.1)
    same_accounts(replay(policy, index, start_value=BOOK, reserve=0.2, margin_rates=by_path), default)


def test_a_raised_margin_may_call_where_prices_stand_still():
    rates = [0.1, 0.1, 0.2, 0.2, 0.4, 0.4]
    result = replay(FullHedge(), FLAT, start_value=BOOK, contract=maintained(0.75), margin_rates=rates, reserve=0.25)
    np.testing.assert_allclose(result.top_up[0] / BOOK, [0, 0, 0.1, 0, 0.2, 0], atol=1e-12)
    np.testing.assert_allclose(result.shortfall[0] / BOOK, [0, 0, 0, 0, 0.15, 0.15], atol=1e-12)


# Costs and rolls.


@given(index=price_paths(days=6), policy=policies(), transaction=st.floats(0, 0.05), spread=st.floats(-0.05, 0.05))
def test_costs_and_rolls_lower_the_return_by_exactly_their_sum(index, policy, transaction, spread):
    free = replay(policy, index, start_value=BOOK)
    dear = replay(policy, index, start_value=BOOK, cost=transaction, roll_days=[2, 4], roll_spread=spread)
    np.testing.assert_array_equal(dear.contracts, free.contracts)
    np.testing.assert_allclose(dear.undiluted_return, free.undiluted_return - dear.cost, atol=1e-12)
    np.testing.assert_allclose(dear.cost * BOOK, dear.costs[:, -1] + dear.roll_costs[:, -1], atol=1e-6)


@given(index=price_paths(), transaction=st.floats(0, 0.05))
def test_a_full_hedge_pays_to_open_and_to_close(index, transaction):
    result = replay(FullHedge(), index, start_value=BOOK, cost=transaction)
    np.testing.assert_allclose(result.costs[:, 0], transaction * BOOK, atol=1e-9)
    np.testing.assert_allclose(result.cost, transaction * (1 + index[:, -1] / index[:, 0]), atol=1e-12)
    if index.shape[1] > 2:
        np.testing.assert_array_equal(result.costs[:, -2], result.costs[:, 0])


@given(index=price_paths(), transaction=st.floats(0, 0.05))
def test_every_trade_pays_for_its_notional(index, transaction):
    result = replay(Chaser(), index, start_value=BOOK, cost=transaction)
    traded = np.abs(np.diff(result.contracts[:, :-1], prepend=0.0))
    paid = (traded * index[:, :-1]).sum(axis=1) + result.contracts[:, -1] * index[:, -1]
    np.testing.assert_allclose(result.costs[:, -1], transaction * 300 * paid, rtol=1e-9, atol=1e-9)


def test_at_the_next_open_a_trade_pays_for_its_notional_there():
    index = np.array([[4000.0, 4400.0, 4400.0]])
    bars = Prices(index, open=[[4000.0, 4200.0, 4300.0]], high=index + 1, low=index - 400)
    result = replay(FullHedge(), bars, start_value=BOOK, execution="next_open", cost=0.01)
    np.testing.assert_allclose(result.costs[0] / BOOK, [0, 0.0105, 0.0105 + 0.011])


@given(index=price_paths(days=6), spread=st.floats(-0.05, 0.05))
def test_a_roll_costs_its_spread_on_the_notional_kept(index, spread):
    result = replay(FullHedge(), index, start_value=BOOK, roll_days=[3, 5], roll_spread=[spread, 0.01])
    rise = index / index[:, :1]
    np.testing.assert_allclose(result.roll_costs[:, 3] / BOOK, spread * rise[:, 3], atol=1e-12)
    np.testing.assert_allclose(result.roll_costs[:, -1] / BOOK, spread * rise[:, 3] + 0.01 * rise[:, 5], atol=1e-12)
    assert not result.costs.any()


def test_a_roll_trades_the_position_twice():
    result = replay(FullHedge(), FLAT, start_value=BOOK, cost=0.01, roll_days=[2])
    np.testing.assert_allclose(result.costs[0] / BOOK, [0.01, 0.01, 0.03, 0.03, 0.03, 0.04])


def test_costs_are_part_of_the_need_and_come_out_of_the_cash():
    terms = Terms(cost=0.01, roll_days=[2], roll_spread=0.05, reserve=0.12)
    result = replay(FullHedge(), FLAT, start_value=BOOK, terms=terms)
    np.testing.assert_allclose(result.capital_need[0] / BOOK, [0.11, 0.11, 0.18, 0.18, 0.18, 0.19])
    np.testing.assert_allclose(result.shortfall[0] / BOOK, [0, 0, 0.06, 0.06, 0.06, 0.07], atol=1e-12)


def test_a_long_position_receives_what_a_short_one_pays_at_a_roll():
    class Long(FullHedge):
        def contracts(self, view):
            return -super().contracts(view)

    rolls = Terms(roll_days=[2], roll_spread=0.02)
    short, long = (replay(policy, FLAT, start_value=BOOK, terms=rolls) for policy in (FullHedge(), Long()))
    np.testing.assert_allclose(long.roll_costs, -short.roll_costs)


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ({"transaction": 2.3}, "transaction = 2.3: must lie in 0..0.1 (a share of notional, not percent)"),
        ({"transaction": float("nan")}, "transaction = nan: must lie in 0..0.1"),
        ({"transaction": "much"}, "transaction = much: must lie in 0..0.1"),
        ({"roll_spread": 1.2}, "roll_spread = 1.2: must lie in -0.5..0.5 (a share of notional, not percent)"),
        ({"roll_spread": [0.1, 0.1], "roll_days": [1]}, "roll_spread: 2 of them: must be 1, one for each roll day"),
        ({"roll_days": [0]}, "roll_days: 0: must be whole numbers from 1 on"),
        ({"roll_days": [1.5]}, "roll_days: 1.5: must be whole numbers from 1 on"),
        ({"roll_days": [3, 3]}, "roll_days: 3, 3: must rise"),
    ],
)
def test_impossible_costs_are_named(terms, fault):
    with pytest.raises(InputError) as caught:
        TradingCosts(**terms)
    assert str(caught.value).startswith(fault)


def test_a_roll_on_the_day_of_closing_is_refused():
    with pytest.raises(
        InputError, match=r"roll_days: 5: must lie in 1\.\.4: on day 0 the position is opened, on day 5"
    ):
        replay(FullHedge(), FLAT, start_value=BOOK, roll_days=[4, 5])


# Futures that are not the index.


@given(index=price_paths(), policy=policies(), unit=st.sampled_from(["ratio", "points"]))
def test_no_basis_is_the_index(index, policy, unit):
    default = replay(policy, index, start_value=BOOK, reserve=0.2)
    same_accounts(replay(policy, index, start_value=BOOK, reserve=0.2, basis=0.0, basis_unit=unit), default)
    same_accounts(replay(policy, index, start_value=BOOK, reserve=0.2, futures=index), default)


@given(index=price_paths(), basis=st.floats(-0.2, 0.2))
def test_a_constant_ratio_basis_scales_futures_pnl_and_margin(index, basis):
    plain = replay(FullHedge(), index, start_value=BOOK)
    scaled = replay(FullHedge(), index, start_value=BOOK, basis=basis)
    for name in ("variation", "futures_pnl", "margin", "capital_need"):
        expected = (1 + basis) * getattr(plain, name)
        np.testing.assert_allclose(getattr(scaled, name), expected, rtol=1e-9, atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(scaled.contracts, plain.contracts)


@given(index=price_paths(), basis=st.floats(-100, 100))
def test_a_constant_basis_in_points_leaves_the_futures_pnl(index, basis):
    plain = replay(FullHedge(), index, start_value=BOOK)
    moved = replay(FullHedge(), index, start_value=BOOK, basis=basis, basis_unit="points")
    np.testing.assert_allclose(moved.futures_pnl, plain.futures_pnl, atol=1e-3)


def test_a_discount_that_closes_is_a_loss_to_the_hedge():
    basis = [-0.02, -0.02, -0.01, -0.01, 0.0, 0.0]
    result = replay(FullHedge(), FLAT, start_value=BOOK, basis=basis)
    np.testing.assert_allclose(result.futures_pnl[0] / BOOK, [0, 0, -0.01, -0.01, -0.02, -0.02], atol=1e-12)


def test_policies_see_the_index_and_the_futures():
    seen = []

    class Watcher(FullHedge):
        def contracts(self, view):
            seen.append((view.index[0, -1], view.futures[0, -1], view.futures.shape[1]))
            return super().contracts(view)

    replay(Watcher(), FLAT, start_value=BOOK, basis=[-0.01] * 5 + [0.0])
    assert seen[-1] == (4000.0, pytest.approx(3960.0), 5)
    assert len(seen) == 5


def test_at_an_open_the_futures_stand_to_the_index_as_at_the_last_close():
    index = np.array([[4000.0, 4000.0, 4000.0]])
    bars = Prices(index, open=[[4000.0, 4000.0, 4000.0]], high=index, low=index)
    result = replay(FullHedge(), bars, start_value=BOOK, execution="next_open", basis=[0.0, -0.01, -0.01])
    # Opened at 4000 on day 1, before the discount.
    np.testing.assert_allclose(result.futures_pnl[0] / BOOK, [0, 0.01, 0.01], atol=1e-12)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"futures": [4000.0] * 5}, r"futures: shape \(1, 5\): must be \(1, 6\), as the index has"),
        ({"futures": [4000.0] * 5 + [-1.0]}, "futures: path 0, column 5: -1.0: must be positive and finite"),
        ({"futures": FLAT, "basis": 0.0}, "basis: must be left out where futures prices are given"),
        ({"basis": [0.0] * 5}, r"basis: shape \(5,\): must be \(\), \(6,\) or \(1, 6\)"),
        ({"basis": -1.2}, r"futures \(index and basis\): path 0, column 0: -799"),
        ({"basis": "wide"}, "basis: .*: must be a number or an array of numbers"),
        ({"basis": 0.0, "basis_unit": "percent"}, "basis unit = percent: must be one of ratio, points"),
        ({"margin_rates": [0.1] * 5}, r"margin_rates: shape \(5,\): must be \(\), \(6,\) or \(1, 6\)"),
        ({"margin_rates": 12.0}, "margin_rate: day 0: 12.0: must lie above 0 and at most 1 .*not percent"),
        ({"margin_rates": [0.1, 0.1, np.nan, 0.1, 0.1, 0.1]}, "margin_rate: day 2: nan: must lie above 0"),
    ],
)
def test_impossible_futures_and_margins_are_named(options, fault):
    with pytest.raises(InputError, match=fault):
        replay(FullHedge(), FLAT, start_value=BOOK, **options)


def test_a_book_has_a_futures_price_on_every_day_or_on_none():
    book = HedgeBook(FullHedge(), contract=IF, start_value=BOOK, days=2, start_price=FLAT[:, 0])
    with pytest.raises(InputError, match="futures: day 1: must be given on every day or on none"):
        book.close(FLAT[:, 1], np.ones(1), futures=FLAT[:, 1])
