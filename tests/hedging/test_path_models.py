import numpy as np
import pytest

from cqkit.errors import InputError
from hedging.models.paths import StockBook, make_path_model, path_model_names

PAST = np.random.default_rng(0).standard_t(4, 300) / 80 + 0.001


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("name", ["gbm", "student_t"])
def test_moves_have_the_volatility_and_drift_a_year_that_were_asked_for(name):
    moves = make_path_model(name, volatility=0.4, drift=0.5).moves(rng(), 2000, 250, PAST)
    assert moves.std() * np.sqrt(250) == pytest.approx(0.4, rel=0.01)
    assert moves.sum(axis=1).mean() == pytest.approx(0.5, abs=4 * 0.4 / np.sqrt(2000))


def test_fewer_degrees_of_freedom_make_larger_days_of_the_same_volatility():
    calm, wild = (make_path_model("student_t", degrees=df).moves(rng(), 500, 250, PAST) for df in (30.0, 3.0))
    assert np.quantile(abs(wild), 0.999) > 1.5 * np.quantile(abs(calm), 0.999)


@pytest.mark.parametrize("name", path_model_names())
def test_the_same_stream_gives_the_same_paths(name):
    model = make_path_model(name)
    np.testing.assert_array_equal(model.moves(rng(), 3, 50, PAST), model.moves(rng(), 3, 50, PAST))
    assert model.moves(rng(), 3, 50, PAST).shape == (3, 50)


@pytest.mark.parametrize("name", ["gbm", "student_t"])
def test_antithetic_paths_mirror_each_other_about_the_drift(name):
    model = make_path_model(name, drift=0.25)
    moves = model.antithetic_moves(rng(), 6, 20, PAST)
    np.testing.assert_allclose((moves[::2] + moves[1::2]) / 2, 0.25 / 250)


def test_the_bootstrap_plays_stretches_of_the_past():
    moves = make_path_model("bootstrap", block=10, centred=False).moves(rng(), 40, 35, PAST)
    ring = np.concatenate([PAST, PAST[:10]])
    stretches = np.lib.stride_tricks.sliding_window_view(ring, 10)
    for path in moves:
        for first in (0, 10, 20):
            assert (stretches == path[first : first + 10]).all(axis=1).any()
        assert np.isin(path[30:], PAST).all()


def test_a_centred_bootstrap_has_no_drift_and_another_the_pasts():
    centred, plain = (make_path_model("bootstrap", centred=c).moves(rng(), 2000, 100, PAST) for c in (True, False))
    error = 4 * PAST.std() / np.sqrt(centred.size)
    assert centred.mean() == pytest.approx(0, abs=error)
    assert plain.mean() == pytest.approx(PAST.mean(), abs=error)


def test_the_stock_book_is_the_index_but_for_alpha_and_noise():
    index = make_path_model("gbm").moves(rng(), 500, 250, PAST)
    np.testing.assert_array_equal(StockBook().moves(rng(), index), index)
    np.testing.assert_allclose(StockBook(beta=0.5, alpha=0.1).moves(rng(), index), 0.5 * index + 0.1 / 250)
    noise = StockBook(tracking_error=0.08).moves(np.random.default_rng(2), index) - index
    assert noise.std() * np.sqrt(250) == pytest.approx(0.08, rel=0.01)
    assert abs(np.corrcoef(noise.ravel(), index.ravel())[0, 1]) < 0.015


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: make_path_model("gmb"), r"path model = gmb: must be one of .*\(did you mean gbm\?\)"),
        (lambda: make_path_model("gbm", volatility=25), r"volatility = 25: must lie in 0..5 \(a ratio a year"),
        (lambda: make_path_model("student_t", degrees=2.0), "degrees = 2.0: must be above 2"),
        (lambda: make_path_model("bootstrap", block=0), "block = 0: must be at least 1"),
        (lambda: StockBook(tracking_error=-1), "stock book: tracking_error = -1: must lie in 0..5"),
        (lambda: make_path_model("bootstrap").moves(rng(), 1, 5, PAST[:59]), "59 past returns: must be at least 60"),
        (lambda: make_path_model("bootstrap").antithetic_moves(rng(), 2, 5, PAST), "has no antithetic draws"),
        (lambda: make_path_model("gbm").antithetic_moves(rng(), 3, 5, PAST), "paths = 3: must be even"),
    ],
)
def test_what_is_wrong_is_named(make, fault):
    with pytest.raises(InputError, match=fault):
        make()
