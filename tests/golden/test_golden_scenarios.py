"""The golden record holds for scenarios of the library (see golden.py and record.py)."""

import pytest
from golden import check
from golden_runs import SCENARIOS


@pytest.mark.parametrize("case", SCENARIOS)
def test_a_result_is_as_recorded(case):
    check(case, SCENARIOS[case]())
