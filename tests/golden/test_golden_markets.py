"""The golden record holds for small markets (see golden.py and record.py)."""

import pytest
from golden import check
from golden_runs import MARKETS


@pytest.mark.parametrize("case", MARKETS)
def test_a_result_is_as_recorded(case):
    check(case, MARKETS[case]())
