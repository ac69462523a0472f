"""Measures: what a target reads off a run, one value (or row of values) a path.

A measure is a small registered class whose fields are its parameters; a scenario file names it:
`measure = { name = "daily", column = "index", on = 2007-08-09 }`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from abm import DailyRecord, Settings
from abm.settings import Section
from abm.state import Flow
from hedging import FloatArray, HedgeResult
from scenarios.faults import PartError, unknown_name

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
        """Index of a trading day; that the run has it was checked when the scenario was loaded."""
        return int(np.searchsorted(self.settings.clock.dates, np.datetime64(when, "D")))

    def nav_change(self) -> FloatArray:
        """Change of NAV against the close before the event, shape (paths, days, funds); NaN without equity then."""
        nav, event = self.record.nav, self.event_day
        eve = np.broadcast_to(nav[:, event - 1 : event], nav.shape)
        return np.divide(nav, eve, out=np.full_like(nav, np.nan), where=eve > 0) - 1

    def nav_since_eve(self, days: int | None = None) -> FloatArray:
        """The same from the event day on, for `days` days or to the end of the run."""
        event = self.event_day
        return self.nav_change()[:, event : None if days is None else event + days]


def median_fund(values: FloatArray) -> FloatArray:
    """Median over the last axis of the funds that have equity; NaN if none has."""
    if not np.isnan(values).any():
        return np.median(values, axis=-1)
    nobody = np.isnan(values).all(axis=-1)
    found = np.nanmedian(np.where(np.expand_dims(nobody, -1), 0.0, values), axis=-1)
    return np.where(nobody, np.nan, found)


class Measure(Section, ABC):
    """Something to read off an outcome; `values` has a leading path axis."""

    name: ClassVar[str]
    yes_or_no: ClassVar[bool] = False  # whether values are 1 and 0, so that a share can be told

    @abstractmethod
    def values(self, outcome: Outcome) -> FloatArray:
        """Values by path, shape (paths,) or (paths, ...); NaN where there is none."""

    def faults(self, settings: Settings) -> list[str]:  # noqa: ARG002
        """Say why this cannot be measured on a run under `settings`, so that a scenario is refused before it runs."""
        return []

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
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise ValueError(f"must be a table with a name out of: {', '.join(_MEASURES)}")
    if name not in _MEASURES:
        raise ValueError(unknown_name("measure", name, names()))
    parameters = {key: item for key, item in value.items() if key != "name"}
    try:
        return _MEASURES[name].model_validate_json(json.dumps(parameters, default=str), strict=True)
    except ValidationError as error:
        raise PartError(error, _MEASURES[name]) from None


parsed = BeforeValidator(_parse)


def column_names() -> tuple[str, ...]:
    """Names of all daily columns."""
    return (*DailyRecord.daily_names(), *(f"flow_{flow.name.lower()}" for flow in Flow), "margin_calls")


def daily_columns(outcome: Outcome) -> dict[str, FloatArray]:
    """All daily columns by name, shape (paths, days)."""
    return {**dict(outcome.record.columns()), "margin_calls": margin_calls(outcome)}


def _known_column(name: str) -> str:
    if name not in column_names():
        raise ValueError(unknown_name("daily column", name, column_names()))
    return name


Column = Annotated[str, AfterValidator(_known_column)]
# The contrarian portfolio weighs stocks by yesterday's returns, and the first day has no yesterday.
_FIRST_KNOWN_DAY = {"khandani_lo": 1}


def _date_faults(settings: Settings, column: str, key: str, when: date, before: int = 0, after: int = 0) -> list[str]:
    """Check that a date, and so many trading days before and after it, are days on which the column is known."""
    dates = settings.clock.dates
    allowed = dates[_FIRST_KNOWN_DAY.get(column, 0) + before : dates.size - after]
    if np.datetime64(when, "D") in allowed:
        return []
    if not allowed.size:
        return [f"measure.{key} = {when}: no day of this run has what is measured: must run longer (clock.days)"]
    return [f"measure.{key} = {when}: must be a trading day of the run from {allowed[0]} to {allowed[-1]}"]


def _horizon_faults(settings: Settings, days: int | None, after: int = 0) -> list[str]:
    """Check that the run goes on for `days` from the event day, and `after` more."""
    left = settings.clock.days - settings.clock.event_day - after
    if days is None or days <= left:
        return []
    return [f"measure.days = {days}: must not be above {left}, or the run must be longer (clock.days)"]


def _calm_faults(settings: Settings, column: str, least: int) -> list[str]:
    known = settings.clock.event_day - _FIRST_KNOWN_DAY.get(column, 0)
    if known >= least:
        return []
    return [f"measure.column = {column!r}: known on {known} days before the event: must be at least {least}"]


@register
class Daily(Measure):
    """A daily column on one date."""

    name: ClassVar[str] = "daily"
    column: Column
    on: date

    def values(self, outcome: Outcome) -> FloatArray:
        return daily_columns(outcome)[self.column][:, outcome.day(self.on)]

    def faults(self, settings: Settings) -> list[str]:
        return _date_faults(settings, self.column, "on", self.on)


@register
class Change(Measure):
    """Change of a daily column against the close before."""

    name: ClassVar[str] = "change"
    column: Column
    on: date

    def values(self, outcome: Outcome) -> FloatArray:
        day = outcome.day(self.on)
        series = daily_columns(outcome)[self.column]
        return series[:, day] - series[:, day - 1]

    def faults(self, settings: Settings) -> list[str]:
        return _date_faults(settings, self.column, "on", self.on, before=1)


@register
class Signs(Measure):
    """1 where a daily column has the given signs on consecutive days, else 0."""

    name: ClassVar[str] = "signs"
    yes_or_no: ClassVar[bool] = True
    column: Column
    first: date = Field(alias="from")
    signs: tuple[Literal[-1, 0, 1], ...] = Field(min_length=1)

    def values(self, outcome: Outcome) -> FloatArray:
        day = outcome.day(self.first)
        found = np.sign(daily_columns(outcome)[self.column][:, day : day + len(self.signs)])
        return (found == np.array(self.signs)).all(axis=1).astype(float)

    def faults(self, settings: Settings) -> list[str]:
        return _date_faults(settings, self.column, "from", self.first, after=len(self.signs) - 1)


@register
class Calm(Measure):
    """A daily column on all days before the event."""

    name: ClassVar[str] = "calm"
    column: Column

    def values(self, outcome: Outcome) -> FloatArray:
        return daily_columns(outcome)[self.column][:, : outcome.event_day]

    def faults(self, settings: Settings) -> list[str]:
        return _calm_faults(settings, self.column, least=1)


@register
class CalmDeviation(Measure):
    """Standard deviation of a daily column over the days before the event."""

    name: ClassVar[str] = "calm_sd"
    column: Column

    def values(self, outcome: Outcome) -> FloatArray:
        known = daily_columns(outcome)[self.column][:, _FIRST_KNOWN_DAY.get(self.column, 0) : outcome.event_day]
        return known.std(axis=1, ddof=1)

    def faults(self, settings: Settings) -> list[str]:
        return _calm_faults(settings, self.column, least=2)


@register
class FundTrough(Measure):
    """Lowest NAV change of each fund since the eve of the event, shape (paths, funds)."""

    name: ClassVar[str] = "fund_trough"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        return outcome.nav_since_eve(self.days).min(axis=1)

    def faults(self, settings: Settings) -> list[str]:
        return _horizon_faults(settings, self.days)


@register
class CrowdTrough(Measure):
    """The median fund's lowest NAV change since the eve of the event, shape (paths,)."""

    name: ClassVar[str] = "crowd_trough"
    days: int | None = Field(None, ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        return median_fund(outcome.nav_since_eve(self.days).min(axis=1))

    def faults(self, settings: Settings) -> list[str]:
        return _horizon_faults(settings, self.days)


@register
class RecoveredShare(Measure):
    """Share of the median fund's trough that is regained `days` days after the event day."""

    name: ClassVar[str] = "recovered_share"
    days: int = Field(ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        median = median_fund(outcome.nav_since_eve(self.days + 1))
        trough = median[:, : self.days].min(axis=1)
        return np.divide(trough - median[:, -1], trough, out=np.full_like(trough, np.nan), where=trough < 0)

    def faults(self, settings: Settings) -> list[str]:
        return _horizon_faults(settings, self.days, after=1)


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


def margin_calls(outcome: Outcome) -> FloatArray:
    """Number of funds called by path and day, shape (paths, days)."""
    counts = np.zeros(outcome.record.index.shape)
    events = outcome.record.event_frame()
    called = events[events["kind"] == "margin_call"]
    np.add.at(counts, (called["path"].to_numpy(dtype=int), called["day"].to_numpy(dtype=int)), 1)
    return counts
