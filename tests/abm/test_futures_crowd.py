"""Who hedges with index futures, and the rules that they follow once a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError
from worlds import driftless, silence, trade_silently

from abm import FundState, Market, Party
from abm.inhabitants.futures_funds.population import policies_of
from abm.state import FundKind
from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging import HedgePolicy, HedgeView, policies, register

# -- who there is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"leverage": 2.0}, {"reserve": 0.2}, {"policy": "none"}, {"count": 1}])
@pytest.mark.parametrize("swap_share", [0.0, 0.4, 1.0])
def test_capital_is_what_is_given_whatever_it_is_spent_on(hedged, changes, swap_share):
    settings = hedged(
        funds=changes, futures_funds={"swap_share": swap_share}, futures={"volume": 0.3, "start_basis": 0.03}
    )
    market = Market(settings, seed=1, paths=3)
    np.testing.assert_allclose(market.futures_crowd.equity().sum(axis=1), settings.funds.capital, rtol=1e-12)
    funds = market.state.futures_funds
    np.testing.assert_allclose(funds.value, funds.book, rtol=1e-12)


def test_swaps_hold_stock_to_the_limit_of_their_margin_and_reserve(hedged):
    funds = Market(hedged(futures_funds={"reserve_spread": 0}), seed=1).state.futures_funds
    swap = funds.swap[0] == 1
    equity = (funds.deposit + funds.reserve)[0, swap]
    np.testing.assert_allclose(funds.book[0, swap], equity / (1 / 4.0 + 0.03), rtol=1e-12)


def test_kinds_divide_capital_and_funds_by_their_shares(hedged):
    settings = hedged(
        funds={"kind": {"long_short": 0.3, "futures": 0.7}, "count": 50}, futures_funds={"swap_share": 0.4}
    )
    market = Market(settings, seed=1, paths=2)
    hedgers, crowd = market.state.futures_funds, market.state.funds
    kinds = [int((market.record.kinds == kind).sum()) for kind in FundKind]
    assert kinds == [15, 14, 21]
    equity, capital = market.futures_crowd.equity(), settings.funds.capital
    np.testing.assert_allclose((equity * hedgers.swap).sum(axis=1), 0.7 * 0.4 * capital)
    np.testing.assert_allclose((equity * (1 - hedgers.swap)).sum(axis=1), 0.7 * 0.6 * capital)
    np.testing.assert_allclose(crowd.book.sum(axis=1), 4.0 * 0.3 * capital)


@pytest.mark.parametrize("mix", [{"full": 0.5, "timing": 0.5}, {"full": 0.7, "none": 0.2, "timing": 0.1}])
def test_a_mix_of_policies_divides_funds_of_either_kind_by_its_shares(hedged, mix):
    settings = hedged(funds={"policy": mix, "count": 100}, futures_funds={"swap_share": 0.4})
    chosen = [funds for _, funds in policies_of(settings)]
    assert sorted(np.concatenate(chosen)) == list(range(100))
    for share, funds in zip(mix.values(), chosen, strict=True):
        assert abs(len(funds) - 100 * share) <= 1
        assert abs((funds < 40).sum() - 40 * share) <= 2  # the first 40 are swaps


@pytest.mark.parametrize("crowding", [0.5, 0.83, 1.0])
def test_crowding_is_the_expected_overlap_of_two_active_books(hedged, crowding):
    stocks, funds = {"stocks": 400, "index_share": 0.3}, {"count": 60, "styles": 20, "crowding": crowding}
    overlap = Market(hedged(market=stocks, funds=funds), seed=1, paths=6).record.overlap
    assert overlap.mean() == pytest.approx(crowding, abs=0.02)


def test_a_fund_holds_the_index_and_a_tilt_and_is_never_short_of_a_stock(hedged):
    held = {}
    for tilt in (0.0, 0.4, 1.0):
        market = Market(hedged(futures_funds={"tilt": tilt}), seed=1)
        state = market.state
        unit = market.futures_crowd.exposure() / state.futures_funds.book[0][:, None]
        held[tilt] = unit @ state.baskets.shares[0] - state.stocks.index_shares[0]
    np.testing.assert_allclose(held[0.0], 0, atol=1e-15)
    np.testing.assert_allclose(held[0.4], 0.4 * held[1.0], atol=1e-15)
    assert np.abs(held[1.0]).sum(axis=1).min() > 0.5  # other stocks than the index holds
    assert (held[1.0] + state.stocks.index_shares[0]).min() > -1e-15


def test_crowding_has_a_floor_where_styles_share_the_index(hedged):
    stocks, funds = {"stocks": 400, "index_share": 0.3}, {"count": 60, "styles": 20}
    low, lower = (Market(hedged(market=stocks, funds={**funds, "crowding": c}), seed=1) for c in (0.01, 0.0))
    assert low.record.overlap == pytest.approx(lower.record.overlap)
    assert 0.01 < lower.record.overlap < 0.3


# -- lines in contracts ------------------------------------------------------------------------------------------------


def unhedged(still_hedged, moves: dict[str, float], **sections) -> Market:
    """Funds that pay for their stocks and do not hedge, and only news of those days moves prices."""
    crowd = {"policy": "none", "severity": [0, 0], **sections.pop("funds", {})}
    owned = {"swap_share": 0, "reserve_spread": 0, **sections.pop("futures_funds", {})}
    return driftless(
        still_hedged(
            clock={"days": 30, "bars": 4},
            impact={"strength": 0, "permanent": 0},
            liquidator={"size": 0},
            funds=crowd,
            futures_funds=owned,
            news=[{"date": day, "move": move} for day, move in moves.items()],
            market={"beta_spread": 0},
            **sections,
        )
    )


LINES = {"warning": 0.8, "stop": 0.7}
FALL = {"2007-07-27": -0.09, "2007-07-30": -0.09, "2007-07-31": -0.09}
RECOVERY = {"2007-08-16": 0.3}


def by_day(market: Market) -> dict[str, FloatArray]:
    """Shares held, invested part of equity, and unit value of all funds at the closes of a whole run."""
    funds, noise = market.state.futures_funds, silence(market.settings)
    found: dict[str, list[FloatArray]] = {"held": [], "invested": [], "value": []}
    while market.day < market.dates.size:
        market.trade_path(0, noise)
        market.close()
        found["held"].append(funds.held[0].copy())
        found["invested"].append((funds.held * funds.value / market.futures_crowd.equity())[0])
        found["value"].append(market.futures_crowd.unit_value()[0])
    return {name: np.array(rows) for name, rows in found.items()}


def test_a_fund_below_its_warning_line_is_at_most_half_invested_in_ten_days_and_never_buys_again(still_hedged):
    market = unhedged(still_hedged, FALL | RECOVERY, lines=LINES)
    found = by_day(market)
    warned = 3  # Tuesday, 31 July
    assert (found["value"][warned - 1] > 0.8).all()
    assert ((found["value"][warned] < 0.8) & (found["value"][warned] > 0.7)).all()
    np.testing.assert_allclose(found["held"][: warned + 1], 1)
    np.testing.assert_allclose(found["invested"][warned + 10], 0.5, rtol=1e-12)
    assert (found["invested"][warned + 9] > 0.5).all()
    assert (np.diff(found["held"], axis=0) <= 0).all()
    assert market.record["crowded_book"].shape  # it ran to the end, through the recovery
    assert (found["value"][-1] > 0.8).all()


def test_a_fund_below_its_stop_line_is_out_in_five_days_for_good(still_hedged):
    fall = dict.fromkeys(FALL, -0.15)
    market = unhedged(still_hedged, fall | RECOVERY, lines=LINES)
    found = by_day(market)
    stopped = 3
    assert (found["value"][stopped] < 0.7).all()
    assert (found["held"][stopped + 4] > 0.01).all()
    np.testing.assert_allclose(found["held"][stopped + 5 :], 0, atol=1e-12)
    assert (market.state.futures_funds.barred == 2).all()


def test_funds_start_at_their_own_unit_values(still_hedged):
    market = unhedged(still_hedged, {"2007-07-27": -0.05}, lines={**LINES, "start": [0.81, 0.86]})
    held = by_day(market)["held"][-1]
    start = market.state.futures_funds.start_value[0]
    assert 0.81 <= start.min() < start.max() <= 0.86
    lost = market.futures_crowd.unit_value()[0]
    np.testing.assert_array_equal(held < 1, start * lost < 0.8)
    assert 0 < (held < 1).sum() < len(held)


# -- investors and cash ------------------------------------------------------------------------------------------------


def test_redemptions_are_paid_after_their_notice_and_leave_the_unit_value_as_it_is(still_hedged):
    rules = {"sensitivity": 2.0, "threshold": 0.05, "horizon": 4, "notice": 3}
    market = unhedged(still_hedged, {"2007-07-27": -0.1}, redemptions=rules)
    crowd, cash, paid, values, units = market.futures_crowd, market.state.ledger.cash, [], [], []
    noise = silence(market.settings)
    for _ in range(12):
        market.trade_path(0, noise)
        before = cash[0, Party.INVESTORS], crowd.unit_value()[0]
        market.close()
        paid.append(cash[0, Party.INVESTORS] - before[0])
        values.append(crowd.unit_value()[0])
        units.append(crowd.units[0].copy())
        np.testing.assert_allclose(values[-1], before[1], rtol=1e-12)
    asked = 2.0 * (1 - values[1] - 0.05)  # at the close of day 1
    np.testing.assert_array_equal(np.flatnonzero(paid), [4])
    assert paid[4] == pytest.approx((asked * values[4] * crowd.starting_equity[0]).sum(), rel=1e-12)
    np.testing.assert_allclose(units[4], 1 - asked, rtol=1e-12)
    np.testing.assert_allclose(market.state.futures_funds.held[0], 1 - asked, rtol=1e-9)


def test_what_cash_does_not_pay_of_a_redemption_is_owed_on_the_next_day(still_hedged):
    rules = {"sensitivity": 2.0, "threshold": 0.05, "horizon": 20, "notice": 3}
    market = unhedged(still_hedged, {"2007-07-27": -0.1}, redemptions=rules)
    funds, crowd, noise = market.state.futures_funds, market.futures_crowd, silence(market.settings)
    for day in range(5):
        market.trade_path(0, noise)
        if day == 4:
            value, due = crowd.unit_value()[0, 0], crowd._payable[0, 0]
            frozen, funds.reserve[0, 0] = funds.reserve[0, 0], 0.0
            state_owed = crowd.starting_equity[0, 0] * value * due
            funds.deposit[0, 0] += frozen  # there, but not at hand
        market.close()
    assert due > 0
    assert crowd.units[0, 0] == 1.0
    assert crowd._payable[0, 0] == pytest.approx(due)
    market.trade_path(0, noise)
    market.close()
    paid = (1 - crowd.units[0, 0]) * crowd.starting_equity[0, 0] * crowd.unit_value()[0, 0]
    assert paid == pytest.approx(state_owed, rel=0.02)


def test_funds_that_pay_for_stocks_restore_their_cash_and_trade_three_percent_a_day_at_most(still_hedged):
    market = unhedged(still_hedged, {}, funds={"policy": "full"}, futures_funds={"swap_share": 0.5})
    funds, noise = market.state.futures_funds, silence(market.settings)
    swap = funds.swap[0] == 1
    funds.reserve[0, ~swap] *= np.where(np.arange((~swap).sum()) % 2, 0.0, 3.0)
    poor = funds.reserve[0, ~swap] == 0
    funds.held[0, np.flatnonzero(~swap)[~poor][0]] = 0.8  # one of those rich in cash held more at the start
    held = [funds.held[0].copy()]
    for _ in range(14):
        market.trade_path(0, noise)
        market.close()
        held.append(funds.held[0].copy())
    change = np.diff(held, axis=0) / held[:-1]
    assert np.abs(change).max() == pytest.approx(0.03)
    assert (change[:, swap] == 0).all()
    assert (held[-1][~swap][poor] < 1).all()
    rich = held[-1][~swap][~poor]
    assert 0.8 < rich[0] <= 1 + 1e-12
    np.testing.assert_allclose(rich[1:], 1, rtol=1e-12)  # nobody holds more than at the start
    cash = (funds.reserve / (funds.held * funds.book) / funds.reserve_wanted)[0, ~swap]
    assert (cash > 0.6).all()
    assert ((cash < 1.6) | (held[-1][~swap] > 1 - 1e-12)).all()


def test_margins_rise_with_volatility_alone_and_are_never_below_their_own_level(still_hedged, hedged):
    reaction = {"futures": {"volume": 0.3, "noise": 0, "margin_reaction": 1.5, "swap_margin_reaction": 0.5}}
    calm = Market(hedged(**reaction, market={"market_volatility": 0.05, "stock_volatility": 0.001}), seed=1)
    calm.run(1)
    assert calm.record["margin_level"].min() == 1
    wild = Market(hedged(**reaction, news=[{"date": "2007-07-27", "move": -0.08}]), seed=1)
    wild.run(1)
    level, returns = wild.record["margin_level"][0], np.log1p(wild.record["index"][0])
    variance = 0.01**2
    for day in range(1, len(level)):
        variance = 0.94 * variance + 0.06 * returns[day - 1] ** 2
        assert level[day] == pytest.approx(1 + 1.5 * max(np.sqrt(variance) / 0.01 - 1, 0))
    assert level.max() > 1.5
    still = driftless(still_hedged(**reaction))  # without any volatility there is nothing to compare with
    trade_silently(still)
    assert (still.record["margin_level"] == 1).all()


# -- what is supported, and what is refused ----------------------------------------------------------------------------


CORNERS = {
    "one fund, few stocks": {"funds": {"count": 1}, "market": {"stocks": 4, "index_share": 0.01}},
    "one fund, two policies": {"funds": {"count": 1, "policy": {"full": 0.9, "timing": 0.1}}},
    "swaps only": {"futures_funds": {"swap_share": 1.0}},
    "nobody borrows": {"futures_funds": {"swap_share": 0.0}},
    "no reserve": {"funds": {"reserve": 0}, "futures_funds": {"cash_reserve": 0}},
    "no hedge": {"funds": {"policy": "none"}},
    "no leverage": {"funds": {"leverage": 1.0}},
    "no capital": {"funds": {"capital": 0, "policy": {"full-rebalanced": 0.5, "minimum-variance": 0.5}}},
    "the index alone": {"futures_funds": {"tilt": 0.0}},
    "an index of everything": {"market": {"index_share": 1.0}},
    "a hedged liquidator of a long-short crowd": {"funds": {"kind": "long_short", "leverage": 2.3}},
    "hedged funds and a long-short liquidator": {"liquidator": {"kind": "long_short"}},
    "futures that nobody trades": {"funds": {"kind": "long_short", "leverage": 2.3}, "liquidator": {"size": 0}},
}


@pytest.mark.parametrize("changes", CORNERS.values(), ids=CORNERS.keys())
def test_a_market_at_the_edge_of_what_it_may_be_runs_and_its_ledger_closes(hedged, changes):
    market = Market(hedged(**changes), seed=1, paths=2)
    record = market.run(1)
    assert record.ledger_residual.max() < 1e-12
    assert np.isfinite(record.nav).all()
    assert np.isfinite(record["basis"]).all()
    capital = market.settings.funds.capital if market.settings.futures_fund_count else 0.0
    fresh = Market(market.settings, seed=1, paths=2)
    np.testing.assert_allclose(fresh.futures_crowd.equity().sum(axis=1), capital, rtol=1e-9, atol=1e-12)


@pytest.fixture
def own_policy():
    """Register a policy of the user's own that always asks for the same, a ratio to a full hedge."""

    def add(answer: float) -> None:
        @register
        @dataclass(frozen=True)
        class Own(HedgePolicy):
            name: ClassVar[str] = "own"

            def contracts(self, view: HedgeView) -> FloatArray:
                return answer * view.start_contracts

    with policies.POLICIES.scratch():
        yield add


def test_a_policy_may_ask_for_long_futures_and_they_are_margined_too(hedged, own_policy):
    own_policy(-0.2)
    market = Market(hedged(funds={"policy": "own"}, futures_funds={"swap_share": 0.0}), seed=1, paths=2)
    funds, equity = market.state.futures_funds, market.futures_crowd.equity()
    notional = -funds.contracts * market.state.futures.price[:, None]
    np.testing.assert_allclose(funds.deposit, 0.2 * notional, rtol=1e-12)
    assert (notional > 0).all()
    np.testing.assert_allclose(equity.sum(axis=1), 1.4, rtol=1e-12)
    assert market.run(1).ledger_residual.max() < 1e-12


def test_a_policy_that_gives_no_numbers_is_named(hedged, own_policy):
    own_policy(float("nan"))
    with pytest.raises(InputError, match="policy own: day 0: must answer with one finite number of contracts"):
        Market(hedged(funds={"policy": "own"}))


def test_a_fund_without_leverage_is_never_called(hedged):
    crowd = {"leverage": 1.0, "severity": [0, 0]}
    market = Market(hedged(funds=crowd, futures_funds={"swap_share": 1.0}), seed=1, paths=3)
    events = market.run(1).event_frame()
    assert not (events["kind"] == "margin_call").any()
    assert (market.state.futures_funds.cut.state == FundState.NORMAL).all()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"futures": {"volume": 0}}, "needs a futures market: futures.volume must be above 0"),
        ({"funds": {"kind": {"futures": 0.5, "spread": 0.5}}}, "unknown kind of fund 'spread'"),
        ({"funds": {"policy": {"full": 0.5, "timing": 0.6}}}, "add up to 1"),
        ({"funds": {"policy": "hope"}}, "hope"),
        ({"futures_funds": {"swap_floor": [0.9, 0.8]}}, "lowest <= highest"),
        ({"lines": {"warning": 0.7, "stop": 0.8}}, r"stop = 0.8: must not be above warning"),
        ({"funds": {"holdings": "books.csv"}}, "books of the user's own are for long-short funds only"),
    ],
)
def test_what_cannot_be_is_refused_in_words(hedged, changes, fault):
    with pytest.raises((ValidationError, InputError), match=fault):
        hedged(**changes)


def test_a_policy_that_needs_what_no_market_has_is_refused(hedged):
    with pytest.raises(InputError, match="contrarian: no volatility index"):
        Market(hedged(funds={"policy": "timing:indicator=contrarian"}))
