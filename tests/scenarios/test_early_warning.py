"""Early warning: what is drawn, what is seen late or in part, and which days count."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios import conduct
from scenarios.studies import early_warning as study
from scenarios.studies.early_warning import MEASURES, VIEWS, EarlyWarningStudy, draws


def test_days_count_before_an_unwind_and_not_while_it_goes_on():
    forced = np.zeros((1, 1, 60))
    forced[0, 0, 35:38] = 0.05  # 15 % of the book in three days
    came, asked = study._came(forced)[0, 0], study._asked(forced)[0, 0]
    before = np.flatnonzero(came & asked)
    assert before.tolist() == list(range(27, 35))  # from the first close with a tenth of the book ahead within ten days
    assert not asked[35:42].any()
    assert asked[45:49].all()
    assert not asked[: study.FIRST].any()


def test_a_late_view_is_the_earlier_one():
    seen = np.arange(60.0)[None, None, :, None] * np.ones((1, 1, 1, 3))
    late = study._view(seen, "5 days late")
    assert np.isnan(late[..., :5]).all()
    assert (late[0, 0, 5:] == np.arange(55)).all()
    assert (study._view(seen, VIEWS[0])[0, 0] == np.arange(60)).all()


def test_draws_are_within_their_ranges_and_follow_the_seed():
    drawn = draws(500, 1)
    assert drawn["crowding"].between(0.2, 1).all()
    assert drawn["leverage"].between(1, 4).all()
    assert 0.25 < (drawn["sold"] == 0).mean() < 0.42
    assert draws(500, 1).equals(drawn)
    assert not draws(500, 2).equals(drawn)


@pytest.fixture(scope="module")
def found():
    return conduct(EarlyWarningStudy(markets=6, stocks=40, funds=8), "quake-2007", paths=2, seed=1)


def test_every_measure_is_judged_in_every_view(found):
    assert len(found.table) == len(MEASURES) * len(VIEWS)
    assert found.before + found.other > 0
    assert found.table["area"].dropna().between(0, 1).all()
    curve = found.curves[found.curves["measure"] == "leverage"]
    assert (np.diff(curve["detected"]) >= 0).all()
    assert found.as_json()["draws"][0].keys() >= {"crowding", "leverage", "depth", "size", "unwinds"}
