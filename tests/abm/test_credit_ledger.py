"""Conservation with haircuts, collateral and injections in it: shares, cash and wealth, in every bar."""

from __future__ import annotations

import numpy as np
import pytest
from credit_worlds import credit_world

from abm import Market, Party
from abm.randomness import DayNoise

CROWD, FUND = 0, 1
BORROWERS = {Party.CROWD: CROWD, Party.LARGE_FUND: FUND}
PATHS = 3


@pytest.mark.parametrize("receiver", ["large_fund", "funds"])
def test_the_ledger_closes_in_every_bar_with_lenders_and_rescuers_in_it(receiver):
    market = Market(credit_world(rescue={"receiver": receiver}), seed=2, paths=PATHS)
    state, clock = market.state, market.settings.clock
    outstanding = market.positions().sum(axis=0)
    start = np.einsum("aps,ps->ap", market.positions(), state.stocks.price)
    equity = {Party.CROWD: state.funds.equity.sum(axis=1), Party.LARGE_FUND: state.credit.fund.equity.copy()}
    noise = DayNoise.empty(clock.bars, 0, market.settings.market.stocks)
    for day in range(clock.days):
        for bar in range(clock.bars):
            for path in range(PATHS):
                noise.draw(2, path, day)
                market.trade_path(path, noise, bar, bar + 1)
            held, cash = market.positions(), state.ledger.cash
            np.testing.assert_allclose(held.sum(axis=0), outstanding, atol=1e-13)  # shares
            np.testing.assert_allclose(cash.sum(axis=1), 0, atol=1e-13)
            claims = np.zeros_like(cash)  # collateral is the borrower's, in the brokers' hands
            for party, column in BORROWERS.items():
                claims[:, party] += state.credit.collateral[:, column]
                claims[:, Party.BROKERS] -= state.credit.collateral[:, column]
            gained = (cash + claims).T + np.einsum("aps,ps->ap", held, state.stocks.price) - start
            exogenous = np.einsum("ps,ps->p", outstanding, state.stocks.price - 1)
            np.testing.assert_allclose(gained.sum(axis=0), exogenous, atol=1e-12)  # wealth
            now = {Party.CROWD: state.funds.equity.sum(axis=1), Party.LARGE_FUND: state.credit.fund.equity}
            for party, before in equity.items():  # equity laws = cash, collateral and positions
                np.testing.assert_allclose(gained[party], now[party] - before, atol=1e-12)
            np.testing.assert_allclose(gained[Party.BROKERS], 0, atol=1e-13)
        market.close()
    injected = market.settings.rescue.injection
    np.testing.assert_allclose(state.ledger.cash[:, Party.RESCUERS], -injected, atol=1e-15)
    acted = np.abs(state.ledger.cash[:, Party.LARGE_FUND : Party.RESCUERS + 1])  # all of them have
    assert (acted.min(axis=0) > 1e-6).all()
    assert (state.credit.collateral[:, CROWD] > 0).all()


def test_collateral_is_what_is_asked_for_as_far_as_equity_goes():
    market = Market(credit_world(rescue={"injection": 0.0}, large_fund={"sells": False, "unwinds": None}), seed=6)
    state, brokers = market.state, market.settings.brokers
    short = False
    for day in range(market.dates.size):
        market.step()
        posted, equity = state.credit.collateral[0, FUND], state.credit.fund.equity[0]
        more = {name: values[0, day] for name, values in market.record.columns()}
        asked = more["large_fund_haircut"] * more["large_fund_assets"]
        assert posted <= max(equity, 0) + 1e-15
        assert posted == pytest.approx(max(equity, 0)) or posted >= brokers.maintenance * asked - 1e-15
        assert more["large_fund_call"] == pytest.approx(max(asked - equity, 0))
        short = short or more["large_fund_call"] > 0
    assert short
