"""The large fund and its predators as Mesa agents: views on the same numbers that an ensemble has."""

from __future__ import annotations

import pytest
from credit_worlds import credit_world

from abm import CrowdingModel, Market


def test_views_show_what_the_ensemble_has(small):
    settings = credit_world()
    model, market = CrowdingModel(settings, rng=3), Market(settings, seed=3)
    while model.running:
        model.step()
        market.step()
        more = {name: values[0, market.day - 1] for name, values in market.record.columns()}
        if str(market.dates[market.day - 1]) == "1998-08-27":  # the eve of the rescue, whose money is in by now
            more["large_fund_equity"] += settings.rescue.injection
        assert model.large_fund.equity == pytest.approx(more["large_fund_equity"], abs=1e-15)
        assert model.predators.pnl == pytest.approx(more["predators_profit"], abs=1e-15)
        assert model.predators.book == pytest.approx(more["predators_book"] * settings.large_fund.book, abs=1e-15)
        assert 0 <= model.large_fund.for_sale <= model.large_fund.book
    assert CrowdingModel(small()).large_fund is None
