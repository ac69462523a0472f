"""Books of the user's own that have nothing in common: 800 funds, 2,000 stocks, 10 days of 13 bars, two paths."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from measuring import SEED, Figures, array_seconds, measure_engine, seconds_of, told

from abm import Market, Settings
from abm.compile import kernel
from cqkit.arrays import FloatArray

FUNDS, STOCKS = 800, 2000
TOGETHER = 4  # paths whose books are read in turn: more than a cache holds


def settings_of(holdings: Path) -> Settings:
    """A market in which the crowd's books are as a file has them."""
    return Settings.model_validate(
        {
            "clock": {"start": "2007-07-30", "event": "2007-08-01", "days": 10},
            "market": {"stocks": STOCKS},
            "funds": {"count": FUNDS, "holdings": holdings},
            "desk": {"size": 0},
        }
    )


def measure(rounds: int) -> Figures:
    """Seconds a path."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "books.parquet"
        books = np.random.default_rng(SEED).standard_normal((FUNDS, STOCKS))
        write(books - books.mean(axis=1, keepdims=True), file)
        settings = settings_of(file)
        engine = measure_engine([settings], paths=2, rounds=max(2, rounds // 2), alone=1)
        return told(engine, numpy=array_seconds(settings)) | bandwidth(settings, rounds)


@kernel
def total(books: FloatArray) -> float:
    """Their sum, which takes one read of the books (paths, baskets, stocks)."""
    found = 0.0
    for path in range(books.shape[0]):
        for row in range(books.shape[1]):
            book = books[path, row]
            for i in range(book.size):
                found += book[i]
    return found


def bandwidth(settings: Settings, rounds: int) -> Figures:
    """How fast memory is read by a bare loop, and what share of that a run reads if it reads the books once a bar."""
    bare, traded = [], []
    for _ in range(rounds + 1):
        market = Market(settings, SEED, TOGETHER)
        books = market.state.baskets.shares
        total(books)
        bare += [seconds_of(lambda books=books: total(books)) for _ in range(3)]
        traded.append(seconds_of(lambda market=market: market.run(1)))
    once_a_bar = min(bare) * settings.clock.days * settings.clock.bars
    return {"gigabytes_a_second": books.nbytes / min(bare) / 1e9, "share_of_bandwidth": once_a_bar / min(traded)}


def write(books: np.ndarray, file: Path) -> None:
    """As a table with a row of tickers above."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.table({f"S{n}": column for n, column in enumerate(books.T)}), file)
