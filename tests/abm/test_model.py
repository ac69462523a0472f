"""The Mesa model is a view on the engine, and users' agents take part in it."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from abm import CrowdingModel, FundState, Market, Party
from abm.agents import Trader
from abm.model import ModelEnsemble
from abm.state import FundKind
from cqkit.errors import CrowdquakeError, InputError


def run_out(model: CrowdingModel) -> CrowdingModel:
    while model.running:
        model.step()
    return model


def test_the_model_gives_the_same_numbers_as_the_ensemble(small):
    model = run_out(CrowdingModel(small(), rng=4))
    ensemble = Market(small(), seed=4, paths=3)
    ensemble.run(2)
    np.testing.assert_array_equal(model.market.record.nav[0], ensemble.record.nav[0])
    np.testing.assert_array_equal(model.frame["khandani_lo"], ensemble.record["khandani_lo"][0])
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


MIXED = {"kind": {"long_short": 0.25, "futures": 0.75}, "policy": {"full": 0.5, "timing": 0.5}}


def test_the_model_gives_the_same_numbers_as_the_ensemble_where_funds_hedge_with_futures(hedged):
    model = run_out(CrowdingModel(hedged(funds=MIXED), rng=4))
    ensemble = Market(hedged(funds=MIXED), seed=4, paths=3)
    ensemble.run(2)
    record = ensemble.record
    np.testing.assert_array_equal(model.market.record.nav[0], record.nav[0])
    for name in ("basis", "crowd_hedge", "crowd_reserve", "margin_level"):
        np.testing.assert_array_equal(model.frame[name], record[name][0])
    funds = [*model.quant_funds, *model.futures_funds]
    np.testing.assert_allclose([fund.nav for fund in funds], record.nav[0, -1], rtol=1e-12)
    kinds = [FundKind.LONG_SHORT] * len(model.quant_funds) + [fund.kind for fund in model.futures_funds]
    np.testing.assert_array_equal(kinds, record.kinds)
    assert model.frame["deleveraging"].max() > 0


def test_futures_funds_are_views_on_the_arrays(hedged):
    model = CrowdingModel(hedged(lines={"warning": 0.5, "start": [0.9, 0.9]}, funds={"reserve": 0.0}), rng=1)
    swap, owner = model.futures_funds[0], model.futures_funds[-1]
    assert (swap.kind, owner.kind) == (FundKind.SWAP, FundKind.CASH)
    assert (swap.state, swap.nav, swap.unit_value) == (FundState.NORMAL, 1, 0.9)
    assert swap.deposit == pytest.approx(swap.stock_book / 4)
    assert swap.equity == swap.deposit
    assert owner.equity == pytest.approx(owner.stock_book + owner.deposit + owner.reserve)
    assert owner.hedge_ratio == pytest.approx(1 + model.settings.futures.start_basis)
    np.testing.assert_allclose(owner.holdings @ model.prices, owner.stock_book)
    for fund in (swap, owner):
        distance = fund.margin_call_distance
        assert 0 < distance < 0.1
        model.hedgers.deposit[0, fund.row] -= distance * fund.stock_book
        assert fund.margin_call_distance == pytest.approx(0, abs=1e-12)
    model.hedgers.deposit[0, swap.row] *= 0.9
    model.step()
    assert swap.state is not FundState.NORMAL
    model.hedgers.cut.state[0] = FundState.DELEVERAGING
    assert model.broker.deleveraging == len(model.futures_funds)
    model.hedgers.held[0, owner.row] = 0.0
    assert (owner.hedge_ratio, owner.margin_call_distance) == (0, float("inf"))


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
            self.order(0.02 * self.model.market.state.baskets.shares[0, 0])


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
    mispriced = [model.market.record["mispricing"][0, 9] for model in (with_buyer, without)]
    assert mispriced[0] > mispriced[1]
    assert without.liquidator.book == 0
    assert without.liquidator.cash < 0
    assert without.providers.pnl != 0


@pytest.mark.parametrize("rng", [None, 1.0, -1, True, "1", 2**63, np.random.default_rng(1)])
def test_a_seed_is_a_whole_number(small, rng):
    with pytest.raises(InputError, match=r"rng = .*: must be a whole number from 0 to 2\^63 - 1"):
        CrowdingModel(small(), rng=rng)


def test_any_kind_of_whole_number_is_a_seed(small):
    one, other = (run_out(CrowdingModel(small(), rng=seed)) for seed in (3, np.int64(3)))
    np.testing.assert_array_equal(one.market.record.nav, other.market.record.nav)


def test_a_view_is_not_taken_out_of_the_market(small):
    model = CrowdingModel(small(), rng=1)
    with pytest.raises(CrowdquakeError, match="QuantFund: a view on the market"):
        model.quant_funds[0].remove()


class Hedger(Trader):
    """Goes short a unit of the index in futures on the first day, and covers half of it on the third."""

    def step(self):
        if self.model.day in (0, 2):
            self.order_futures({0: -0.02, 2: 0.01}[self.model.day])


def test_a_trader_orders_futures_and_its_accounts_are_the_ledgers(hedged):
    model = CrowdingModel(hedged(), rng=2)
    trader = Hedger(model)
    run_out(model)
    market = model.market
    assert trader.futures == pytest.approx(-0.01)
    np.testing.assert_allclose(market.futures_positions()[Party.OUTSIDE, 0], trader.futures, atol=1e-15)
    np.testing.assert_allclose(market.state.ledger.cash[0, Party.OUTSIDE], trader.cash, atol=1e-13)
    assert trader.cash != 0


def test_where_no_futures_are_traded_nobody_orders_any(small):
    with pytest.raises(CrowdquakeError, match=r"futures.volume must be above 0"):
        Hedger(CrowdingModel(small(), rng=2)).order_futures(1.0)


def test_an_ensemble_of_models_gives_each_path_what_it_gets_alone(hedged):
    ensemble = ModelEnsemble(hedged(), 2, paths=3, build=Hedger)
    together = ensemble.run(workers=2)
    alone = CrowdingModel(hedged(), rng=2)
    trader = Hedger(alone)
    run_out(alone)
    np.testing.assert_array_equal(together.loc[0].to_numpy(), alone.frame.to_numpy())
    assert [len(model.traders()) for model in ensemble.models] == [1, 1, 1]
    assert ensemble.models[0].traders()[0].equity == trader.equity
    np.testing.assert_allclose(
        [model.traders()[0].cash for model in ensemble.models], ensemble.market.state.ledger.cash[:, Party.OUTSIDE]
    )
    with pytest.raises(RuntimeError, match="step their ensemble"):
        ensemble.models[1].step()
