"""Every figure that the 2008 report prints, with the report's own arithmetic where it shows any.

The report: 联合证券, 股指期货研究系列之十八, "套期保值最佳时机选择" (2008). Its erroneous figures stand in this
file and nowhere else in the code, as what was printed. Left out are numbers that are no figures of the study:
years and telephone numbers, the 80 % of an example that it does not follow up, and the axes of its charts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Unit: TypeAlias = Literal["%", "days", "date", "lots", "CNY m", "options"]

BOTH: Final = "both"


@dataclass(frozen=True)
class PrintedNumber:
    """One figure of the report.

    Attributes
    ----------
    key : str
        Ties it to the engine's figure of the same key.
    window : {"2007-08", "2005", "both"}
        Sample that it belongs to.
    item : str
        What it is.
    printed : str
        As printed, digits only; dates as YYYYMMDD.
    unit : str
        Of the number.
    inputs : tuple of str
        Keys of the printed figures that the report computes it from.
    formula : callable, optional
        The report's arithmetic on those, in the printed units; monotone in each.
    arithmetic : str
        The same in words, with {key} for inputs.
    given : bool
        An assumption rather than a finding: it is exact, so it carries no rounding.
    remark : str
        What there is to say; {key} stands for any of the engine's figures.
    """

    key: str
    window: Literal["2007-08", "2005", "both"]
    item: str
    printed: str
    unit: Unit
    inputs: tuple[str, ...] = ()
    formula: Callable[..., float] | None = None
    arithmetic: str = ""
    given: bool = False
    remark: str = ""

    @property
    def value(self) -> float:
        """The printed number."""
        return float(self.printed)

    @property
    def decimals(self) -> int:
        """Digits printed after the point."""
        return len(self.printed.partition(".")[2])

    @property
    def half_unit(self) -> float:
        """Half of the last printed digit: how far rounding can have moved the number."""
        return 0.0 if self.given else 0.5 * 10.0**-self.decimals


def _reserve(margin: float, more_margin: float, rise: float) -> float:
    return margin + more_margin + rise


def _short_reserve(margin: float, rise: float) -> float:
    return margin + rise * margin / 100 + rise


def _diluted(excess: float, reserve: float) -> float:
    return 100 * excess / (100 + reserve)


REPORT: Final = (
    PrintedNumber("first_day", "2007-08", "first day", "20070702", "date"),
    PrintedNumber("last_day", "2007-08", "last day", "20080319", "date"),
    PrintedNumber("days", "2007-08", "trading days", "176", "days"),
    PrintedNumber(
        "lots", "2007-08", "fund bought", "50000", "lots", given=True, remark="A lot is 100 units of the fund."
    ),
    PrintedNumber(
        "book",
        "2007-08",
        "stock book at the start",
        "23.475",
        "CNY m",
        remark="50,000 lots of 100 units at a NAV of {base_nav:.3f} are {book:.3f}.",
    ),
    PrintedNumber("margin", BOTH, "initial margin", "10", "%", given=True, remark="The contract's default."),
    PrintedNumber(
        "loss_limit", BOTH, "partial hedge: loss limit", "5", "%", given=True, remark="The policy's default."
    ),
    PrintedNumber(
        "confidence", BOTH, "partial hedge: confidence", "90", "%", given=True, remark="The policy's default."
    ),
    PrintedNumber(
        "volatility_days",
        BOTH,
        "partial hedge: volatility over",
        "40",
        "days",
        given=True,
        remark="The policy's default.",
    ),
    PrintedNumber(
        "lock", BOTH, "partial hedge: gains locked in", "50", "%", given=True, remark="The policy's default."
    ),
    PrintedNumber(
        "freed",
        BOTH,
        "partial hedge: gains that raise the budget",
        "50",
        "%",
        inputs=("lock",),
        formula=lambda lock: 100 - lock,
        arithmetic="100 - {lock}",
        remark="What is not locked in.",
    ),
    PrintedNumber(
        "options",
        BOTH,
        "fear gauge: option series",
        "8",
        "options",
        given=True,
        remark="Two months, two strikes, call and put.",
    ),
    PrintedNumber(
        "excess",
        "2007-08",
        "fund's excess return",
        "37.26",
        "%",
        remark="The fund made {fund:+.3f} %, the index {index:+.3f} %.",
    ),
    PrintedNumber(
        "max_rise", "2007-08", "largest rise of the index", "56.14", "%", remark="From the base close, on {peak_day}."
    ),
    PrintedNumber(
        "more_margin",
        "2007-08",
        "margin added on the way up",
        "5.614",
        "%",
        inputs=("max_rise", "margin"),
        formula=lambda rise, margin: rise * margin / 100,
        arithmetic="{max_rise} % x {margin} %",
        remark="The report leaves it as a product, {max_rise:.2f} % of 10 %.",
    ),
    PrintedNumber(
        "reserve",
        "2007-08",
        "full hedge: reserve",
        "61.854",
        "%",
        inputs=("margin", "more_margin", "max_rise"),
        formula=_reserve,
        arithmetic="{margin} + {more_margin} + {max_rise}",
        remark="The engine needs {reserve:.3f} %.",
    ),
    PrintedNumber(
        "capital",
        "2007-08",
        "full hedge: book and reserve",
        "161.854",
        "%",
        inputs=("reserve",),
        formula=lambda reserve: 100 + reserve,
        arithmetic="100 + {reserve}",
        remark="With the reserve right it is {capital:.3f} %.",
    ),
    PrintedNumber(
        "kept",
        "2007-08",
        "full hedge: share of the return kept",
        "61.78",
        "%",
        inputs=("reserve",),
        formula=lambda reserve: _diluted(100, reserve),
        arithmetic="1 / (1 + {reserve} %)",
        remark="With the reserve right it is {kept:.2f} %.",
    ),
    PrintedNumber(
        "full",
        "2007-08",
        "full hedge: return",
        "23.02",
        "%",
        inputs=("excess", "reserve"),
        formula=_diluted,
        arithmetic="{excess} / (1 + {reserve} %)",
        remark="With the reserve right it is {full:.3f} %.",
    ),
    PrintedNumber(
        "partial_abstract",
        "2007-08",
        "partial hedge: return (abstract)",
        "29.145",
        "%",
        remark="The body prints {partial_printed} for the same: the report disagrees with itself.",
    ),
    PrintedNumber(
        "partial",
        "2007-08",
        "partial hedge: return (body)",
        "29.142",
        "%",
        remark="Gain and floor are not defined: beta with ratchet gives {partial:.3f} %, betadyn with daily "
        "{partial_daily:.3f} %.",
    ),
    PrintedNumber(
        "timing",
        "2007-08",
        "timing hedge: return",
        "77.60",
        "%",
        remark="The indicator LHEM is not defined: a reconstruction gives {timing:.3f} %, one switch at the peak, "
        "known only afterwards, {hindsight:.1f} %.",
    ),
    PrintedNumber("index_2005", "2005", "index", "-7.7", "%"),
    PrintedNumber(
        "excess_2005",
        "2005",
        "fund's excess return",
        "7.46",
        "%",
        remark="The fund made {fund_2005:+.3f} %, the index {index_2005:+.3f} %.",
    ),
    PrintedNumber(
        "max_rise_2005",
        "2005",
        "largest rise of the index",
        "4.899",
        "%",
        remark="From the base close, on {peak_day_2005}.",
    ),
    PrintedNumber(
        "reserve_2005",
        "2005",
        "full hedge: reserve",
        "15.39",
        "%",
        inputs=("margin", "max_rise_2005"),
        formula=_short_reserve,
        arithmetic="{margin} + {max_rise_2005} x {margin} % + {max_rise_2005}",
        remark="Here the report's formula was followed.",
    ),
    PrintedNumber(
        "full_2005",
        "2005",
        "full hedge: return",
        "6.465",
        "%",
        inputs=("excess_2005", "reserve_2005"),
        formula=_diluted,
        arithmetic="{excess_2005} / (1 + {reserve_2005} %)",
        remark="Unrounded figures give {full_2005:.3f} %.",
    ),
    PrintedNumber(
        "partial_2005",
        "2005",
        "partial hedge: return",
        "6.464",
        "%",
        remark="Gain and floor are not defined: beta with ratchet gives {partial_2005:.3f} %, betadyn with daily "
        "{partial_daily_2005:.3f} %.",
    ),
)
