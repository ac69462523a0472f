"""Whether a day cut into more bars tells another story."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from scenarios import Case, load_scenario, simulate
from scenarios.loading import changed
from scenarios.measures.outcome import Outcome, daily_columns

FRIDAY = date(2007, 8, 10)
PATHS = 200
OF_A_MEDIAN = np.sqrt(np.pi / 2)  # its standard error over that of a mean, of normal values


def last_four_days(_, market):
    outcome = Outcome(market.settings, market.record, market.desk_result)
    friday = outcome.day(FRIDAY)
    return 100 * daily_columns(outcome)["khandani_lo"][:, friday - 3 : friday + 1]


@pytest.mark.slow
def test_the_four_days_of_august_2007_do_not_depend_on_the_bars_of_a_day():
    scenario = load_scenario("quake-2007")
    days = scenario.clock.day_of(FRIDAY) + 1
    cases = {bars: Case(changed(scenario, {"clock.bars": bars}).settings, days=days) for bars in (13, 52)}
    found = simulate(cases, last_four_days, paths=PATHS, seed=1)
    few, many = (np.concatenate(found[bars]) for bars in (13, 52))
    error = OF_A_MEDIAN * np.sqrt((few.var(axis=0) + many.var(axis=0)) / PATHS)
    apart = np.median(few, axis=0) - np.median(many, axis=0)
    assert (np.abs(apart) < 3 * error).all(), (apart, error)
    # No more than noise leaves of the days themselves, which are -0.9 to +5.6 %.
    assert (error < 0.3).all()
