"""Rules of exchanges: their closed forms, and what they leave alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from worlds import driftless, silence, trade_silently

from abm import CrowdingModel, Market, Party, Settings
from abm.agents import Trader
from abm.inhabitants.exchange.state import stocks_of_share
from abm.settings import Halt
from cqkit.errors import InputError

CALM = {"impact": {"strength": 0, "permanent": 0}, "liquidator": {"size": 0}}
LOCKED = [{"date": "2007-07-26", "days": 14, "share": 1.0}]


def with_pending(market: Market, ratio: float) -> Market:
    """Let all values stand at `ratio` times prices before the opening."""
    exchange = market.exchange
    assert exchange is not None
    exchange.fair[:] = ratio * market.state.stocks.price
    exchange.waits[:] = 1
    exchange.waiting[:] = market.settings.market.stocks
    return market


# Markets under rules compile days of their own, of every kind: all of it takes a minute or two.
pytestmark = pytest.mark.slow


# -- price limits ------------------------------------------------------------------------------------------------------


def test_a_rise_of_a_quarter_closes_at_110_121_and_125_and_buys_fill_on_the_third_day(still):
    market = with_pending(driftless(still(market={"price_limit": 0.1}, **CALM)), 1.25)
    want = 1e-6 * market.state.stocks.adv
    closes, bought = [], []
    for _ in range(5):
        left = want - market.outside.held
        market.submit(left)
        trade_silently(market, 1)
        closes.append(market.state.stocks.price[0].copy())
        bought.append((market.outside.held / want)[0])
    assert math.ceil(math.log(1.25) / math.log(1.1)) == 3
    for close, expected in zip(closes, (1.1, 1.21, 1.25, 1.25, 1.25), strict=True):
        np.testing.assert_allclose(close, expected, rtol=1e-12)
    for filled, expected in zip(bought, (0, 0, 1, 1, 1), strict=True):
        np.testing.assert_allclose(filled, expected, atol=1e-12)


@pytest.mark.parametrize(("ratio", "sign"), [(1.25, -1), (0.8, 1)])
def test_at_the_upper_limit_sales_are_filled_and_at_the_lower_one_purchases(still, ratio, sign):
    market = with_pending(driftless(still(market={"price_limit": 0.1}, **CALM)), ratio)
    want = sign * 1e-6 * market.state.stocks.adv
    market.submit(want)
    trade_silently(market, 1)
    np.testing.assert_allclose(market.outside.held, want, rtol=1e-12)
    np.testing.assert_allclose(market.fill_price, 1 + math.copysign(0.1, ratio - 1), rtol=1e-12)


def test_the_wide_limit_is_for_a_share_of_the_stocks_outside_the_index(small):
    rules = {"price_limit": 0.1, "wide_limit": 0.2, "wide_share": 0.35, "index_share": 0.4, "stocks": 400}
    market = Market(small(market=rules), paths=2)
    exchange = market.exchange
    assert exchange is not None
    wide, outside = exchange.limit == 0.2, market.state.stocks.index_shares == 0
    assert (wide.sum(axis=1) == round(0.35 * 240)).all()
    assert not (wide & ~outside).any()
    assert (exchange.limit[~wide] == 0.1).all()


def test_a_book_fills_by_the_share_of_its_value_that_is_not_locked(still):
    market = driftless(still(market={"price_limit": 0.1}, **CALM, funds={"capital": 1.0}, clock={"bars": 1}))
    exchange, funds, stocks = market.exchange, market.state.funds, market.settings.market.stocks
    assert exchange is not None
    up = np.arange(stocks) % 3 == 0
    exchange.fair[:], exchange.waits[:], exchange.waiting[:] = 1.25, up, up.sum()
    funds.cut.target[:] = 0.5 * funds.book  # all have to sell half of it
    before = funds.book.copy()
    net = market.books()
    market.trade_path(0, silence(market.settings))
    # Sold is what is held long, bought back what is held short, and what is locked up is not bought.
    locked = (np.abs(net) * (up & (net < 0))).sum(axis=1) / np.abs(net).sum(axis=1)
    speed = -math.expm1(-1 / market.settings.funds.cut_days)
    np.testing.assert_allclose((before - funds.book)[0], 0.5 * before[0] * speed * (1 - locked), rtol=1e-9)
    assert market.state.ledger.residual.max() < 1e-15


# -- halts -------------------------------------------------------------------------------------------------------------


def test_halted_stocks_are_a_share_of_capitalisation_among_large_and_small(small):
    market = Market(small(market={"stocks": 400, "index_share": 0.3}, halt=LOCKED), paths=3)
    exchange = market.exchange
    assert exchange is not None
    for share in (0.0, 0.37, 0.6, 1.0):
        chosen = stocks_of_share(exchange.capital, share)
        for members in (market.state.stocks.index_shares > 0, market.state.stocks.index_shares == 0):
            held = (exchange.capital * chosen * members).sum(axis=1) / (exchange.capital * members).sum(axis=1)
            np.testing.assert_allclose(held, share, atol=0.02)


def test_in_a_halt_the_index_moves_by_what_trades_and_the_basis_has_the_rest(still_hedged):
    halts = [{"date": "2007-08-02", "days": 0.5, "share": 0.4}]
    news = [{"date": "2007-08-02", "move": 0.04}]
    market = driftless(still_hedged(**CALM, funds={"capital": 0}, halt=halts, news=news, market={"beta_spread": 0}))
    exchange, stocks, tape = market.exchange, market.state.stocks, market.state.tape
    assert exchange is not None
    trade_silently(market, market.settings.clock.event_day)
    halted = exchange.halted_in[0] != 0
    share = (stocks.index_shares[0] * stocks.price[0])[halted].sum() / tape.index_value[0]
    noise = silence(market.settings)
    for bar in range(4):
        market.submit(1e-4 * stocks.adv)
        market.trade_path(0, noise, bar, bar + 1)
        fair = math.exp(0.01 * (bar + 1))
        quoted = 1 + (1 - share) * (fair - 1) if bar < 2 else fair
        assert tape.index_value[0] == pytest.approx(quoted, rel=1e-12)
        assert market.state.futures.price[0] / tape.index_value[0] == pytest.approx(fair / quoted, rel=1e-12)
        for volume in (market.state.providers.shares[0, halted], stocks.bought[0, halted]):
            assert (volume == 0).all() == (bar < 2)
    assert 0.2 < share < 0.6


def test_a_sale_at_a_constant_speed_is_done_as_much_later_as_a_halt_of_all_lasts(still):
    def left(halts: list[dict[str, Any]]) -> np.ndarray:
        stopped_out = {"holding": 1.0, "members": 3, "stop": 1e-4, "stop_spread": 0, "cut": 0.5, "cut_days": 2.0}
        market = driftless(still(halt=halts, **CALM, index_sector=stopped_out))
        market.state.sector.target[:] = 0.5
        held, noise = [], silence(market.settings)
        for _ in range(5):
            for bar in range(4):
                market.trade_path(0, noise, bar, bar + 1)
                held.append(market.state.sector.holding[0, 0])
            market.close()
        return np.array(held)

    free, halted = left([]), left([{"date": "2007-07-26", "starts": 0.5, "days": 0.75, "share": 1.0}])
    np.testing.assert_allclose(halted[5:], free[2:-3], atol=1e-15)
    assert (halted[1:5] == halted[1]).all()
    assert free[7] == pytest.approx(0.5) != pytest.approx(halted[7])


def test_a_market_that_never_trades_again_ends_with_a_message(still):
    market = Market(still(halt=[{"date": "2007-07-27", "days": 2000, "share": 1.0}]))
    with pytest.raises(InputError, match=r"day 6, path 0: no stock could be traded for 5 days: \[\[halt\]\] must end"):
        market.run(1)


# -- futures -----------------------------------------------------------------------------------------------------------


def demanding(still_hedged, amount: float, **sections: Any) -> Market:
    """Outsiders buy futures for three days, and nothing else happens."""
    demand = [{"date": "2007-08-02", "days": 3, "amount": amount}]
    futures = {"impact": 0.009, "decay": 1.0, "arbitrage": 0.0, **sections.pop("futures", {})}
    return driftless(
        still_hedged(**{**CALM, "funds": {"capital": 0}}, futures=futures, futures_demand=demand, **sections)
    )


def test_steady_demand_without_arbitrage_makes_a_premium_of_closed_form(still_hedged):
    market = demanding(still_hedged, 7.7)
    trade_silently(market, market.settings.clock.event_day + 3)
    basis, first = market.record["basis"][0], market.settings.clock.event_day
    expected = [0.009 * 7.7 * -math.expm1(-day) for day in (1, 2, 3)]
    np.testing.assert_allclose(basis[first : first + 3], expected, rtol=1e-12)
    assert expected[0] == pytest.approx(0.044, abs=5e-4)
    units = market.futures_positions()[:, 0]
    np.testing.assert_allclose(market.record["outside_futures"][0, first + 2], 3 * 7.7 * 0.35, rtol=1e-12)
    assert abs(units.sum()) < 1e-12


def test_a_premium_stops_at_the_limit_over_the_last_settlement(still_hedged):
    market = demanding(still_hedged, 40.0, futures={"price_limit": 0.1, "settlement_bars": 2})
    trade_silently(market, market.settings.clock.event_day)
    settled, noise, prices = 1.0, silence(market.settings), [0.0]
    for day in range(3):
        for bar in range(4):
            market.trade_path(0, noise, bar, bar + 1)
            prices.append(market.state.futures.price[0])
        market.close()
        highest = max(prices[-4:]) / (1.1 * settled)
        assert highest == pytest.approx(1, rel=1e-12) if day < 2 else highest < 1
        settled = np.mean(prices[-2:])
    assert market.record["outside_futures"][0, market.day - 1] < 3 * 40 * 0.35


def test_where_all_stocks_are_halted_nobody_arbitrages_and_the_premium_rises(still_hedged):
    halts = [{"date": "2007-08-03", "days": 0.5, "share": 1.0}]
    market = demanding(still_hedged, 1.0, futures={"arbitrage": 1.0}, halt=halts)
    trade_silently(market, market.settings.clock.event_day + 1)
    noise, bases = silence(market.settings), []
    for bar in range(4):
        market.trade_path(0, noise, bar, bar + 1)
        bases.append(market.state.futures.price[0] / market.state.tape.index_value[0] - 1)
        assert (market.state.futures.arbitrage[0] == 0) == (bar < 2)
    m = market.state.futures.sold_by_makers[0]
    assert bases[1] > 40 * bases[3] > 0
    assert bases[3] == pytest.approx(0.009 * m, rel=1e-12)


def test_money_that_a_halt_keeps_out_goes_to_futures_and_none_without(still_hedged):
    halts = [{"date": "2007-08-03", "starts": 0.25, "days": 0.25, "share": 1.0}]
    market = demanding(still_hedged, 0.0, futures={"diverted": 0.3, "impact": 0.0}, halt=halts)
    trade_silently(market, market.settings.clock.event_day + 2)
    unfilled, diverted = market.record["unfilled_purchases"][0], market.record["diverted"][0]
    day = market.settings.clock.event_day + 1
    assert unfilled[day] == pytest.approx(0.25, rel=1e-12)  # a quarter of an ordinary day's trading
    assert diverted[day] == pytest.approx(0.3 * 0.25, rel=1e-12)
    assert unfilled[:day].sum() == diverted[:day].sum() == 0


# -- what rules leave alone --------------------------------------------------------------------------------------------

NO_MATTER = {"price_limit": 0.95, "wide_limit": 0.97, "wide_share": 0.5}


@pytest.mark.parametrize(("world", "bars"), [("small", 4), ("small", 13), ("hedged", 4), ("hedged", 13)])
def test_limits_wider_than_any_move_and_empty_halts_change_nothing_but_rounding(small, hedged, world, bars):
    sections: dict[str, Any] = {
        "clock": {"start": "2007-07-26", "days": 14, "bars": bars, "event": "2007-08-02"},
        "news": [{"date": "2007-08-02", "days": 4, "move": -0.02}],
        "opportunists": {"capital": 0.2, "cheap": 0.0, "lag": 0.1},
    }
    build = small if world == "small" else hedged
    free = Market(build(**sections), seed=3, paths=2)
    halts = [{"date": "2007-08-02", "share": 0.0}]
    ruled = Market(build(**sections, market=NO_MATTER, futures={"price_limit": 0.9}, halt=halts), seed=3, paths=2)
    for market in (free, ruled):
        market.run(1)
    # A day of its own is compiled for an exchange, whose sums may be fused otherwise.
    close: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-14}
    for name, values in free.record.columns():
        np.testing.assert_allclose(ruled.record[name], values, **close, err_msg=name)
    np.testing.assert_allclose(ruled.record.nav, free.record.nav, **close)
    np.testing.assert_allclose(ruled.state.stocks.price, free.state.stocks.price, **close)


def ruled(hedged: Any, **sections: Any) -> Settings:
    """A market with all rules on, in which much happens."""
    rules = {"broker_closes": "futures", "top_up_days": 0.5, "transfer_days": 1.0, "cash_reserve": 0.01}
    return hedged(
        **{
            "market": {"price_limit": 0.03, "wide_limit": 0.06, "wide_share": 0.3},
            "futures": {"price_limit": 0.04, "diverted": 1.0},
            "futures_funds": rules,
            "halt": [{"date": "2007-08-03", "starts": 0.25, "days": 0.5, "share": 0.4}],
            "futures_demand": [{"date": "2007-08-02", "days": 2, "amount": 1.0}],
            "news": [{"date": "2007-08-02", "days": 3, "move": 0.03}],
            **sections,
        }
    )


def assert_accounts_close(market: Market) -> None:
    """What futures funds have gained is what their cash and their own stocks have."""
    funds, crowd = market.state.futures_funds, market.futures_crowd
    own = (1 - funds.swap) * funds.held * funds.value
    start = crowd.starting_equity - (1 - funds.swap) * funds.book  # cash on the eve
    cash = market.state.ledger.cash[:, Party.FUTURES_FUNDS]
    np.testing.assert_allclose(cash + start.sum(axis=1) + own.sum(axis=1), crowd.equity().sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("mixed", [False, True])
def test_ledgers_and_funds_accounts_close_under_all_rules_with_a_desk_that_moves_prices(hedged, mixed):
    kind = {"kind": {"long_short": 0.5, "futures": 0.5}, "long_short_leverage": 3.0} if mixed else {}
    desk = {"price_taker": False, "size": 0.02, "reserve": 0.101, "when_exhausted": "reduce"}
    market = Market(ruled(hedged, funds=kind, desk=desk), seed=2, paths=3)
    record = market.run(1)
    assert record.ledger_residual.max() < 1e-12
    assert record["locked_share"].max() > 0.1
    assert record["naked_stocks"].max() > 0
    assert_accounts_close(market)


class Buyer(Trader):
    """Buys a little of everything on every day."""

    def step(self) -> None:
        self.order(1e-4 * self.model.market.state.stocks.adv[0])
        self.order_futures(0.01)


def test_an_agent_of_one_s_own_is_booked_what_could_be_traded(hedged):
    model = CrowdingModel(ruled(hedged, futures={"price_limit": 0.004, "noise": 0.01}), rng=2)
    buyer, market = Buyer(model), model.market
    wanted = np.zeros(model.stocks)
    while model.running:
        wanted += 1e-4 * market.state.stocks.adv[0]
        model.step()
        np.testing.assert_allclose(buyer.holdings, market.outside.held[0], rtol=1e-12)
        assert buyer.futures == pytest.approx(market.state.outside.futures_units[0], abs=1e-12)
        assert buyer.cash == pytest.approx(market.state.ledger.cash[0, Party.OUTSIDE], abs=1e-12)
    assert (buyer.holdings < 0.99 * wanted).any()
    assert buyer.futures < 0.01 * market.day - 1e-3


def test_a_halt_names_a_trading_day_of_the_run(small):
    with pytest.raises(ValueError, match=r"halt.date = 2007-08-04: not a trading day of the run"):
        small(halt=[Halt(date="2007-08-04", share=1.0)])
