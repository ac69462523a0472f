"""What a hedge needed on each of many paths, what was called of it at the reserve held, and the figures of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

import numpy as np

from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError
from cqkit.statistics import wilson
from hedging.engine.result import HedgeResult
from hedging.reserves.estimates import CONFIDENCES, diluted_return
from hedging.reserves.tails import paths_needed, sample_quantile

TERMS: Final = ("days", "start_value", "reserve", "currency")


@dataclass(frozen=True, eq=False)
class HedgeNeeds:
    """What a hedge needed, and was called for, on each path; ratios to the book of day 0, shape (paths,).

    Attributes
    ----------
    required
        Reserve that would have met every need: the largest capital need.
    undiluted
        Final hedged P&L on the stock book alone.
    first_day
        Day of the first margin call, counted from the close at which the hedge is put on; -1 without one.
    first_call
        Money asked for in that call; 0 without one.
    calls
        Number of days on which new money was called.
    new_money
        Called in all.
    shortfall
        The most that was missing beyond the reserve.
    days
        T, how long the hedge lasts.
    start_value
        The book on day 0, in money of `currency`.
    reserve
        Held, a ratio to the book.
    """

    required: FloatArray
    undiluted: FloatArray
    first_day: IntArray
    first_call: FloatArray
    calls: IntArray
    new_money: FloatArray
    shortfall: FloatArray
    days: int
    start_value: float
    reserve: float
    currency: str

    @classmethod
    def of(cls, result: HedgeResult) -> Self:
        """Read them off accounts.

        Raises
        ------
        InputError
            When the hedge had no reserve of its own: nothing is called then.
        """
        if result.reserve is None:
            raise InputError("reserve: must be given: without one nothing is ever called")
        first = result.first_call_day
        at_first = np.take_along_axis(result.called, np.maximum(first, 0)[:, None], axis=1)[:, 0]
        return cls(
            required=result.required_reserve,
            undiluted=result.undiluted_return,
            first_day=first,
            first_call=np.where(first >= 0, at_first, 0.0) / result.start_value,
            calls=result.margin_call_days,
            new_money=result.called.sum(axis=1) / result.start_value,
            shortfall=result.shortfall_max,
            days=result.days,
            start_value=result.start_value,
            reserve=result.reserve,
            currency=result.currency,
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Put the paths of several together, in order; the terms are those of the first."""
        names = [item.name for item in fields(cls) if item.name not in TERMS]
        joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return replace(parts[0], **joined)

    def some(self, paths: range) -> Self:
        """Those of some paths alone."""
        names = [item.name for item in fields(self) if item.name not in TERMS]
        return replace(self, **{name: getattr(self, name)[paths.start : paths.stop] for name in names})

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.required)

    @property
    def called(self) -> IntArray:
        """Numbers of the paths on which anything was called."""
        return np.flatnonzero(self.first_day >= 0)

    def reserves(self, confidences: Sequence[float] = CONFIDENCES) -> list[dict[str, float]]:
        """Reserve needed by confidence, a row each.

        Returns
        -------
        list of dict
            `confidence`, `reserve` with the order-statistic interval `low` and `high`, all NaN where the paths are
            fewer than `paths_needed`: a quantile that they cannot bound is not told.
        """
        rows = []
        for confidence in confidences:
            needed = paths_needed(confidence)
            row = {"confidence": confidence, "reserve": np.nan, "low": np.nan, "high": np.nan}
            if self.paths >= needed:
                found = sample_quantile(self.required, confidence)
                row |= {"reserve": found.value, "low": found.low, "high": found.high}
            rows.append({**row, "paths_needed": float(needed)})
        return rows

    def calls_found(self, when: Callable[[int], str]) -> dict[str, Any]:
        """Figures of the calls at the reserve held; ratios to the book, but for days, dates and numbers.

        Parameters
        ----------
        when
            A day in words: its date where there are dates.

        Returns
        -------
        dict
            `probability` of a call with its Wilson interval; of paths with one, the first call's day (`first_q10`,
            `first_q50`, `first_q90`, `first_most_frequent`) and amount (`first_call`, a median), the number of calls
            and the new money in all (means and the most). Over all paths the shortfall beyond the reserve, `expected`
            and `worst`. `kept` of the return and the mean return with and without the reserve.
        """
        called = self.called
        chance = wilson(called.size, self.paths)
        days = self.first_day[called]
        quantiles: list[float] = (
            np.quantile(days, [0.1, 0.5, 0.9], method="inverted_cdf").tolist() if called.size else []
        )
        first = {f"first_q{level}": when(int(day)) for level, day in zip((10, 50, 90), quantiles, strict=False)}
        usual = Counter(days.tolist()).most_common(1)
        return {
            "probability": chance.value,
            "low": chance.low,
            "high": chance.high,
            **({f"first_q{level}": "" for level in (10, 50, 90)} | first),
            "first_most_frequent": when(usual[0][0]) if usual else "",
            "first_call": _over(np.median, self.first_call[called]),
            "calls_mean": _over(np.mean, self.calls[called]),
            "calls_most": int(self.calls.max()),
            "new_money_mean": _over(np.mean, self.new_money[called]),
            "new_money_most": float(self.new_money.max()),
            "shortfall_expected": float(self.shortfall.mean()),
            "shortfall_worst": float(self.shortfall.max()),
            "kept": float(diluted_return(1.0, self.reserve)),
            "return_without": float(self.undiluted.mean()),
            "return_with": float(diluted_return(self.undiluted.mean(), self.reserve)),
        }


def _over(statistic: Callable[[Any], Any], values: FloatArray | IntArray) -> float:
    """A statistic of what befell called paths; 0 where none was called."""
    return float(statistic(values)) if values.size else 0.0
