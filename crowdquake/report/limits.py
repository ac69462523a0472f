"""The committee's own limits, and what results hold against them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cqkit.errors import InputError, raise_faults
from crowdquake.report.hedges import HedgeFacts


@dataclass(frozen=True)
class Held:
    """A figure and its interval, ratios; NaN at the ends where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Limit:
    """A figure must not be above a value.

    Attributes
    ----------
    figure
        A key of `FIGURES`.
    value
        A ratio, as 0.05 for 5 %.
    """

    figure: str
    value: float

    def verdict(self, held: Held) -> str:
        """Key of the verdict: within, beyond, or open where the interval lies on both sides."""
        low, high = (held.value, held.value) if math.isnan(held.low) else (held.low, held.high)
        if high <= self.value:
            return "within"
        return "beyond" if low > self.value else "open"


def _needed(facts: HedgeFacts, confidence: float) -> Held | None:
    """The reserve needed; of a run that cuts both legs, what is above the reserve held is too low, and still above."""
    for item in facts.needed:
        if item.confidence == confidence and not math.isnan(item.reserve):
            return Held(item.reserve, item.low, item.high)
    return None


FIGURES: dict[str, Callable[[HedgeFacts], Held | None]] = {
    "call_probability": lambda facts: Held(facts.probability, facts.low, facts.high),
    "reserve_95": lambda facts: _needed(facts, 0.95),
    "reserve_99": lambda facts: _needed(facts, 0.99),
    "reserve_99.9": lambda facts: _needed(facts, 0.999),
    "expected_shortfall": lambda facts: Held(facts.expected / facts.book_money),
    "worst_shortfall": lambda facts: Held(facts.worst / facts.book_money),
}
"""What can be limited, by name: each reads a figure off a hedge, None where the result does not have it."""


def parse_limits(words: Sequence[str]) -> dict[str, Limit]:
    """Read `figure=value` words.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    found: dict[str, Limit] = {}
    faults = []
    for word in words:
        figure, _, value = (part.strip() for part in word.partition("="))
        try:
            number = float(value)
        except ValueError:
            faults.append(f"--limit {word}: must be figure=value, as in call_probability=0.05")
            continue
        if figure not in FIGURES:
            faults.append(f"--limit {word}: figure = {figure}: must be {', '.join(FIGURES)}")
        elif not 0 <= number < math.inf:
            faults.append(f"--limit {word}: must be a ratio of 0 or more, as 0.05 for 5 %")
        elif figure in found:
            faults.append(f"--limit {word}: {figure} is given more than once: must be given once")
        else:
            found[figure] = Limit(figure, number)
    raise_faults(faults)
    return found


def held(facts: HedgeFacts, figure: str) -> Held | None:
    """What a hedge holds against a limit; None where the result does not have it, InputError for no such figure."""
    if figure not in FIGURES:
        raise InputError(f"limit {figure}: must be {', '.join(FIGURES)}")
    return FIGURES[figure](facts)
