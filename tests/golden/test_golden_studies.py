"""The golden record holds for studies and Mesa's model (see golden.py and record.py)."""

import pytest
from golden import check
from golden_studies import STUDIES


@pytest.mark.slow
@pytest.mark.parametrize("case", STUDIES)
def test_a_result_is_as_recorded(case):
    check(case, STUDIES[case]())
