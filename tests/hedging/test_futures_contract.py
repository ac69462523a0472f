import math

import numpy as np
import pytest

from cqkit.errors import InputError
from hedging import IF, FuturesContract


def test_the_report_contract_is_worth_what_the_report_says():
    # Table in section 2 of the 2008 report: 3757.66 points, CNY 1,127,298 notional, 112,729.8 margin.
    assert IF.notional(1.0, 3757.66) == pytest.approx(1_127_298)
    assert IF.margin(1.0, 3757.66) == pytest.approx(112_729.8)


def test_a_long_position_needs_margin_too():
    short, long = np.array([3.0]), np.array([-3.0])
    price = np.array([4000.0])
    assert IF.margin(long, price) == IF.margin(short, price)


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"multiplier": 0.0}, ["multiplier = 0.0"]),
        ({"multiplier": math.nan}, ["multiplier = nan"]),
        ({"initial_margin": 10.0}, ["initial_margin = 10.0", "not percent"]),
        ({"initial_margin": 0.0}, ["initial_margin = 0.0"]),
        ({"name": "", "currency": ""}, ["name", "currency"]),
    ],
)
def test_impossible_terms_are_named(terms, named):
    good = {"name": "IF", "multiplier": 300.0, "initial_margin": 0.1, "currency": "CNY"}
    with pytest.raises(InputError) as caught:
        FuturesContract(**(good | terms))
    assert all(word in str(caught.value) for word in named)
