import numpy as np
import pytest
from scipy.stats import norm, t

from cqkit.errors import InputError
from hedging import Prices, make_return_model, register_return_model, return_model_names

DRAWS = 200_000


def shocks(name, days, closes=None, **parameters):
    past = np.exp(np.random.default_rng(8).standard_t(5, (2, 500)).cumsum(axis=1) / 100) if closes is None else closes
    return make_return_model(name, **parameters).shocks(np.random.default_rng(3), days, DRAWS, Prices(past))


@pytest.mark.parametrize("name", ["normal", "student_t", "bootstrap"])
@pytest.mark.parametrize("days", [1, 5])
def test_shocks_are_in_units_of_their_deviation(name, days):
    drawn = shocks(name, days, **({"degrees": 8.0} if name == "student_t" else {}))
    np.testing.assert_allclose(drawn.mean(axis=-1), 0, atol=0.01)
    np.testing.assert_allclose(drawn.std(axis=-1), 1, atol=0.02)


def test_a_day_of_student_s_t_is_student_s_t():
    worst = np.quantile(shocks("student_t", 1), 0.01)
    assert worst == pytest.approx(t.ppf(0.01, 4) / np.sqrt(2), rel=0.03)


def test_over_many_days_student_s_t_becomes_normal():
    assert np.quantile(shocks("student_t", 40, degrees=8.0), 0.1) == pytest.approx(norm.ppf(0.1), rel=0.02)


def test_a_day_of_the_bootstrap_is_one_of_the_path_s_own_days():
    closes = np.array([[100.0, 110.0, 100.0, 110.0, 100.0], [100.0, 110.0, 125.0, 115.0, 120.0]])
    drawn = shocks("bootstrap", 1, closes, least=4)
    assert np.unique(drawn[0].round(12)).tolist() == [-1.0, 1.0]
    assert len(np.unique(drawn[1].round(12))) == 4


def test_the_bootstrap_knows_nothing_from_too_few_days():
    assert np.isnan(shocks("bootstrap", 3, np.ones((2, 5)))).all()


def test_the_bootstrap_of_a_market_that_never_moves_is_still():
    assert (shocks("bootstrap", 3, np.ones((2, 50))) == 0).all()


def test_the_models_are_known_by_name():
    assert {"bootstrap", "normal", "student_t"} <= set(return_model_names())
    with pytest.raises(InputError, match=r"return model = norm: must be one of .*did you mean normal\?"):
        make_return_model("norm")
    with pytest.raises(InputError, match=r"degrees = 2.0: must be above 2"):
        make_return_model("student_t", degrees="2")
    with pytest.raises(InputError, match="return model normal: is registered already"):
        register_return_model("normal")(type(make_return_model("normal")))
