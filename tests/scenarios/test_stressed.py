"""What a sale costs in a stressed market."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.liquidation import sale_cost
from abm.settings import Impact
from scenarios.stressed import STRESSED_MOVES, STRESSED_VOLUME, stressed_cost


@given(
    sold=st.floats(1.0, 1e9),
    adv=st.floats(1e3, 1e9),
    sigma=st.floats(0.001, 0.2),
    permanent=st.sampled_from([0.0, 0.4]),
    spread=st.floats(0, 0.01),
)
def test_it_is_the_market_s_law_at_less_volume_and_larger_moves(sold, adv, sigma, permanent, spread):
    usual, wide = (Impact(permanent=permanent, half_spread=times * spread) for times in (1, STRESSED_MOVES))
    amounts, volumes, sigmas = np.array([sold]), np.array([adv]), np.array([sigma])
    cost = sale_cost(amounts, volumes, sigmas, usual)
    law = sale_cost(amounts, STRESSED_VOLUME * volumes, STRESSED_MOVES * sigmas, wide)
    assert stressed_cost(amounts, cost, volumes, usual) == pytest.approx(law, rel=1e-9)


def test_what_is_not_sold_costs_nothing_and_what_is_not_known_stays_so():
    found = stressed_cost(np.array([0.0, 5.0]), np.array([0.0, np.nan]), np.array([10.0, np.nan]))
    assert found[0] == 0
    assert np.isnan(found[1])
