"""The engine's figures for every number of the report: its policies replayed in each window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from cqkit.arrays import FloatArray
from hedging.contracts.specification import IF
from hedging.engine.replaying import own_execution, replay
from hedging.engine.result import HedgeResult
from hedging.models.volatility import RollingVolatility
from hedging.options.gauge import OPTIONS
from hedging.policies import HedgePolicy, HedgeView, PartialHedge, make_policy
from hedging.report2008.numbers import REPORT
from hedging.report2008.samples import REPORT_NAV, ReportSample

_LOTS, _UNITS = 50_000, 100
BOOK: Final = _LOTS * _UNITS * REPORT_NAV
"""The report's stock book, in CNY; the second sample's too, for which it names none."""
_POLICIES: Final = ("full", "partial", "timing")


def replays(sample: ReportSample) -> dict[str, HedgeResult]:
    """The report's three policies in one window."""
    return {name: _replay(sample, make_policy(name)) for name in _POLICIES}


def _replay(sample: ReportSample, policy: HedgePolicy) -> HedgeResult:
    joined = sample.joined
    return replay(
        policy,
        joined.prices,
        joined.spot,
        start_value=BOOK,
        history=joined.prices_before,
        execution=own_execution(policy, joined.prices),
        gains_fund_margin=False,  # the report's own rule
    )


@dataclass(frozen=True)
class _FromDay(HedgePolicy):
    """Full hedge from one day on: what hindsight would have done. Not registered: nobody can follow it."""

    name: ClassVar[str] = "from_day"

    day: int = 0

    def contracts(self, view: HedgeView) -> FloatArray:
        return view.start_contracts * (view.day >= self.day)


def assumptions() -> dict[str, float | str]:
    """The engine's defaults that the report gives too, in the report's units."""
    partial = make_policy("partial")
    figures: dict[str, float | str] = {"margin": 100 * IF.initial_margin, "options": float(OPTIONS)}
    if isinstance(partial, PartialHedge):
        figures |= {"loss_limit": 100 * partial.loss_limit, "confidence": 100 * partial.confidence}
        figures |= {"lock": 100 * partial.lock, "freed": 100 * (1 - partial.lock)}
        if isinstance(partial.volatility, RollingVolatility):
            figures["volatility_days"] = float(partial.volatility.window)
    return figures


def partial_as_printed() -> dict[str, float | str]:
    """The partial hedge's return as the report prints it, for remarks beside the engine's."""
    return {"partial_printed": next(number.printed for number in REPORT if number.key == "partial")}


def figures_of(sample: ReportSample, results: Mapping[str, HedgeResult]) -> dict[str, float | str]:
    """The engine's figures of one window, in the report's units."""
    joined = sample.joined
    index, fund = joined.index / joined.index[0], joined.spot
    peak = int(index.argmax())
    full = results["full"]
    reserve = float(full.required_reserve[0])
    daily = make_policy("partial", gain="betadyn", lock_rule="daily")
    return {
        "first_day": float(f"{joined.dates[1]:%Y%m%d}"),
        "last_day": float(f"{joined.dates[-1]:%Y%m%d}"),
        "days": float(len(index) - 1),
        "base_nav": sample.base_nav,
        "lots": float(_LOTS),
        "book": _LOTS * _UNITS * sample.base_nav / 1e6,
        "index": 100 * (float(index[-1]) - 1),
        "fund": 100 * (float(fund[-1]) - 1),
        "excess": 100 * float(fund[-1] - index[-1]),
        "max_rise": 100 * (float(index.max()) - 1),
        "peak_day": f"day {peak}, {joined.dates[peak]:%Y-%m-%d}",
        "more_margin": 100 * IF.initial_margin * (float(index.max()) - 1),
        "reserve": 100 * reserve,
        "capital": 100 * (1 + reserve),
        "kept": 100 / (1 + reserve),
        "full": _percent(full),
        "partial": _percent(results["partial"]),
        "partial_abstract": _percent(results["partial"]),
        "partial_daily": _percent(_replay(sample, daily)),
        "timing": _percent(results["timing"]),
        "hindsight": _percent(_replay(sample, _FromDay(peak))),
    }


def _percent(result: HedgeResult) -> float:
    return 100 * float(result.total_return[0])
