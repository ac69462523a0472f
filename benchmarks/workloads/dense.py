"""Books of the user's own that have nothing in common: 800 funds, 2,000 stocks, 10 days of 13 bars, two paths."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from measuring import SEED, Figures, array_seconds, measure_engine, told

from abm import Settings

FUNDS, STOCKS = 800, 2000


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
        return told(engine, numpy=array_seconds(settings))


def write(books: np.ndarray, file: Path) -> None:
    """As a table with a row of tickers above."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.table({f"S{n}": column for n, column in enumerate(books.T)}), file)
