"""A verdict on each number of the 2008 report: what it printed beside what the engine gives, row by row.

Verdicts are computed, not looked up. In this order:

`report slip`
    The report's own arithmetic on its own printed figures does not give what it prints, or uses such a figure.
`exact`
    The engine's figure rounds to the printed one.
`rounding`
    It does not, but the difference is no more than rounding the inputs of the report's arithmetic can make, or
    less than one unit of the last digit (cut off instead of rounded).
`not reproduced`
    Anything else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeAlias

from hedging.report2008.numbers import REPORT, PrintedNumber, Unit
from hedging.report2008.samples import ReportSample, Window

Verdict: TypeAlias = Literal["exact", "rounding", "report slip", "not reproduced"]

# What the synthetic example has from the report.
_PINNED: Final = frozenset({"first_day", "last_day", "days", "book", "index", "excess", "max_rise"})


@dataclass(frozen=True)
class ReportRow:
    """One figure of the report beside the engine's.

    Attributes
    ----------
    key, window, item, unit
        As of the printed number.
    printed : str
        As printed.
    engine : float
        The engine's figure, in the same unit.
    difference : float
        Engine less printed; NaN for dates.
    verdict : str
    explanation : str
        One line.
    series : str
        What the engine ran on.
    """

    key: str
    window: str
    item: str
    unit: Unit
    printed: str
    engine: float
    difference: float
    verdict: Verdict
    explanation: str
    series: str

    def texts(self) -> tuple[str, str]:
        """Printed and engine's figure as a table shows them."""
        if self.unit == "date":
            return _day(self.printed), _day(f"{self.engine:.0f}")
        decimals = len(self.printed.partition(".")[2])
        # A finding gets three decimals even if the report printed fewer, so that a rounding can be seen.
        shown = decimals if self.unit in {"days", "lots", "options"} else max(decimals, 3)
        space = "" if self.unit == "%" else " "
        return f"{self.printed}{space}{self.unit}", f"{self.engine:.{shown}f}{space}{self.unit}"


def rows_of(figures: Mapping[str, float | str], samples: Mapping[Window, ReportSample]) -> list[ReportRow]:
    """Set the engine's figures beside the report's, in the report's order."""
    printed = {number.key: number for number in REPORT}
    rows = []
    for number in REPORT:
        engine = float(figures.get(number.key, math.nan))
        verdict = judge(number, engine, printed)
        where = next((sample for window, sample in samples.items() if number.window == window), None)
        rows.append(
            ReportRow(
                key=number.key,
                window=number.window,
                item=number.item,
                unit=number.unit,
                printed=number.printed,
                engine=engine,
                difference=math.nan if number.unit == "date" else engine - number.value,
                verdict=verdict,
                explanation=_explanation(number, verdict, figures, printed, synthetic=bool(where and where.synthetic)),
                series=where.source if where else "the engine's defaults",
            )
        )
    return rows


def judge(number: PrintedNumber, engine: float, printed: Mapping[str, PrintedNumber]) -> Verdict:
    """Compare a printed number with the engine's, by the rules at the head of this module.

    Parameters
    ----------
    number : PrintedNumber
        Of the report.
    engine : float
        The engine's, in the same unit; NaN if it has none.
    printed : mapping
        All of the report's numbers by key, for its own arithmetic.
    """
    if is_slip(number, printed):
        return "report slip"
    apart = abs(engine - number.value)
    slack = 1e-9 * max(1.0, abs(number.value))
    if apart <= 0.5 * 10.0**-number.decimals + slack:
        return "exact"
    if number.formula is not None:
        low, high = _reach(number, printed)
        if low - number.half_unit - slack <= engine <= high + number.half_unit + slack:
            return "rounding"
    return "rounding" if number.decimals and apart < 10.0**-number.decimals else "not reproduced"


def is_slip(number: PrintedNumber, printed: Mapping[str, PrintedNumber]) -> bool:
    """Tell from the report alone whether its arithmetic fails in a number, or in one that it rests on."""
    if number.formula is None:
        return False
    low, high = _reach(number, printed)
    fails = not low - number.half_unit - 1e-9 <= number.value <= high + number.half_unit + 1e-9
    return fails or any(is_slip(printed[key], printed) for key in number.inputs)


def _reach(number: PrintedNumber, printed: Mapping[str, PrintedNumber]) -> tuple[float, float]:
    """Lowest and highest outcome of the report's arithmetic, its inputs moved as far as rounding can have."""
    assert number.formula is not None
    inputs = [printed[key] for key in number.inputs]
    corners = product(*((one.value - one.half_unit, one.value + one.half_unit) for one in inputs))
    outcomes = [number.formula(*corner) for corner in corners]
    return min(outcomes), max(outcomes)


def _explanation(
    number: PrintedNumber,
    verdict: Verdict,
    figures: Mapping[str, float | str],
    printed: Mapping[str, PrintedNumber],
    *,
    synthetic: bool,
) -> str:
    """One line: the report's own arithmetic where it decides, then the remark."""
    said = []
    if synthetic and number.key.removesuffix("_2005") in _PINNED:
        said.append("Exact because the example is made so.")
    elif synthetic and number.formula is None and not number.given:
        said.append("A made-up path is no test of it.")
    if number.formula is not None and verdict in {"report slip", "rounding"}:
        inputs = [printed[key] for key in number.inputs]
        done = number.arithmetic.format(**{one.key: one.printed for one in inputs})
        own = number.formula(*(one.value for one in inputs))
        slips = [one.item for one in inputs if is_slip(one, printed)]
        if slips:
            said.append(f"{done} repeats the slip in '{slips[0]}'.")
        elif verdict == "report slip":
            said.append(f"The report's own sum, {done}, is {own:.{number.decimals}f}.")
        else:
            said.append(f"{done} = {own:.{number.decimals}f}: the report went on from rounded figures.")
    if number.remark:
        said.append(number.remark.format(**figures))
    if not said:
        said.append("Agrees to the last printed digit." if verdict == "exact" else "The series gives another figure.")
    return " ".join(said)


def _day(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
