"""What loops over stocks and funds are made of, against NumPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.cut import decay
from abm.loops import add_columns, growth, products, weigh_columns, weigh_rows

SOME = st.integers(0, 13)


@given(st.floats(-1, 1))
def test_growth_is_exact_for_moves_of_a_bar(move):
    assert growth(move) == pytest.approx(math.expm1(move), rel=2e-15, abs=1e-300)


@given(st.floats(-10, 10))
def test_growth_is_nearly_exact_for_moves_that_end_a_market(move):
    assert growth(move) == pytest.approx(math.expm1(move), rel=2e-8)


@given(st.floats(0, 1e6))
def test_decay_is_the_exponential_to_rounding_of_a_book(fall):
    assert decay(fall) == pytest.approx(math.exp(-fall), abs=2e-12)
    assert 0 <= decay(fall) <= 1


@given(rows=SOME, columns=SOME, seed=st.integers(0, 99), none=st.sets(SOME))
def test_rows_are_weighed_as_a_product_of_matrices(rows, columns, seed, none):
    draws = np.random.default_rng(seed)
    units, matrix, out = draws.normal(size=rows), draws.normal(size=(rows, columns)), draws.normal(size=columns)
    units[[row for row in none if row < rows]] = 0.0
    weigh_rows(units, 2.0, matrix, out)
    np.testing.assert_allclose(out, 2 * units @ matrix, atol=1e-13)


@given(rows=SOME, columns=SOME, seed=st.integers(0, 99))
def test_products_are_those_of_matrices(rows, columns, seed):
    draws = np.random.default_rng(seed)
    matrix, one, other = draws.normal(size=(rows, columns)), draws.normal(size=columns), draws.normal(size=columns)
    by_one, by_other = np.empty(rows), np.empty(rows)
    products(matrix, one, other, by_one, by_other)
    np.testing.assert_allclose(by_one, matrix @ one, atol=1e-13)
    np.testing.assert_allclose(by_other, matrix @ other, atol=1e-13)


@given(rows=SOME, columns=SOME, first=st.integers(0, 3), seed=st.integers(0, 99))
def test_some_columns_are_weighed_and_added_as_products_of_matrices(rows, columns, first, seed):
    draws = np.random.default_rng(seed)
    matrix, one, other = (
        draws.normal(size=(rows, first + columns + 2)),
        draws.normal(size=rows),
        draws.normal(size=rows),
    )
    units, added, part = draws.normal(size=columns), one.copy(), matrix[:, first : first + columns]
    by_one, by_other = np.full(columns, np.nan), np.full(columns, np.nan)
    weigh_columns(one, other, matrix, first, by_one, by_other)
    add_columns(units, matrix, first, added)
    np.testing.assert_allclose(by_one, one @ part, atol=1e-13)
    np.testing.assert_allclose(by_other, other @ part, atol=1e-13)
    np.testing.assert_allclose(added, one + part @ units, atol=1e-13)
