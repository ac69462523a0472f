"""The Mesa model is a view on the engine, and users' agents take part in it."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from abm import CrowdingModel, FundState, Market, Party
from abm.agents import Trader


def run_out(model: CrowdingModel) -> CrowdingModel:
    while model.running:
        model.step()
    return model


def test_the_model_gives_the_same_numbers_as_the_ensemble(small):
    model = run_out(CrowdingModel(small(), rng=4))
    ensemble = Market(small(), seed=4, paths=3)
    ensemble.run(2)
    np.testing.assert_array_equal(model.market.record.nav[0], ensemble.record.nav[0])
    np.testing.assert_array_equal(model.frame["khandani_lo"], ensemble.record.khandani_lo[0])
    np.testing.assert_array_equal(model.frame["flow_forced"], ensemble.record.flows[0, :, 1])
    assert model.desk.margin_calls == ensemble.desk_result.margin_call_days[0]


def test_agents_are_views_on_the_arrays(small):
    model = CrowdingModel(small(), rng=1)
    fund = model.quant_funds[5]
    assert fund.leverage == pytest.approx(model.funds.leverage[0, 5])
    assert fund.gross_leverage == 2 * fund.leverage
    assert fund.nav == 1
    assert fund.state is FundState.NORMAL
    model.funds.equity[0, 5] *= 0.5
    assert fund.nav == pytest.approx(0.5)
    assert fund.leverage == pytest.approx(2 * model.funds.leverage[0, 5])
    np.testing.assert_allclose(fund.holdings, model.market.books()[5])
    assert model.broker.headroom[5] < 0 < model.broker.headroom[0]
    model.step()
    assert fund.state is not FundState.NORMAL
    assert model.broker.deleveraging >= 1


def test_the_model_is_mesas_and_collects_a_row_a_day(small):
    model = CrowdingModel(small(), rng=1, reporters={"worst": lambda model: min(f.nav for f in model.quant_funds)})
    assert isinstance(model, mesa.Model)
    assert len(model.agents) == 12 + 4
    run_out(model)
    assert len(model.frame) == model.day == 14
    assert model.frame["worst"].iloc[-1] == min(fund.nav for fund in model.quant_funds)
    with pytest.raises(RuntimeError, match="14 days were traded"):
        model.step()


class Buyer(Trader):
    """Buys the crowded book once it has fallen."""

    def step(self) -> None:
        if self.model.day == 9:
            self.order(0.3 * self.model.market.state.baskets.shares[0, 0])


def test_a_users_agent_moves_prices_and_its_account_is_the_ledgers(small):
    with_buyer, without = CrowdingModel(small(), rng=1), run_out(CrowdingModel(small(), rng=1))
    buyer = Buyer(with_buyer)
    second = Trader(with_buyer)
    run_out(with_buyer)
    market = with_buyer.market
    np.testing.assert_allclose(buyer.holdings, market.positions()[Party.OUTSIDE, 0], atol=1e-15)
    assert buyer.cash == pytest.approx(market.state.ledger.cash[0, Party.OUTSIDE], abs=1e-13)
    assert buyer.equity > 0  # it bought from those who had to sell
    assert second.equity == 0
    mispriced = [model.market.record.mispricing[0, 9] for model in (with_buyer, without)]
    assert mispriced[0] > mispriced[1]
    assert without.liquidator.book == 0
    assert without.liquidator.cash < 0
    assert without.providers.pnl != 0
