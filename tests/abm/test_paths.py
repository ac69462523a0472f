"""Paths, seeds and threads: a result is a function of settings and seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market, run_together, trade_day


def fields(market: Market) -> list[np.ndarray]:
    record = market.record
    return [
        record.nav,
        record["index"],
        record["khandani_lo"],
        record.flows,
        record["volatility_index"],
        record["mispricing"],
    ]


def assert_same(one: Market, other: Market, rows: slice = slice(None)) -> None:
    for a, b in zip(fields(one), fields(other), strict=True):
        np.testing.assert_array_equal(a, b[rows])


def ran(settings, **arguments) -> Market:
    market = Market(settings, **arguments)
    market.run(1)
    return market


def test_results_do_not_depend_on_the_number_of_threads(small):
    alone = ran(small(), seed=1, paths=9)
    for workers in (2, 5):
        market = Market(small(), seed=1, paths=9)
        market.run(workers)
        assert_same(market, alone)


def test_a_path_is_the_same_in_any_block_of_paths(small):
    together = ran(small(), seed=1, paths=5)
    assert_same(ran(small(), seed=1, paths=2, first_path=3), together, slice(3, 5))


EVERYTHING = {
    "funds": {"kind": {"long_short": 0.4, "futures": 0.6}, "policy": {"full-rebalanced": 0.5, "timing": 0.5}},
    "futures": {"volume": 0.35, "margin_reaction": 1.0},
    "lines": {"warning": 0.9, "stop": 0.8},
    "redemptions": {"sensitivity": 1.0, "threshold": 0.01, "horizon": 3, "notice": 2},
    "desk": {"size": 0.1, "price_taker": False},
}


def test_with_futures_too_results_depend_neither_on_threads_nor_on_blocks(hedged):
    together = ran(hedged(**EVERYTHING), seed=1, paths=5)
    threaded = Market(hedged(**EVERYTHING), seed=1, paths=5)
    threaded.run(3)
    block = ran(hedged(**EVERYTHING), seed=1, paths=2, first_path=3)
    for other, rows in ((threaded, slice(None)), (block, slice(3, 5))):
        assert_same(other, together, rows)
        for name, values in other.record.columns():
            np.testing.assert_array_equal(values, together.record[name][rows])
        np.testing.assert_array_equal(other.desk_result.futures_pnl, together.desk_result.futures_pnl[rows])


def test_seeds_and_paths_differ(small):
    one, other = ran(small(), seed=1, paths=2), ran(small(), seed=2)
    assert not np.array_equal(one.record["index"][0], one.record["index"][1])
    assert not np.array_equal(one.record["index"][0], other.record["index"][0])


def test_markets_that_trade_together_give_what_each_gives_alone(small):
    variants = [small(), small(liquidator={"size": 0}), small(funds={"crowding": 0.2}, clock={"days": 17})]
    markets = [Market(settings, seed=6, paths=3) for settings in variants]
    run_together(markets, workers=2)
    for market, settings in zip(markets, variants, strict=True):
        assert_same(market, ran(settings, seed=6, paths=3))


def test_twins_share_fundamentals_whatever_the_crowd_does(small):
    one = ran(small(), seed=7).state.stocks
    for crowd in (
        small(funds={"count": 30, "leverage": 4}),
        small(liquidator={"size": 0}, opportunists={"capital": 0.3}),
        small(funds={"styles": 7}, impact={"law": "linear"}, index_sector={"holding": 3.0, "stop": 0.02}),
    ):
        other = ran(crowd, seed=7).state.stocks
        np.testing.assert_array_equal(other.news, one.news)
        np.testing.assert_array_equal(other.transient, one.transient)
        values, expected = (np.log(stocks.price) - stocks.displacement for stocks in (other, one))
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)


def test_funds_are_the_same_when_more_join(small):
    few, many = (Market(small(funds={"count": n}), seed=8).state.funds for n in (10, 20))
    np.testing.assert_array_equal(few.exposure[0], many.exposure[0, :, :10])
    np.testing.assert_array_equal(few.limit[0], many.limit[0, :10])


def test_without_a_liquidator_the_twin_is_the_run(small):
    assert_same(ran(small(liquidator={"size": 0, "days": 9}), seed=1), ran(small(liquidator={"size": 0}), seed=1))


def test_markets_with_other_noise_cannot_trade_together(small):
    with pytest.raises(ValueError, match="same seed"):
        trade_day([Market(small(), seed=1), Market(small(), seed=2)])
    with pytest.raises(ValueError, match="bars"):
        trade_day([Market(small()), Market(small(clock={"bars": 2}))])


def test_a_daily_rule_sees_every_close_and_may_trade(small):
    days = []

    def buy_once(market: Market) -> None:
        days.append(market.day)
        if market.day == 2:
            market.submit(np.full(market.settings.market.stocks, 0.05))

    traded = Market(small(), seed=1, paths=2, rules=[buy_once])
    traded.run(1)
    alone = ran(small(), seed=1, paths=2)
    assert days == list(range(traded.dates.size))
    np.testing.assert_array_equal(traded.record["index"][:, :3], alone.record["index"][:, :3])
    assert (traded.record["mispricing"][:, 3] != alone.record["mispricing"][:, 3]).all()
