"""Measures of one daily column."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from abm import Settings
from abm.columns import COLUMNS
from cqkit.arrays import FloatArray
from scenarios.faults import unknown_name
from scenarios.measures.base import Measure, register
from scenarios.measures.outcome import Outcome, column_names, daily_columns


def _known_column(name: str) -> str:
    if name not in column_names():
        raise ValueError(unknown_name("daily column", name, column_names()))
    return name


Column = Annotated[str, AfterValidator(_known_column)]


def column_faults(settings: Settings, column: str) -> list[str]:
    """Check that a run has a daily column at all: some are of a futures market, some of funds that hedge with it."""
    lacking = COLUMNS[column].why_not(settings)
    return [f"measure.column = {column!r}: {lacking}"] if lacking else []


def date_faults(settings: Settings, column: str, key: str, when: date, before: int = 0, after: int = 0) -> list[str]:
    """Check that a date, and so many trading days before and after it, are days on which the column is known."""
    if COLUMNS[column].why_not(settings):
        return []  # `column_faults` says so
    dates = settings.clock.dates
    allowed = dates[COLUMNS[column].first_day + before : max(dates.size - after, 0)]
    if np.datetime64(when, "D") in allowed:
        return []
    if not allowed.size:
        return [f"measure.{key} = {when}: no day of this run has what is measured: must run longer (clock.days)"]
    return [f"measure.{key} = {when}: must be a trading day of the run from {allowed[0]} to {allowed[-1]}"]


def calm_faults(settings: Settings, column: str, least: int) -> list[str]:
    """Check that a column is known on enough days before the event."""
    known = settings.clock.event_day - COLUMNS[column].first_day
    if known >= least:
        return column_faults(settings, column)
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
        return column_faults(settings, self.column) + date_faults(settings, self.column, "on", self.on)


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
        return column_faults(settings, self.column) + date_faults(settings, self.column, "on", self.on, before=1)


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
        return column_faults(settings, self.column) + date_faults(
            settings, self.column, "from", self.first, after=len(self.signs) - 1
        )


@register
class Calm(Measure):
    """A daily column on all days before the event."""

    name: ClassVar[str] = "calm"
    column: Column

    def values(self, outcome: Outcome) -> FloatArray:
        return daily_columns(outcome)[self.column][:, : outcome.event_day]

    def faults(self, settings: Settings) -> list[str]:
        return calm_faults(settings, self.column, least=1)


@register
class CalmDeviation(Measure):
    """Standard deviation of a daily column over the days before the event."""

    name: ClassVar[str] = "calm_sd"
    column: Column

    def values(self, outcome: Outcome) -> FloatArray:
        known = daily_columns(outcome)[self.column][:, COLUMNS[self.column].first_day : outcome.event_day]
        return known.std(axis=1, ddof=1)

    def faults(self, settings: Settings) -> list[str]:
        return calm_faults(settings, self.column, least=2)
