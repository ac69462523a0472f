"""Measures of the crowd since the eve of the event."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from abm import Settings
from abm.state import Flow, FundKind
from cqkit.arrays import FloatArray
from scenarios.measures.base import Measure, register
from scenarios.measures.outcome import Outcome, margin_calls, median_fund

Kind = Literal["long_short", "swap", "cash"]


def horizon_faults(settings: Settings, days: int | None, after: int = 0) -> list[str]:
    """Check that the run goes on for `days` from the event day, and `after` more."""
    left = settings.clock.days - settings.clock.event_day - after
    if days is None or days <= left:
        return []
    return [f"measure.days = {days}: must not be above {left}, or the run must be longer (clock.days)"]


def kind_faults(settings: Settings, kind: Kind | None) -> list[str]:
    """Check that the crowd has funds of a kind."""
    if kind is None:
        return []
    hedgers = settings.futures_fund_count
    swaps = round(hedgers * settings.futures_funds.swap_share)
    counts = {"long_short": settings.funds.count - hedgers, "swap": swaps, "cash": hedgers - swaps}
    if counts[kind]:
        return []
    return [f"measure.kind = {kind!r}: this crowd has none: must be {' or '.join(k for k, n in counts.items() if n)}"]


@register
class FundTrough(Measure):
    """Lowest NAV change of each fund since the eve of the event, shape (paths, funds)."""

    name: ClassVar[str] = "fund_trough"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")
    kind: Kind | None = Field(None, description="of funds: long_short, swap or cash; default: all")

    def values(self, outcome: Outcome) -> FloatArray:
        troughs = outcome.fund_troughs(self.days)
        return troughs if self.kind is None else troughs[:, outcome.record.kinds == FundKind[self.kind.upper()]]

    def faults(self, settings: Settings) -> list[str]:
        return horizon_faults(settings, self.days) + kind_faults(settings, self.kind)


@register
class CrowdTrough(Measure):
    """The median fund's lowest NAV change since the eve of the event, shape (paths,): the key figure `fund_trough`."""

    name: ClassVar[str] = "crowd_trough"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")
    kind: Kind | None = Field(None, description="of funds: long_short, swap or cash; default: all")

    def values(self, outcome: Outcome) -> FloatArray:
        return median_fund(FundTrough(days=self.days, kind=self.kind).values(outcome))

    def faults(self, settings: Settings) -> list[str]:
        return horizon_faults(settings, self.days) + kind_faults(settings, self.kind)


@register
class RecoveredShare(Measure):
    """Share of the median fund's trough that is regained `days` days after the event day."""

    name: ClassVar[str] = "recovered_share"
    days: int = Field(ge=1)

    def values(self, outcome: Outcome) -> FloatArray:
        median = outcome.median_fund_since_eve(self.days + 1)
        trough = median[:, : self.days].min(axis=1)
        return np.divide(trough - median[:, -1], trough, out=np.full_like(trough, np.nan), where=trough < 0)

    def faults(self, settings: Settings) -> list[str]:
        return horizon_faults(settings, self.days, after=1)


@register
class CrowdProfit(Measure):
    """P&L of all funds together since the eve of the event, over their equity at the start, shape (paths,)."""

    name: ClassVar[str] = "crowd_profit"
    days: int | None = Field(None, ge=1, description="horizon; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        made, event = outcome.record["crowd_profit"], outcome.event_day
        return made[:, -1 if self.days is None else event + self.days - 1] - made[:, event - 1]

    def faults(self, settings: Settings) -> list[str]:
        return horizon_faults(settings, self.days)


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
