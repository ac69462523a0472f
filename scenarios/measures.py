"""Measures: what a target reads off a run, one value (or row of values) a path.

A measure is a small registered class whose fields are its parameters; a scenario file names it:
`measure = { name = "daily", column = "index", on = 2007-08-09 }`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer

from abm import DailyRecord, Settings
from abm.settings import Section
from abm.state import Flow
from hedging import FloatArray, HedgeResult

Reduction = Literal["median", "mean", "sum", "share", "p10", "p90"]

REDUCTIONS: dict[str, Callable[[FloatArray], Any]] = {
    "median": np.nanmedian,
    "mean": np.nanmean,
    "share": np.nanmean,
    "sum": np.nansum,
    "p10": lambda values: np.nanpercentile(values, 10),
    "p90": lambda values: np.nanpercentile(values, 90),
}


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
        """Index of a trading day.

        Raises
        ------
        ValueError
            If the market is shut on it, or the run does not reach it.
        """
        found = np.flatnonzero(self.settings.clock.dates == np.datetime64(when, "D"))
        if not found.size:
            raise ValueError(f"{when} is not a trading day of the run")
        return int(found[0])

    def nav_since_eve(self, days: int | None = None) -> FloatArray:
        """Change of NAV since the close before the event, shape (paths, days, funds)."""
        event = self.event_day
        eve = self.record.nav[:, event - 1 : event]
        last = None if days is None else event + days
        return self.record.nav[:, event:last] / eve - 1


class Measure(Section, ABC):
    """Something to read off an outcome; `values` has a leading path axis."""

    name: ClassVar[str]

    @abstractmethod
    def values(self, outcome: Outcome) -> FloatArray:
        """Values by path, shape (paths,) or (paths, ...); NaN where there is none."""

    @model_serializer(mode="wrap")
    def _with_name(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"name": self.name, **serialise(self)}


M = TypeVar("M", bound=type[Measure])
_MEASURES: dict[str, type[Measure]] = {}


def register(measure: M) -> M:
    """Register a measure under its `name`."""
    _MEASURES[measure.name] = measure
    return measure


def names() -> tuple[str, ...]:
    """Names of all registered measures."""
    return tuple(_MEASURES)


def _parse(value: Any) -> Any:
    if isinstance(value, Measure):
        return value
    if not isinstance(value, dict) or value.get("name") not in _MEASURES:
        raise ValueError(f"must be a table with a name out of: {', '.join(_MEASURES)}")
    return _MEASURES[value["name"]].model_validate({key: item for key, item in value.items() if key != "name"})


parsed = BeforeValidator(_parse)


@register
class Daily(Measure):
    """A daily column on one date."""

    name: ClassVar[str] = "daily"
    column: str
    on: date

    def values(self, outcome: Outcome) -> FloatArray:
        return column(outcome, self.column)[:, outcome.day(self.on)]


@register
class Change(Measure):
    """Change of a daily column against the close before."""

    name: ClassVar[str] = "change"
    column: str
    on: date

    def values(self, outcome: Outcome) -> FloatArray:
        day = outcome.day(self.on)
        series = column(outcome, self.column)
        return series[:, day] - series[:, day - 1]


@register
class Signs(Measure):
    """1 where a daily column has the given signs on consecutive days, else 0."""

    name: ClassVar[str] = "signs"
    column: str
    first: date = Field(alias="from")
    signs: tuple[int, ...]

    def values(self, outcome: Outcome) -> FloatArray:
        day = outcome.day(self.first)
        found = np.sign(column(outcome, self.column)[:, day : day + len(self.signs)])
        return (found == np.array(self.signs)).all(axis=1).astype(float)


@register
class Calm(Measure):
    """A daily column on all days before the event."""

    name: ClassVar[str] = "calm"
    column: str

    def values(self, outcome: Outcome) -> FloatArray:
        return column(outcome, self.column)[:, : outcome.event_day]


@register
class CalmDeviation(Measure):
    """Standard deviation of a daily column over the days before the event."""

    name: ClassVar[str] = "calm_sd"
    column: str

    def values(self, outcome: Outcome) -> FloatArray:
        return np.nanstd(column(outcome, self.column)[:, : outcome.event_day], axis=1, ddof=1)


@register
class FundTrough(Measure):
    """Lowest NAV change of each fund since the eve of the event, shape (paths, funds)."""

    name: ClassVar[str] = "fund_trough"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        return outcome.nav_since_eve(self.days).min(axis=1)


@register
class CrowdTrough(Measure):
    """The median fund's lowest NAV change since the eve of the event, shape (paths,)."""

    name: ClassVar[str] = "crowd_trough"
    days: int | None = Field(None, ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        return np.median(outcome.nav_since_eve(self.days).min(axis=1), axis=1)


@register
class RecoveredShare(Measure):
    """Share of the median fund's trough that is regained `days` days after the event day."""

    name: ClassVar[str] = "recovered_share"
    days: int = Field(ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        median = np.median(outcome.nav_since_eve(self.days + 1), axis=2)
        trough = median[:, : self.days].min(axis=1)
        return np.divide(trough - median[:, -1], trough, out=np.full_like(trough, np.nan), where=trough < 0)


@register
class CallsBeforeEvent(Measure):
    """Number of margin calls of funds before the event."""

    name: ClassVar[str] = "margin_calls_before_event"

    def values(self, outcome: Outcome) -> FloatArray:
        return margin_calls(outcome)[:, : outcome.event_day].sum(axis=1)


@register
class ForcedShare(Measure):
    """Books sold under compulsion over the crowd's starting book."""

    name: ClassVar[str] = "forced_share"

    def values(self, outcome: Outcome) -> FloatArray:
        sold = -outcome.record.flows[:, :, Flow.FORCED].sum(axis=1)
        book = outcome.record.book
        return np.divide(sold, book, out=np.zeros_like(sold), where=book > 0)


def column(outcome: Outcome, name: str) -> FloatArray:
    """A daily column by name, shape (paths, days).

    Raises
    ------
    ValueError
        If there is no such column.
    """
    columns = dict(outcome.record.columns())
    if name not in columns:
        raise ValueError(f"no daily column {name!r}; there are: {', '.join(columns)}")
    return columns[name]


def margin_calls(outcome: Outcome) -> FloatArray:
    """Number of funds called by path and day, shape (paths, days)."""
    counts = np.zeros(outcome.record.index.shape)
    events = outcome.record.event_frame()
    called = events[events["kind"] == "margin_call"]
    np.add.at(counts, (called["path"].to_numpy(dtype=int), called["day"].to_numpy(dtype=int)), 1)
    return counts
