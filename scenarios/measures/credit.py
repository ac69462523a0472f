"""Measures of a large fund and of what its selling did; in days of the market's value, as the daily columns are."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import numpy as np
from pydantic import Field

from abm import Settings
from cqkit.arrays import FloatArray
from scenarios.measures.base import Measure, register
from scenarios.measures.daily import Column, column_faults, date_faults
from scenarios.measures.outcome import Outcome, daily_columns

EQUITY = "large_fund_equity"


def equity_at(outcome: Outcome, when: date | None) -> FloatArray:
    """The large fund's equity at a close, or at the start, shape (paths,)."""
    if when is None:
        return np.full(len(outcome.record["index"]), outcome.settings.large_fund.equity)
    return outcome.record[EQUITY][:, outcome.day(when)]


def _between_faults(settings: Settings, first: date | None, last: date) -> list[str]:
    named = {"after": first, "to": last}
    faults = column_faults(settings, EQUITY)
    faults += [fault for key, when in named.items() if when for fault in date_faults(settings, EQUITY, key, when)]
    if first is not None and first >= last:
        faults.append(f"measure.after = {first}: must lie before measure.to = {last}")
    return faults


@register
class LargeFundReturn(Measure):
    """The large fund's return from one close to another; NaN without equity at the first."""

    name: ClassVar[str] = "large_fund_return"
    after: date | None = Field(None, description="the close that it is counted from; default: the start")
    to: date

    def values(self, outcome: Outcome) -> FloatArray:
        before, now = equity_at(outcome, self.after), equity_at(outcome, self.to)
        return np.divide(now - before, before, out=np.full_like(now, np.nan), where=before > 0)

    def faults(self, settings: Settings) -> list[str]:
        return _between_faults(settings, self.after, self.to)


@register
class LargeFundLoss(Measure):
    """What the large fund loses from one close to another."""

    name: ClassVar[str] = "large_fund_loss"
    after: date | None = Field(None, description="the close that it is counted from; default: the start")
    to: date

    def values(self, outcome: Outcome) -> FloatArray:
        return equity_at(outcome, self.after) - equity_at(outcome, self.to)

    def faults(self, settings: Settings) -> list[str]:
        return _between_faults(settings, self.after, self.to)


@register
class LargeFundRuined(Measure):
    """1 where the large fund has been without equity at some close up to a date, else 0."""

    name: ClassVar[str] = "large_fund_ruined"
    yes_or_no: ClassVar[bool] = True
    to: date

    def values(self, outcome: Outcome) -> FloatArray:
        lowest = outcome.record[EQUITY][:, : outcome.day(self.to) + 1].min(axis=1)
        return (lowest <= 0).astype(float)

    def faults(self, settings: Settings) -> list[str]:
        return column_faults(settings, EQUITY) + date_faults(settings, EQUITY, "to", self.to)


@register
class ColumnTrough(Measure):
    """Lowest value of a daily column after a close."""

    name: ClassVar[str] = "trough"
    column: Column
    after: date

    def values(self, outcome: Outcome) -> FloatArray:
        return daily_columns(outcome)[self.column][:, outcome.day(self.after) + 1 :].min(axis=1)

    def faults(self, settings: Settings) -> list[str]:
        faults = column_faults(settings, self.column)
        return faults + date_faults(settings, self.column, "after", self.after, after=1)


@register
class ColumnTotal(Measure):
    """Sum of a daily column from the day after one close to another."""

    name: ClassVar[str] = "total"
    column: Column
    after: date
    to: date

    def values(self, outcome: Outcome) -> FloatArray:
        chosen = slice(outcome.day(self.after) + 1, outcome.day(self.to) + 1)
        return daily_columns(outcome)[self.column][:, chosen].sum(axis=1)

    def faults(self, settings: Settings) -> list[str]:
        faults = column_faults(settings, self.column) + date_faults(settings, self.column, "after", self.after)
        if self.after >= self.to:
            faults.append(f"measure.after = {self.after}: must lie before measure.to = {self.to}")
        return faults + date_faults(settings, self.column, "to", self.to)
