"""Long pain or short pain, in small markets in which the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from cqkit.errors import InputError
from scenarios import unwind
from scenarios.ensemble import Size
from scenarios.loading import changed
from scenarios.studies.unwind import PARTIES, UnwindStudy

SILENT = {
    "market.market_volatility": 0.0,
    "market.news_scale": 0.0,
    "impact.half_spread": 0.0,
}


def costs(study, party, rescue=False):
    table = study.table
    chosen = table[(table["party"] == party) & (table["rescue"] == rescue)]
    return chosen.sort_values("days")["q50"].to_numpy()


def test_without_impact_and_noise_a_sale_costs_nobody_anything_at_any_speed(small_credit):
    quiet = changed(
        small_credit, SILENT | {"impact.strength": 0.0, "impact.permanent": 0.0, "market.stock_volatility": 1e-6}
    )
    study = unwind(quiet, days=[1, 7], paths=2)
    for party in PARTIES:
        np.testing.assert_allclose(costs(study, party), 0, atol=1e-3)  # %: what is left is the smallest volatility


def test_permanent_linear_impact_forgets_the_speed_and_costs_half_of_what_it_moves(small_credit):
    law = {"impact.strength": 0.0, "impact.permanent": 10.0}
    alone = {"funds.capital": 0.0, "predators.size": 0.0, "liquidator.size": 0.0, "market.stock_volatility": 1e-6}
    still = changed(small_credit, SILENT | law | alone | {"makers.capital": 0.0})
    found = costs(unwind(still, days=[1, 4, 9], paths=20), "liquidator")
    # lambda sigma x (ADV-days sold) / 2, in %, but for the noise that the volatility brings
    np.testing.assert_allclose(found, 100 * 10.0 * 1e-6 * small_credit.large_fund.book / 2, rtol=0.02)


def test_a_seller_who_is_closed_on_the_way_is_counted_to_the_end(small_credit):
    rich = changed(small_credit, {"large_fund.equity": 3.4, "predators.size": 0.0, "large_fund.sells": False})
    poor = changed(rich, {"large_fund.equity": 0.7})
    whole, closed = (unwind(changed(world, {"funds.capital": 0.0}), days=[5], paths=6) for world in (rich, poor))
    assert costs(closed, "liquidator") == pytest.approx(costs(whole, "liquidator"), rel=1e-9)


def test_healing_makes_the_long_sale_the_cheaper_one_for_seller_and_crowd(small_credit):
    study = unwind(small_credit, days=[1, 30], paths=24)
    for party in ("liquidator", "crowd", "hedge_desk"):
        fast, slow = costs(study, party)
        assert slow < fast
    assert study.best()["crowd"]["no_rescue"]["days"] == 30
    assert study.rescue.startswith("USD 3.62 bn for the large fund")


def test_in_a_market_of_stocks_the_liquidator_sells_and_the_desk_hedges_the_index(small):
    study = unwind(small, days=[1, 5], paths=3)
    assert set(study.table["party"]) == set(PARTIES)
    assert "the hedge desk's book" in study.units["hedge_desk"]
    assert "the crowd's funds" in study.rescue
    assert (costs(study, "liquidator") > 0).all()
    json = study.as_json()
    assert len(json["table"]) == 2 * 2 * len(PARTIES)


def test_paths_are_the_same_in_any_number_of_blocks(small_credit, monkeypatch):
    whole = unwind(small_credit, days=[2], paths=4)
    monkeypatch.setattr(UnwindStudy, "size", Size(block=3))
    cut = unwind(small_credit, days=[2], paths=4)
    assert whole.table.equals(cut.table)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"days": []}, "at least one"),
        ({"days": [0]}, "must lie in 0.1..1000"),
        ({"days": [3, 3]}, "once"),
        ({"injection": 0.0}, "must lie above 0"),
        ({"injection": float("nan")}, "must lie above 0"),
        ({"paths": 0}, "paths = 0"),
    ],
)
def test_what_cannot_be_studied_is_refused(small_credit, arguments, told):
    with pytest.raises(InputError, match=told):
        unwind(small_credit, **({"days": [1]} | arguments))


def test_a_market_in_which_nobody_sells_is_refused(small):
    with pytest.raises(InputError, match="nobody sells"):
        unwind(changed(small, {"liquidator.size": 0.0}), days=[1])
