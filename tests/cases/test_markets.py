"""Degenerate markets, traders of one's own, and a model that is asked to go on past its end."""

import numpy as np
import pytest

from abm import CrowdingModel
from abm.agents import Trader
from cqkit.errors import InputError
from scenarios import load_scenario, run

SMALL = {"market.stocks": 60, "funds.count": 20, "funds.styles": 4}


@pytest.fixture(scope="module")
def small():
    return load_scenario("quake-2007", SMALL).settings


@pytest.mark.parametrize(
    "changes",
    [{"funds.count": 1}, {"funds.count": 1, "funds.styles": 1, "market.stocks": 4}, {"funds.styles": 1}],
)
def test_one_fund_one_style_and_one_path_are_a_market(changes):
    found = run("quake-2007", paths=1, overrides={**SMALL, **changes}, counterfactuals=False)
    assert np.isfinite(found.funds.select_dtypes("number").to_numpy(float)).all()
    assert found.manifest["ledger_residual"] < 1e-9


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"funds.count": 0}, "funds.count = 0: must lie in 1"),
        ({"market.stocks": 1}, "market.stocks = 1: must lie in 4"),
    ],
)
def test_no_funds_and_one_stock_are_none(changes, fault):
    with pytest.raises(InputError, match=fault):
        load_scenario("quake-2007", changes)


class Short(Trader):
    """Sells a little of every stock on the first day and keeps it."""

    def step(self):
        if self.model.day == 0:
            self.order(np.full(self.model.stocks, -1e-6))


def test_the_equity_of_a_short_trader_follows_prices(small):
    model = CrowdingModel(small, rng=1)
    trader = Short(model)
    model.step()
    while model.running:
        equity, held, prices = trader.equity, trader.holdings.copy(), model.prices.copy()
        model.step()
        if np.array_equal(trader.holdings, held):
            assert trader.equity - equity == pytest.approx(float(held @ (model.prices - prices)), abs=1e-15)
    assert (trader.holdings < 0).all()


def test_a_model_that_is_over_goes_no_further(small):
    model = CrowdingModel(small, rng=1)
    while model.running:
        model.step()
    days, rows = model.day, len(model.frame)
    with pytest.raises(RuntimeError, match="the run is over: 27 days were traded"):
        model.step()
    assert (model.day, len(model.frame)) == (days, rows)
