"""The committee's own limits, and what results hold against them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cqkit.errors import InputError, raise_faults
from crowdquake.report.hedges import HedgeFacts
from crowdquake.report.words import Words


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
        A key of `FIGURES`, or the name of a reserve.
    value
        A ratio, as 0.05 for 5 %.
    """

    figure: str
    value: float

    def verdict(self, held: Held | None) -> str:
        """Key of the verdict: within, beyond, open where the interval lies on both sides, unknown without a figure."""
        if held is None:
            return "unknown"
        low, high = (held.value, held.value) if math.isnan(held.low) else (held.low, held.high)
        if high <= self.value:
            return "within"
        return "beyond" if low > self.value else "open"


def _needed(facts: HedgeFacts, confidence: float) -> Held | None:
    """The reserve needed; of a run that cuts both legs, what is above the reserve held is too low, and still above."""
    for item in facts.needed:
        if math.isclose(item.confidence, confidence) and not math.isnan(item.reserve):
            return Held(item.reserve, item.low, item.high)
    return None


def _in_money(facts: HedgeFacts, value: float, low: float, high: float) -> Held:
    return Held(value / facts.book_money, low / facts.book_money, high / facts.book_money)


FIGURES: dict[str, Callable[[HedgeFacts], Held | None]] = {
    "call_probability": lambda facts: Held(facts.probability, facts.low, facts.high),
    "expected_shortfall": lambda facts: _in_money(facts, facts.expected, *facts.expected_between()),
    "worst_shortfall": lambda facts: _in_money(facts, facts.worst, facts.worst, math.inf),  # more paths may bring worse
}
"""What can be limited, by name, but for reserves: each reads a figure off a hedge, None where the result has it not."""

RESERVE = "reserve_"
NAMES = f"call_probability, {RESERVE}PERCENT as {RESERVE}99.9, expected_shortfall, worst_shortfall"


def reserve_figure(confidence: float) -> str:
    """Name of the reserve that is enough at a confidence, as reserve_99.9 at 0.999."""
    return f"{RESERVE}{100 * confidence:g}"


def confidence_of(figure: str) -> float | None:
    """The confidence of a figure that is a reserve; None of another."""
    try:
        percent = float(figure.removeprefix(RESERVE)) if figure.startswith(RESERVE) else math.nan
    except ValueError:
        return None
    return percent / 100 if 0 < percent < 100 else None


def figure_words(words: Words, figure: str) -> str:
    """A figure in the pack's language."""
    confidence = confidence_of(figure)
    if confidence is None:
        return words(f"limits.figures.{figure}")
    return words("limits.figures.reserve", cases=f"{100 * confidence:.6g}")


def _is_known(figure: str) -> bool:
    return figure in FIGURES or confidence_of(figure) is not None


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
        if not _is_known(figure):
            faults.append(f"--limit {word}: figure = {figure}: must be {NAMES}")
        elif not 0 <= number <= 1:
            faults.append(f"--limit {word}: must be a ratio in 0..1, as 0.05 for 5 % (not percent)")
        elif figure in found:
            faults.append(f"--limit {word}: {figure} is given more than once: must be given once")
        else:
            found[figure] = Limit(figure, number)
    raise_faults(faults)
    return found


def held(facts: HedgeFacts, figure: str) -> Held | None:
    """What a hedge holds against a limit; None where the result does not have it, InputError for no such figure."""
    confidence = confidence_of(figure)
    if confidence is not None:
        return _needed(facts, confidence)
    if figure not in FIGURES:
        raise InputError(f"limit {figure}: must be {NAMES}")
    return FIGURES[figure](facts)
