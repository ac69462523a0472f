"""The 2008 report's own numbers, row by row: what it printed, what the engine gives, and a verdict.

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
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.book import Execution
from hedging.contracts import IF
from hedging.example import LABEL, example_series
from hedging.fear_gauge import OPTIONS
from hedging.joining import JoinedSeries, join_series
from hedging.policies import HedgePolicy, HedgeView, PartialHedge, make_policy
from hedging.replay import replay
from hedging.report_numbers import REPORT, PrintedNumber, Unit
from hedging.result import HedgeResult
from hedging.volatility import RollingVolatility

Verdict: TypeAlias = Literal["exact", "rounding", "report slip", "not reproduced"]
Window: TypeAlias = Literal["2007-08", "2005"]

WINDOWS: Final[dict[Window, tuple[str, str]]] = {
    "2007-08": ("2007-06-29", "2008-03-19"),
    "2005": ("2004-12-31", "2005-12-30"),
}
REPORT_NAV: Final = 4.695
"""The fund's NAV at the base close of 2007, which follows from the report's book; 4.696 was published."""
_LOTS, _UNITS = 50_000, 100
BOOK: Final = _LOTS * _UNITS * REPORT_NAV
"""The report's stock book, in CNY; the second sample's too, for which it names none."""
_POLICIES: Final = ("full", "partial", "timing")
# What the synthetic example has from the report.
_PINNED: Final = frozenset({"first_day", "last_day", "days", "book", "index", "excess", "max_rise"})


@dataclass(frozen=True, eq=False)
class ReportSample:
    """A series cut to one of the report's windows.

    Attributes
    ----------
    joined : JoinedSeries
        Index and stock book.
    source : str
        Where they come from, as shown beside the rows.
    base_nav : float
        Of the stock book at the base close.
    synthetic : bool
        Whether this is the package's made-up example.
    """

    joined: JoinedSeries
    source: str
    base_nav: float
    synthetic: bool


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


@dataclass(frozen=True, eq=False)
class Replication:
    """The report's table, and the replays behind it.

    Attributes
    ----------
    rows : tuple of ReportRow
        In the report's order.
    samples : mapping of window to ReportSample
        What the engine ran on.
    results : mapping of window to (mapping of policy to HedgeResult)
        `full`, `partial` and `timing` in each window, for the report's figures 1 to 4.
    notes : tuple of str
        What the reader must know, one line each: synthetic series first.
    """

    rows: tuple[ReportRow, ...]
    samples: Mapping[Window, ReportSample]
    results: Mapping[Window, Mapping[str, HedgeResult]]
    notes: tuple[str, ...]

    @property
    def synthetic(self) -> bool:
        """Whether any row rests on the made-up example."""
        return any(sample.synthetic for sample in self.samples.values())

    def counts(self) -> dict[str, int]:
        """Number of rows by verdict."""
        verdicts = ("exact", "rounding", "report slip", "not reproduced")
        return {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in verdicts}

    def frame(self) -> pd.DataFrame:
        """The rows as a table, one column an attribute of `ReportRow`."""
        return pd.DataFrame([asdict(row) for row in self.rows])

    def as_json(self) -> dict[str, Any]:
        """Plain values for `replicate-report --json`; figures in the report's units, percent among them."""
        return {
            "synthetic": self.synthetic,
            "series": {window: sample.source for window, sample in self.samples.items()},
            "notes": list(self.notes),
            "verdicts": self.counts(),
            "rows": [
                asdict(row) | dict(zip(("printed_text", "engine_text"), row.texts(), strict=True)) for row in self.rows
            ],
        }


def replicate_report(
    index: pd.DataFrame | pd.Series[float] | None = None,
    spot: pd.Series[float] | None = None,
    *,
    history: pd.DataFrame | pd.Series[float] | None = None,
    base_nav: float | None = None,
) -> Replication:
    """Hold every number of the report against the engine's.

    Parameters
    ----------
    index : DataFrame or Series, optional
        The CSI 300 as `load_prices` or `load_closes` give it. Without opens the timing hedge trades at the
        close. A window of the report that it does not cover runs on the synthetic example, and so do both
        without it.
    spot : Series, optional
        NAV of the fund, as `load_closes` gives it; needed with `index`.
    history : DataFrame or Series, optional
        The index before the first date of `index`, from another file.
    base_nav : float, optional
        NAV at the base close of 2007. By default the report's 4.695 if the file's own is within 1 % of it.

    Returns
    -------
    Replication

    Raises
    ------
    InputError
        When the series do not fit each other, or `spot` is missing.
    """
    if (index is None) != (spot is None):
        raise InputError("replicate-report: index and spot: must be given both, or neither for the synthetic example")
    notes: list[str] = []
    samples: dict[Window, ReportSample] = {}
    for window in WINDOWS:
        sample, said = _sample(window, index, spot, history, base_nav)
        samples[window] = sample
        notes += said
    results = {window: _replays(sample) for window, sample in samples.items()}
    figures: dict[str, float | str] = {**_assumptions(), **_partial_as_printed()}
    for window, sample in samples.items():
        found = _figures(sample, results[window])
        figures |= found if window == "2007-08" else {f"{key}_{window}": value for key, value in found.items()}
    rows = tuple(_rows(figures, samples))
    first = [f"SYNTHETIC: {window} runs on the {LABEL}." for window, sample in samples.items() if sample.synthetic]
    return Replication(rows, samples, results, (*first, *dict.fromkeys(notes)))


def _sample(
    window: Window,
    index: pd.DataFrame | pd.Series[float] | None,
    spot: pd.Series[float] | None,
    history: pd.DataFrame | pd.Series[float] | None,
    base_nav: float | None,
) -> tuple[ReportSample, list[str]]:
    """Cut the user's series to a window, or the example if it does not reach that far, with notes."""
    start, end = WINDOWS[window]
    if index is None or spot is None:
        return _example(window), []
    if not _covers(index, start, end) or not _covers(spot, start, end):
        return _example(window), [f"{window}: the series do not reach from {start} to {end}"]
    at_base = spot.asof(pd.Timestamp(start))
    own = float(np.asarray(at_base))
    nav = None
    if window == "2007-08":
        nav = base_nav if base_nav is not None else REPORT_NAV if abs(own / REPORT_NAV - 1) < 0.01 else None
    joined = join_series(index, spot, start, end, nav, history=history)
    notes = [f"{window}: {note}" for note in joined.notes]
    if joined.prices.open is None:
        notes.append(f"{window}: no opens: the timing hedge trades at the close instead of the next open")
    names = (str(series.attrs.get("file", name)) for series, name in ((index, "index"), (spot, "spot")))
    return ReportSample(joined, " and ".join(names), own if nav is None else nav, synthetic=False), notes


def _covers(series: pd.DataFrame | pd.Series[float], start: str, end: str) -> bool:
    dates = series.index
    return bool(len(dates) and dates[0] <= pd.Timestamp(start) and pd.Timestamp(end) <= dates[-1])


def _example(window: Window) -> ReportSample:
    example = example_series()
    start, end = WINDOWS[window]
    joined = join_series(example.index, example.fund, start, end)
    nav = float(np.asarray(example.fund.loc[pd.Timestamp(start)]))
    return ReportSample(joined, LABEL, nav, synthetic=True)


def _replays(sample: ReportSample) -> dict[str, HedgeResult]:
    return {name: _replay(sample, make_policy(name)) for name in _POLICIES}


def _replay(sample: ReportSample, policy: HedgePolicy) -> HedgeResult:
    joined = sample.joined
    execution: Execution = "next_open" if policy.waits_for_open and joined.prices.open is not None else "close"
    return replay(
        policy,
        joined.prices,
        joined.spot,
        start_value=BOOK,
        history=joined.prices_before,
        execution=execution,
    )


@dataclass(frozen=True)
class _FromDay(HedgePolicy):
    """Full hedge from one day on: what hindsight would have done. Not registered: nobody can follow it."""

    name: ClassVar[str] = "from_day"

    day: int = 0

    def contracts(self, view: HedgeView) -> FloatArray:
        return view.start_contracts * (view.day >= self.day)


def _assumptions() -> dict[str, float | str]:
    """The engine's defaults that the report gives too, in the report's units."""
    partial = make_policy("partial")
    figures: dict[str, float | str] = {"margin": 100 * IF.initial_margin, "options": float(OPTIONS)}
    if isinstance(partial, PartialHedge):
        figures |= {"loss_limit": 100 * partial.loss_limit, "confidence": 100 * partial.confidence}
        figures |= {"lock": 100 * partial.lock, "freed": 100 * (1 - partial.lock)}
        if isinstance(partial.volatility, RollingVolatility):
            figures["volatility_days"] = float(partial.volatility.window)
    return figures


def _partial_as_printed() -> dict[str, float | str]:
    return {"partial_printed": next(number.printed for number in REPORT if number.key == "partial")}


def _figures(sample: ReportSample, results: Mapping[str, HedgeResult]) -> dict[str, float | str]:
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


def _rows(figures: Mapping[str, float | str], samples: Mapping[Window, ReportSample]) -> list[ReportRow]:
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
