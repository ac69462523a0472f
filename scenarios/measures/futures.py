"""Measures of a crowd that hedges with index futures, and of the futures themselves, from the event day on."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from abm import Settings
from abm.state import Flow
from cqkit.arrays import BoolArray, FloatArray
from scenarios.measures.base import Measure, register
from scenarios.measures.crowd import ForcedShare, horizon_faults
from scenarios.measures.daily import column_faults, date_faults
from scenarios.measures.outcome import Outcome, daily_columns, margin_calls

Returns = Literal["index", "small_caps", "large_caps", "common_stocks"]  # simple returns by day, which compound
WORST = 3  # days of largest combined loss, over which both legs are looked at
LEGS = {
    "both": ("crowd_stock_gain", "crowd_futures_gain"),
    "stocks": ("crowd_stock_gain",),
    "futures": ("crowd_futures_gain",),
}


def _since_event(outcome: Outcome, column: str, days: int | None) -> FloatArray:
    """A daily column from the event day on, for `days` days or to the end, shape (paths, days)."""
    event = outcome.event_day
    return daily_columns(outcome)[column][:, event : None if days is None else event + days]


@register
class Rise(Measure):
    """Return of the index or of the small stocks over consecutive days, compounded."""

    name: ClassVar[str] = "rise"
    column: Returns
    first: date = Field(alias="from")
    days: int = Field(ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        day = outcome.day(self.first)
        return np.prod(1 + daily_columns(outcome)[self.column][:, day : day + self.days], axis=1) - 1

    def faults(self, settings: Settings) -> list[str]:
        return column_faults(settings, self.column) + date_faults(
            settings, self.column, "from", self.first, after=self.days - 1
        )


@register
class LowestReturn(Measure):
    """Lowest compounded return of the index or of the small stocks since the eve of the event."""

    name: ClassVar[str] = "lowest_return"
    column: Returns
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        return (np.cumprod(1 + _since_event(outcome, self.column, self.days), axis=1) - 1).min(axis=1)

    def faults(self, settings: Settings) -> list[str]:
        return column_faults(settings, self.column) + horizon_faults(settings, self.days)


@register
class PeakAboveEve(Measure):
    """Highest close of a daily column from the event on, less its close on the eve."""

    name: ClassVar[str] = "peak_above_eve"
    column: Literal["basis", "margin_level", "crowd_hedge", "volatility_index"]
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        eve = daily_columns(outcome)[self.column][:, outcome.event_day - 1]
        return _since_event(outcome, self.column, self.days).max(axis=1) - eve

    def faults(self, settings: Settings) -> list[str]:
        return column_faults(settings, self.column) + horizon_faults(settings, self.days)


@register
class FundChange(Measure):
    """NAV change of each fund from the eve of the event to the close of its `days`-th day, shape (paths, funds)."""

    name: ClassVar[str] = "fund_change"
    days: int = Field(ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        last = outcome.event_day + self.days - 1
        return outcome.nav_change(slice(last, last + 1))[:, 0]

    def faults(self, settings: Settings) -> list[str]:
        return horizon_faults(settings, self.days)


@register
class CrowdGain(Measure):
    """What the futures funds gained since the eve of the event, over their starting stock book."""

    name: ClassVar[str] = "crowd_gain"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")
    legs: Literal["both", "stocks", "futures"] = "both"
    take: Literal["end", "trough"] = Field("end", description="at the horizon's end, or at its lowest")

    def values(self, outcome: Outcome) -> FloatArray:
        daily = sum((_since_event(outcome, leg, self.days) for leg in LEGS[self.legs]), np.zeros(()))
        cumulative = np.cumsum(daily, axis=1)
        return cumulative[:, -1] if self.take == "end" else np.minimum(cumulative.min(axis=1), 0)

    def faults(self, settings: Settings) -> list[str]:
        return column_faults(settings, "crowd_stock_gain") + horizon_faults(settings, self.days)


def both_lose(stocks: FloatArray, futures: FloatArray, worst: int = WORST) -> BoolArray:
    """Whether each leg's sum is below zero over the `worst` days of largest combined loss, (paths,).

    Legs are gains by day, shape (paths, days). The one definition of "both legs lose", for target, chart and report.
    """
    chosen = np.argsort(stocks + futures, axis=1, kind="stable")[:, :worst]
    lose = [np.take_along_axis(leg, chosen, axis=1).sum(axis=1) < 0 for leg in (stocks, futures)]
    return np.asarray(lose[0] & lose[1])


@register
class BothLegsLose(Measure):
    """1 where, over the worst of the crowd's days, its stocks lose and its futures lose too, else 0.

    The worst days are the `worst` ones, of the first `days` from the event, on which both legs together lose most;
    each leg is summed over them.
    """

    name: ClassVar[str] = "both_legs_lose"
    yes_or_no: ClassVar[bool] = True
    days: int = Field(12, ge=1, description="horizon")
    worst: int = Field(WORST, ge=1, description="days of largest combined loss")

    def values(self, outcome: Outcome) -> FloatArray:
        stocks, futures = (_since_event(outcome, leg, self.days) for leg in LEGS["both"])
        return both_lose(stocks, futures, self.worst).astype(float)

    def faults(self, settings: Settings) -> list[str]:
        found = column_faults(settings, "crowd_stock_gain") + horizon_faults(settings, self.days)
        if self.worst > self.days:
            found.append(f"measure.worst = {self.worst}: must not be above measure.days = {self.days}")
        return found


@register
class Systemic(Measure):
    """1 where more than a share of the crowd's starting book was sold under compulsion, else 0."""

    name: ClassVar[str] = "systemic"
    yes_or_no: ClassVar[bool] = True
    above: float = Field(0.1, ge=0, le=100, description="share of the crowd's book")

    def values(self, outcome: Outcome) -> FloatArray:
        return (ForcedShare().values(outcome) > self.above).astype(float)


@register
class AnyCall(Measure):
    """1 where any fund had a margin call in the whole run, or before the event, else 0."""

    name: ClassVar[str] = "any_call"
    yes_or_no: ClassVar[bool] = True
    when: Literal["whole_run", "before_event", "from_event"] = "whole_run"

    def values(self, outcome: Outcome) -> FloatArray:
        event = outcome.event_day
        days = {"whole_run": slice(None), "before_event": slice(event), "from_event": slice(event, None)}
        return (margin_calls(outcome)[:, days[self.when]] > 0).any(axis=1).astype(float)


@register
class FundsCalled(Measure):
    """Share of the crowd's funds that had a margin call in the whole run."""

    name: ClassVar[str] = "funds_called"

    def values(self, outcome: Outcome) -> FloatArray:
        return (outcome.record.by_fund("margin_call") > 0).sum(axis=1) / max(outcome.record.kinds.size, 1)


@register
class DeskCall(Measure):
    """1 where the hedge desk's reserve fell short of its margin on any day, else 0."""

    name: ClassVar[str] = "desk_call"
    yes_or_no: ClassVar[bool] = True

    def values(self, outcome: Outcome) -> FloatArray:
        if outcome.desk is None:
            return np.full(len(outcome.record["index"]), np.nan)
        return (outcome.desk.called > 0).any(axis=1).astype(float)

    def faults(self, settings: Settings) -> list[str]:
        return [] if settings.desk_size > 0 else ["measure.name = 'desk_call': no desk: desk.size must be above 0"]


@register
class ForcedDays(Measure):
    """How the crowd's forced sales are spread over days, from the event on."""

    name: ClassVar[str] = "forced_days"
    above: float = Field(0.001, ge=0, le=100, description="a day counts if more than this share of the book is sold")
    take: Literal["count", "largest"] = Field("count", description="days that count, or the largest day's share")

    def values(self, outcome: Outcome) -> FloatArray:
        book = outcome.record.book[:, None]
        sold = -outcome.record.flows[:, outcome.event_day :, Flow.FORCED]
        share = np.divide(sold, book, out=np.zeros_like(sold), where=book > 0)
        return share.max(axis=1) if self.take == "largest" else (share > self.above).sum(axis=1).astype(float)
