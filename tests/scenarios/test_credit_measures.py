"""Measures and figures of a large fund are what its daily columns say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from cqkit.errors import InputError
from scenarios import load_scenario
from scenarios.measures import parse_measure
from scenarios.measures.outcome import Outcome
from scenarios.twins import without_liquidator

EVE, LAST = date(1998, 8, 14), date(1998, 8, 21)  # days 4 and 9


@pytest.fixture(scope="module")
def outcome(small_credit) -> Outcome:
    from abm import Market  # noqa: PLC0415

    market = Market(small_credit.settings, seed=7, paths=5)
    market.run(1)
    return Outcome(small_credit.settings, market.record, None)


def measured(outcome: Outcome, **table) -> np.ndarray:
    return parse_measure(table).values(outcome)


def test_return_and_loss_between_two_closes(outcome):
    equity = outcome.record["large_fund_equity"]
    found = measured(outcome, name="large_fund_return", after=EVE, to=LAST)
    np.testing.assert_allclose(found, equity[:, 9] / equity[:, 4] - 1)
    np.testing.assert_allclose(
        measured(outcome, name="large_fund_loss", to=LAST), outcome.settings.large_fund.equity - equity[:, 9]
    )


def test_ruin_is_equity_gone_at_any_close_up_to_a_date(outcome):
    equity = outcome.record["large_fund_equity"]
    equity[0, 7] = 0.0  # closed: the account is the lender's
    assert measured(outcome, name="large_fund_ruined", to=LAST)[0] == 1
    assert measured(outcome, name="large_fund_ruined", to=EVE)[0] == 0
    equity[0, 7] = 0.5


def test_trough_and_total_look_at_the_days_after_a_close(outcome):
    book = outcome.record["crowded_book"]
    found = measured(outcome, name="trough", column="crowded_book", after=EVE)
    np.testing.assert_array_equal(found, book[:, 5:].min(axis=1))
    found = measured(outcome, name="total", column="crowded_book", after=EVE, to=LAST)
    np.testing.assert_allclose(found, book[:, 5:10].sum(axis=1))


def test_the_twin_has_no_early_seller_and_a_fund_that_holds(small_credit):
    twin = without_liquidator(small_credit.settings)
    assert (twin.liquidator.size, twin.large_fund.sells, twin.large_fund.unwinds) == (0, False, None)
    assert twin.large_fund.book == small_credit.large_fund.book
    assert small_credit.twin_title == "Nobody liquidates"


def test_figures_tell_both_legs_and_the_month(small_credit_run):
    figures = small_credit_run.summary()["figures"]
    both = [figures[f"large_fund_{leg}_leg_loss"]["median"] for leg in ("long", "short")]
    assert both[1] / both[0] == pytest.approx(0.4 / 0.6)
    assert "1998-08" in figures["large_fund_month"]["unit"]
    assert small_credit_run.counterfactual()["twin"]["title"] == "Nobody liquidates"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("after = 1998-08-14", "after = 1998-08-24", "must lie before measure.to"),
        ("to = 1998-08-21", "to = 1998-08-22", "must be a trading day of the run"),
        ("after = 1998-08-14", "aftre = 1998-08-14", "did you mean after?"),
    ],
)
def test_a_measure_that_cannot_be_taken_is_refused(small_credit_text, tmp_path, old, new, told):
    path = tmp_path / "my.toml"
    path.write_text(small_credit_text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_scenario(path)


def test_a_market_without_a_large_fund_has_no_figure_of_one(small_text, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(small_text.replace('column = "khandani_lo"', 'column = "large_fund_equity"'), encoding="utf-8")
    with pytest.raises(InputError, match="needs somebody on credit"):
        load_scenario(path)
