"""The golden record holds for hedges, reserves and the report (see golden.py and record.py)."""

import pytest
from golden import check
from golden_hedges import HEDGES


@pytest.mark.parametrize("case", HEDGES)
def test_a_result_is_as_recorded(case):
    check(case, HEDGES[case]())
