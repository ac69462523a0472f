"""The trend follower: a whole inhabitant in a file of its own, with settings, orders, accounts and a daily column."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market
from cqkit.errors import InputError
from scenarios import load_scenario

SIZE, DAYS = 0.05, 3


@pytest.fixture(scope="module", autouse=True)
def _plugged(plug_for_all):
    plug_for_all("trend_follower")


@pytest.fixture(scope="module")
def settings(futures_file):
    """Settings of a small market with futures, and a trend follower of a given size in it."""

    def of(size):
        overrides = {"trend_follower.size": size, "trend_follower.days": DAYS}
        return load_scenario(futures_file, overrides).settings

    return of


@pytest.fixture(scope="module")
def without(futures_file):
    return ended(load_scenario(futures_file).settings)


@pytest.fixture(scope="module")
def with_one(settings):
    return ended(settings(SIZE))


def ended(settings):
    market = Market(settings, seed=7, paths=4)
    market.run(2)
    return market


def test_it_trades_and_all_ledgers_close(with_one, without):
    assert with_one.record.ledger_residual.max() < 1e-12
    np.testing.assert_allclose(with_one.futures_positions().sum(axis=0), 0, atol=1e-12)
    moved = np.abs(with_one.record["basis"] - without.record["basis"]).max(axis=1)
    assert (moved > 1e-5).all()


def test_it_holds_its_size_in_the_direction_of_the_index_over_its_days(with_one):
    closes = np.cumprod(1 + np.column_stack([np.zeros(4), with_one.record["index"]]), axis=1)  # from the eve on
    held = with_one.record["trend_follower_futures"]
    # What is known at the close of day t, which has column t + 1, is held a day later.
    trend = np.sign(closes[:, DAYS + 1 : -1] - closes[:, 1 : -DAYS - 1])
    np.testing.assert_allclose(held[:, DAYS + 1 :], SIZE * trend, atol=1e-12)
    assert len(np.unique(np.sign(held))) > 1


def test_its_account_earns_the_futures_gains_on_what_it_holds(with_one):
    follower = with_one.inhabitants["trend_follower"]
    record = with_one.record
    price = np.cumprod(1 + record["index"], axis=1) * (1 + record["basis"])
    held = record["trend_follower_futures"]
    overnight = (held[:, :-1] * np.diff(price, axis=1)).sum(axis=1)
    cash = with_one.state.ledger.cash[:, follower.state.party]
    traded = np.abs(np.diff(held, axis=1, prepend=0)) * np.abs(np.diff(price, axis=1, prepend=1.0))
    assert (np.abs(cash - overnight) <= 2.5 * traded.sum(axis=1)).all()  # trades are done within the day


def test_one_of_size_0_changes_nothing(settings, without):
    idle = ended(settings(0.0))
    np.testing.assert_allclose(idle.record.nav, without.record.nav, rtol=1e-12)
    for name, values in without.record.columns():
        np.testing.assert_allclose(idle.record[name], values, rtol=1e-9, atol=1e-12, err_msg=name)


def test_its_column_is_there_where_it_is_and_its_settings_are_checked(with_one, without, small_file, futures_file):
    assert "trend_follower_futures" in with_one.record
    assert "trend_follower_futures" not in without.record
    with pytest.raises(InputError, match=r"trend_follower\.days = 0"):
        load_scenario(futures_file, {"trend_follower.days": 0})
    with pytest.raises(InputError, match="trend_follower: needs a futures market"):
        Market(load_scenario(small_file, {"trend_follower.size": 1}).settings)
