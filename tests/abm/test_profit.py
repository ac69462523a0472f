"""The crowd's P&L as a daily column, against the ledger; redemptions and rescues are none of it."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market, Party
from abm.inhabitants.lenders import CROWD
from cqkit.arrays import FloatArray


def wealth(market: Market) -> FloatArray:
    """Cash and shares of the crowd's parties, and what lenders hold of them, shape (paths,)."""
    parties = [Party.CROWD, Party.FUTURES_FUNDS]
    shares = np.einsum("nps,ps->p", market.positions()[parties], market.state.stocks.price)
    return shares + market.state.ledger.cash[:, parties].sum(axis=1) + market.state.credit.collateral[:, CROWD]


def followed(market: Market) -> tuple[Market, FloatArray]:
    """Trade a market to its end; what the crowd's wealth had changed by at each close, shape (paths, days)."""
    before, after = wealth(market), []
    market.rules = (lambda traded: after.append(wealth(traded) - before),)
    market.run()
    return market, np.stack(after, axis=1)


def test_p_and_l_is_what_all_funds_made_together_over_their_equity_at_the_start(small):
    market, gained = followed(Market(small(), seed=2, paths=3))
    np.testing.assert_allclose(market.record["crowd_profit"], gained / market.start_equity[:, None], atol=1e-12)
    by_fund = (market.record.nav - 1) * (market.starting_equity / market.start_equity[:, None])[:, None]
    np.testing.assert_allclose(market.record["crowd_profit"], by_fund.sum(axis=2), atol=1e-12)
    assert market.record["crowd_profit"][:, -1].all()


def test_what_rescuers_pay_in_is_no_profit(small):
    rescue = {"date": "2007-08-06", "injection": 0.2, "receiver": "funds"}
    market, gained = followed(Market(small(rescue=rescue), seed=2, paths=3))
    paid_in = 0.2 * (market.dates >= np.datetime64("2007-08-03"))  # wealth is read after Friday's close, with the money
    made = (gained - paid_in) / market.start_equity[:, None]
    profit = market.record["crowd_profit"]
    np.testing.assert_allclose(profit, made, atol=1e-12)


def test_what_investors_take_out_is_no_loss(hedged):
    redemptions = {"sensitivity": 3.0, "threshold": 0.0, "horizon": 2, "notice": 1}
    settings = hedged(futures_funds={"swap_share": 0.0}, redemptions=redemptions)
    market, gained = followed(Market(settings, seed=2, paths=3))
    redeemed = market.state.ledger.cash[:, Party.INVESTORS]
    assert (redeemed > 0).all()
    made = (gained[:, -1] + redeemed) / market.start_equity
    assert market.record["crowd_profit"][:, -1] == pytest.approx(made, abs=1e-12)


def test_a_market_without_a_crowd_knows_no_profit_of_it(still):
    record = Market(still(), paths=2).run()
    assert np.isnan(record["crowd_profit"]).all()
    assert np.isnan(record["lenders_loss"]).all()
