"""What came of a simulated ensemble, and its daily columns by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from abm import DailyRecord, Settings
from abm.columns import COLUMNS
from cqkit.arrays import FloatArray
from hedging import HedgeResult

ALL = slice(None)
PATHS_AT_ONCE = 1000


@dataclass(frozen=True)
class Outcome:
    """One simulated ensemble: its settings, what its market wrote down, and the hedge desk's accounts."""

    settings: Settings
    record: DailyRecord
    desk: HedgeResult | None

    @property
    def event_day(self) -> int:
        """Index of the event among the days."""
        return self.settings.clock.event_day

    def day(self, when: date) -> int:
        """Index of a trading day; that the run has it was checked when the scenario was loaded."""
        return int(np.searchsorted(self.settings.clock.dates, np.datetime64(when, "D")))

    def nav_change(self, days: slice = ALL, paths: slice = ALL) -> FloatArray:
        """Change of NAV against the close before the event, shape (paths, days, funds); NaN without equity then."""
        nav, eve = self.record.nav[paths, days], self.record.nav[paths, self.event_day - 1, None]
        change = np.full(nav.shape, np.nan)
        np.divide(nav, eve, out=change, where=eve > 0)
        change -= 1
        return change

    def nav_since_eve(self, days: int | None = None, paths: slice = ALL) -> FloatArray:
        """The same from the event day on, for `days` days or to the end of the run."""
        event = self.event_day
        return self.nav_change(slice(event, None if days is None else event + days), paths)

    def median_fund_since_eve(self, days: int | None = None) -> FloatArray:
        """The median fund's, shape (paths, days): some paths at a time, for all funds' take much memory."""
        return np.concatenate([median_fund(self.nav_since_eve(days, part)) for part in self.parts()])

    def median_fund_at_end(self) -> FloatArray:
        """The median fund's on the last day, shape (paths,)."""
        last = slice(-1, None)
        return np.concatenate([median_fund(self.nav_change(last, part))[:, 0] for part in self.parts()])

    def fund_troughs(self, days: int | None = None) -> FloatArray:
        """The lowest of each fund's, shape (paths, funds): in the same way."""
        return np.concatenate([self.nav_since_eve(days, part).min(axis=1) for part in self.parts()])

    def parts(self) -> Iterator[slice]:
        """All paths, some at a time."""
        return (slice(first, first + PATHS_AT_ONCE) for first in range(0, self.record.paths, PATHS_AT_ONCE))


def median_fund(values: FloatArray) -> FloatArray:
    """Median over the last axis of the funds that have equity; NaN if none has."""
    if not np.isnan(values).any():
        return np.median(values, axis=-1)
    nobody = np.isnan(values).all(axis=-1)
    found = np.nanmedian(np.where(np.expand_dims(nobody, -1), 0.0, values), axis=-1)
    return np.where(nobody, np.nan, found)


def column_names() -> tuple[str, ...]:
    """Names of all daily columns that a market may have."""
    return COLUMNS.names()


def daily_columns(outcome: Outcome) -> dict[str, FloatArray]:
    """All daily columns by name, shape (paths, days)."""
    return dict(outcome.record.columns())


def margin_calls(outcome: Outcome) -> FloatArray:
    """Number of funds called by path and day, shape (paths, days)."""
    return outcome.record["margin_calls"]
