"""What a market writes down at each close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Self, cast

import numpy as np
import pandas as pd

from abm.state import Flow
from cqkit.arrays import FloatArray, IntArray

EVENT_KINDS = ("margin_call", "forced_sale", "default", "re_entry")
_MARKET = ("khandani_lo", "crowded_book", "index", "volatility_index", "mispricing", "crowd_leverage")
_FUTURES = (
    *("basis", "small_caps", "common_stocks", "crowd_stock_gain", "crowd_futures_gain", "crowd_hedge"),
    *("crowd_reserve", "margin_level"),
)
EVENT_COLUMNS = ("path", "day", "fund", "kind", "amount")


@dataclass
class DailyRecord:
    """Arrays shaped (paths, days) unless said otherwise; returns are ratios, books in days of the market's value."""

    khandani_lo: FloatArray  # contrarian portfolio's return, a measurement of size zero; NaN on the first day
    crowded_book: FloatArray  # change of value of a unit of the crowded book
    index: FloatArray  # simple return
    volatility_index: FloatArray  # points
    mispricing: FloatArray  # of a unit of the crowded book against fundamentals
    crowd_leverage: FloatArray  # the crowd's book per side over its equity; NaN without equity
    # Of a futures market, else NaN; gains are ratios to the futures funds' starting stock book.
    basis: FloatArray  # futures over index, less 1
    small_caps: FloatArray  # simple return of all stocks outside the index, by capitalisation; NaN if there are none
    common_stocks: FloatArray  # simple return of the small stocks that the crowd holds in common
    crowd_stock_gain: FloatArray  # of futures funds, after spread and financing
    crowd_futures_gain: FloatArray
    crowd_hedge: FloatArray  # their futures over their stocks
    crowd_reserve: FloatArray  # their cash beyond margins over their stocks
    margin_level: FloatArray  # what the exchange's margin is multiplied by
    flows: FloatArray  # (paths, days, flows), units bought by `Flow`
    nav: FloatArray  # (paths, days, funds), over starting equity; 1 without any
    kinds: IntArray  # (funds,), FundKind
    overlap: FloatArray  # (paths,), realised average overlap of the funds' books at the start
    book: FloatArray  # (paths,), the crowd's book at the start
    ledger_residual: FloatArray  # (paths,), largest distance of any bar's cash ledger from closing
    events: list[pd.DataFrame]
    more: dict[str, FloatArray]  # further daily figures of markets that have them (abm/credit.py)

    @classmethod
    def empty(cls, paths: int, days: int, kinds: IntArray) -> Self:
        """Make room for a run with funds of these kinds."""
        unknown = {name: np.full((paths, days), np.nan) for name in cls.daily_names()}
        return cls(
            **unknown,
            flows=np.zeros((paths, days, len(Flow))),
            nav=np.ones((paths, days, kinds.size)),
            kinds=kinds,
            overlap=np.empty(paths),
            book=np.empty(paths),
            ledger_residual=np.zeros(paths),
            events=[],
            more={},
        )

    @classmethod
    def concatenate(cls, records: Iterable[Self]) -> Self:
        """Join the records of blocks of paths, in order."""
        blocks = list(records)
        arrays = {
            item.name: np.concatenate([getattr(block, item.name) for block in blocks])
            for item in fields(cls)
            if item.name not in {"events", "kinds", "more"}
        }
        events = [event for block in blocks for event in block.events]
        more = {name: np.concatenate([block.more[name] for block in blocks]) for name in blocks[0].more}
        return cls(**arrays, kinds=blocks[0].kinds, events=events, more=more)

    @staticmethod
    def daily_names() -> tuple[str, ...]:
        """Names of the figures that are one number a path and day."""
        return (*_MARKET, *_FUTURES)

    def __getitem__(self, name: str) -> FloatArray:
        """A daily column by name, shape (paths, days)."""
        return self.more[name] if name in self.more else cast("FloatArray", getattr(self, name))

    @property
    def has_futures(self) -> bool:
        """Whether there is a futures market to tell of."""
        return not np.isnan(self.basis).all()

    def event_frame(self) -> pd.DataFrame:
        """All events in the order of path and day, columns `EVENT_COLUMNS`."""
        if not self.events:
            return pd.DataFrame({name: [] for name in EVENT_COLUMNS})
        return pd.concat(self.events, ignore_index=True).sort_values(["path", "day", "fund"], kind="stable")

    def columns(self) -> Iterator[tuple[str, FloatArray]]:
        """Daily figures by name, shape (paths, days)."""
        for name in self.daily_names() if self.has_futures else _MARKET:
            yield name, getattr(self, name)
        for flow in Flow:
            if flow in (Flow.ARBITRAGE, Flow.FUTURES) and not self.has_futures:
                continue
            yield f"flow_{flow.name.lower()}", self.flows[:, :, flow]
        yield from self.more.items()
