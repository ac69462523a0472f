"""Measures of futures funds, on a record that one can work out by hand."""

from datetime import date

import numpy as np
import pytest

from abm import DailyRecord, Flow
from abm.settings import Settings
from abm.state import FundKind
from scenarios import measures
from scenarios.measures import Outcome

DAYS = 7  # Monday 30 July to Tuesday 7 August 2007; the event is Thursday 2 August
CROWD = {"count": 4, "kind": {"futures": 0.75, "long_short": 0.25}}
KINDS = np.array([FundKind.LONG_SHORT, FundKind.SWAP, FundKind.SWAP, FundKind.CASH], dtype=np.int64)


@pytest.fixture
def settings():
    clock = {"start": "2007-07-30", "days": DAYS, "bars": 1, "event": "2007-08-02"}
    made = {"clock": clock, "funds": CROWD, "futures": {"volume": 0.3}, "futures_funds": {"swap_share": 0.6}}
    return Settings.model_validate(made)


@pytest.fixture
def outcome(settings):
    record = DailyRecord.empty(settings, 2, KINDS)
    for column in record.daily.values():
        column[:] = 0.0
    record.book[:] = [2.0, 4.0]
    record.nav[0, 3:, :] = np.array([[1.1, 0.9, 0.8, 1], [0.9, 0.7, 0.9, 1], [0.8, 0.8, 1.1, 1], [1, 1, 1, 1]])
    record["index"][:] = [[0.1, 0.1, 0.1, -0.1, 0.2, 0.0, -0.5], [0, 0, 0, 0.1, 0.1, 0.1, 0]]
    record["common_stocks"][:] = -record["index"]
    record["basis"][:] = [[0, 0, 0.01, 0.02, 0.05, 0.01, 0.09], [0, 0, 0.03, 0.01, 0.01, 0.01, 0]]
    record["crowd_stock_gain"][:] = [[0, 0, 5, -0.3, -0.1, 0.2, -0.1], [0, 0, 0, 0.3, -0.2, 0.1, 0]]
    record["crowd_futures_gain"][:] = [[0, 0, 5, 0.1, -0.2, -0.3, -0.9], [0, 0, 0, -0.1, -0.1, -0.2, 0]]
    record.flows[0, 1, Flow.FORCED] = -0.1
    record.flows[0, 4:6, Flow.FORCED] = [-0.2, -0.002]
    paths, days = [0, 0, 1, 1], [1, 4, 4, 5]
    record.note_events(paths, days, [2, 2, 1, 3], "margin_call", [0.1] * 4)
    np.add.at(record["margin_calls"], (paths, days), 1)
    return Outcome(settings, record, None)


def measured(outcome, name, **parameters):
    measure = measures.parse_measure({"name": name, **parameters})
    assert measure.faults(outcome.settings) == []
    return measure.values(outcome)


def test_a_rise_is_compounded_over_its_days(outcome):
    rise = measured(outcome, "rise", **{"column": "index", "from": date(2007, 8, 1), "days": 3})
    assert rise == pytest.approx([1.1 * 0.9 * 1.2 - 1, 1.1**2 - 1])


def test_the_lowest_return_is_against_the_eve(outcome):
    assert measured(outcome, "lowest_return", column="index", days=3) == pytest.approx([-0.1, 0.1])
    assert measured(outcome, "lowest_return", column="index") == pytest.approx([0.9 * 1.2 * 0.5 - 1, 0.1])
    assert measured(outcome, "lowest_return", column="common_stocks", days=2) == pytest.approx(
        [1.1 * 0.8 - 1, 0.81 - 1]
    )


def test_a_peak_is_told_above_the_eve(outcome):
    assert measured(outcome, "peak_above_eve", column="basis", days=3) == pytest.approx([0.04, -0.02])
    assert measured(outcome, "peak_above_eve", column="basis") == pytest.approx([0.08, -0.02])


def test_the_trough_of_one_kind_of_fund_leaves_the_others_out(outcome):
    everybody = measured(outcome, "fund_trough")
    assert everybody.shape == (2, 4)
    assert measured(outcome, "fund_trough", kind="swap")[0] == pytest.approx([-0.3, -0.2])
    assert measured(outcome, "fund_trough", kind="cash")[0] == pytest.approx([0])
    assert measured(outcome, "fund_trough", kind="long_short")[0] == pytest.approx([-0.2])


def test_the_change_of_each_fund_is_that_of_the_last_day(outcome):
    assert measured(outcome, "fund_change", days=3)[0] == pytest.approx([-0.2, -0.2, 0.1, 0])


def test_the_crowd_s_gain_is_summed_over_days_and_legs(outcome):
    assert measured(outcome, "crowd_gain", days=3) == pytest.approx([-0.6, -0.2])
    assert measured(outcome, "crowd_gain", days=3, legs="stocks") == pytest.approx([-0.2, 0.2])
    assert measured(outcome, "crowd_gain", days=3, legs="futures") == pytest.approx([-0.4, -0.4])
    assert measured(outcome, "crowd_gain", take="trough", legs="stocks") == pytest.approx([-0.4, 0])


def test_both_legs_lose_if_each_does_over_the_worst_days_together(outcome):
    # Path 0, days 2 to 7 August: together -.2, -.3, -.1, -1.0; path 1: .2, -.3, -.1, 0.
    assert measured(outcome, "both_legs_lose", days=4, worst=1).tolist() == [1, 1]
    assert measured(outcome, "both_legs_lose", days=4, worst=4).tolist() == [1, 0]
    assert measured(outcome, "both_legs_lose", days=1, worst=1).tolist() == [0, 0]  # the futures gain


def test_systemic_is_more_than_a_share_of_the_book(outcome):
    assert measured(outcome, "systemic").tolist() == [1, 0]
    assert measured(outcome, "systemic", above=0.16).tolist() == [0, 0]


def test_calls_are_told_by_when_they_come_and_by_fund(outcome):
    assert measured(outcome, "any_call").tolist() == [1, 1]
    assert measured(outcome, "any_call", when="before_event").tolist() == [1, 0]
    assert measured(outcome, "any_call", when="from_event").tolist() == [1, 1]
    assert measured(outcome, "funds_called") == pytest.approx([0.25, 0.5])


def test_forced_sales_are_counted_by_day_from_the_event_on(outcome):
    assert measured(outcome, "forced_days", above=0.0005).tolist() == [2, 0]
    assert measured(outcome, "forced_days", above=0.01).tolist() == [1, 0]
    assert measured(outcome, "forced_days", take="largest") == pytest.approx([0.1, 0])
