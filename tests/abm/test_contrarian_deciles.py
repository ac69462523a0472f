"""The contrarian portfolio within deciles of capitalisation, against plain Python on the closes of a small market."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abm import Market
from abm.columns import COLUMNS, DECILES, columns_of, decile_column
from abm.settings import Settings
from abm.stocks import draw_stocks

NAMES = [decile_column(decile) for decile in range(1, DECILES + 1)]


def contrarian(yesterday: list[float], today: list[float]) -> float:
    """Khandani and Lo's equations 1 to 3, stock by stock; NaN where there is nobody to differ from."""
    mean = sum(yesterday) / len(yesterday)
    weights = [mean - moved for moved in yesterday]
    gross = sum(abs(weight) for weight in weights)
    return sum(w * r for w, r in zip(weights, today, strict=True)) / (gross / 2) if gross > 0 else math.nan


@pytest.fixture(params=[40, 47])  # deciles of the same size, and of four and five stocks
def market(request, small):
    """A small market that was traded to its end, and its closes, a list a day and path with those of the start."""
    market = Market(small(market={"stocks": request.param}), seed=5, paths=2, first_path=3)
    closes = [market.state.stocks.price.tolist()]
    market.rules = (lambda traded: closes.append(traded.state.stocks.price.tolist()),)
    market.run()
    return market, closes


def test_each_decile_is_a_contrarian_portfolio_of_its_own_and_the_whole_stays_one(market):
    traded, closes = market
    stocks = traded.settings.market.stocks
    sizes = draw_stocks(traded.settings.market, 5, 3, 2).capitalisation
    for path in range(2):
        by_size = sorted(range(stocks), key=lambda stock: sizes[path, stock])
        members = [by_size[stocks * k // DECILES : stocks * (k + 1) // DECILES] for k in range(DECILES)]
        assert {stock for decile in members for stock in decile} == set(range(stocks))
        for day in range(traded.dates.size):
            moves = [
                [now / before - 1 for now, before in zip(closes[at + 1][path], closes[at][path], strict=True)]
                for at in (max(day - 1, 0), day)
            ]
            for name, chosen in [("khandani_lo", range(stocks)), *zip(NAMES, members, strict=True)]:
                expected = contrarian(*([move[stock] for stock in chosen] for move in moves)) if day else math.nan
                assert traded.record[name][path, day] == pytest.approx(expected, rel=1e-11, abs=1e-14, nan_ok=True)


def test_every_day_but_the_first_is_known(market):
    known = np.array([np.isfinite(market[0].record[name]).all(axis=0) for name in NAMES])
    assert not known[:, 0].any()
    assert known[:, 1:].all()
    assert {COLUMNS[name].first_day for name in NAMES} == {1}


def test_a_decile_of_fewer_than_two_stocks_has_no_portfolio(small):
    record = Market(small(market={"stocks": 14}), seed=5).run()
    known = [bool(np.isfinite(record[name][:, 1:]).all()) for name in NAMES]
    assert known == [14 * (k + 1) // DECILES - 14 * k // DECILES >= 2 for k in range(DECILES)]
    assert sum(known) == 4
    assert all(np.isnan(record[name]).all() for name, has in zip(NAMES, known, strict=True) if not has)


def test_spread_trades_have_no_size_and_no_columns_of_it():
    settings = Settings.model_validate({"market": {"instruments": "spreads"}})
    assert not set(NAMES) & set(columns_of(settings))
    assert "have no size" in COLUMNS[NAMES[0]].why_not(settings)
    assert set(NAMES) < set(columns_of(Settings()))
