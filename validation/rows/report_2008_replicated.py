"""The hedging report of 2008 on the real series: every figure that it prints."""

from __future__ import annotations

from collections.abc import Iterator

from hedging import load_closes, load_prices, replicate_report
from hedging.report2008.verdicts import ReportRow
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial

# By what is allowed: as printed, or with what follows from its slip put right; the rest is not defined well enough.
KEYS = ("days", "excess", "max_rise", "index_2005", "excess_2005", "max_rise_2005", "reserve_2005", "full_2005")
NOT_DEFINED = ("partial", "timing", "partial_2005")


@row(
    paper="Hedging report of 2008",
    place="all tables, 2007-08 and 2005",
    states="176 days, a rise of 56.14 %, an excess of 37.26 %; in 2005 -7.7, 4.899, 15.39, 7.46 and 6.465 %; "
    "partial hedge 29.142 and 6.464 %, timing hedge 77.60 %.",
    kind="out of sample",
    certainty="verified",
    run="replicate-report on the CSI 300 and the fund's NAV",
    tolerance="what rounding the report's own inputs can make; half a point for the partial hedges, five points for"
    " the timing hedge, which the report does not define",
)
def report_2008_replicated(trial: Trial) -> Iterator[Figure]:
    """The arithmetic of each is in `hedging/report2008/numbers.py`."""
    found = replicate_report(
        load_prices(trial.data("csi300_ohlc.csv")),
        load_closes(trial.data("fund_000011_nav.csv")),
        history=load_closes(trial.data("csi300_close_2002_2004.csv")),
    )
    rows = {item.key: item for item in found.rows}
    for key in KEYS:
        yield _figure(rows[key], 0.005)
    for key in NOT_DEFINED:
        yield _figure(rows[key], 5.0 if key == "timing" else 0.5)


def _figure(found: ReportRow, within: float) -> Figure:
    printed = float(found.printed)
    half = 0.5 * 10.0 ** -len(found.printed.partition(".")[2])
    room = max(half, within)
    name = f"{found.item}, {found.window}, {found.unit}"
    return Figure(name, found.engine, printed - room, printed + room, printed, half)
