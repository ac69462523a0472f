"""Hedges replayed on the user's own series: over time, and policies side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cqkit.plain import percent
from crowdquake.charts import style
from crowdquake.charts.base import chart
from hedging import Comparison, HedgeResult, Replication

_LINES = ("-", "--", "-.", ":", (0, (5, 1)))
_COLOURS = (style.SIMULATED, style.FORCED, style.HISTORY, style.SECTOR, style.TWIN, "#009E73")


@chart(Comparison, "hedge", place=1)
def replay_chart(comparison: Comparison) -> Figure:
    """Index and stock book, hedged P&L, contracts held, and need against reserve, by policy."""
    figure, (prices, pnl, held, need) = style.new_figure(rows=4)
    figure.set_size_inches(11, 11.4)
    joined = comparison.series
    prices.plot(joined.dates, 100 * joined.index / joined.index[0], color=style.HISTORY, label=comparison.index_name)
    if comparison.spot_name:
        prices.plot(joined.dates, 100 * joined.spot, color=style.SECTOR, ls="--", label=comparison.spot_name)
    prices.set_ylabel("Index and book,\nstart = 100")
    for place, (name, result) in enumerate(comparison.results.items()):
        look: dict[str, Any] = {"color": _COLOURS[place % 6], "ls": _LINES[place % 5], "lw": 1.8}
        pnl.plot(joined.dates, 100 * result.hedged_pnl[0] / result.start_value, label=name, **look)
        held.plot(joined.dates, result.contracts[0], drawstyle="steps-post", **{**look, "ls": "-"})
        need.plot(joined.dates, 100 * result.capital_need[0] / result.start_value, **look)
        reserve = need.axhline(100 * float(result.funded_reserve[0]), color=look["color"], lw=1, ls=(0, (1, 2)))
    pnl.axhline(0, color="#333333", lw=1)
    pnl.set_ylabel("P&L of both legs,\n% of the book")
    held.set_ylabel("Contracts\nheld short")
    held.set_ylim(bottom=min(0, held.get_ylim()[0]))
    need.set_ylabel("Margin and losses,\n% of the book")
    reserve.set_label("reserve, by policy")
    for axes in (prices, pnl, need):
        style.legend(axes, ncols=4)
    return style.finish(figure, _finding(comparison), [_foot(comparison)])


@chart(Comparison, "policies", when=lambda comparison: len(comparison.results) > 1, place=2)
def policies_chart(comparison: Comparison) -> Figure:
    """Return, reserve and days with a margin call, a bar a policy."""
    panels: tuple[tuple[str, str, Callable[[HedgeResult], float]], ...] = (
        ("Return after the reserve, %", "{:.1f}", lambda result: 100 * float(result.total_return[0])),
        ("Reserve, % of the book", "{:.1f}", lambda result: 100 * float(result.funded_reserve[0])),
        ("Days with a margin call", "{:.0f}", called_days),
    )
    names, results = list(comparison.results), list(comparison.results.values())
    panels = tuple(panel for panel in panels if panel[2] is not called_days or any(map(called_days, results)))
    with rc_context({**style.STYLE, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(11, 3.0 + 0.5 * len(names)), layout="constrained")
        FigureCanvasAgg(figure)
        row = figure.subplots(1, len(panels), sharey=True)
    for axes, (label, form, read) in zip(row, panels, strict=True):
        values = [read(result) for result in results]
        bars = axes.barh(np.arange(len(names)), values, color=style.SIMULATED, height=0.6)
        axes.bar_label(bars, [form.format(round(value, 1) + 0.0) for value in values], padding=4, fontsize=11)
        axes.axvline(0, color="#333333", lw=1)
        axes.margins(x=0.25)
        axes.set_xlabel(label)
    row[0].set_yticks(np.arange(len(names)), names)
    row[0].invert_yaxis()
    return style.finish(figure, _ranking(comparison), [_foot(comparison)])


def called_days(result: HedgeResult) -> float:
    """Days with a margin call; where no policy has any, there is no panel of them."""
    return float(result.margin_call_days[0])


@chart(Replication, "samples")
def report_samples(found: Replication) -> dict[str, Figure]:
    """Both samples of the 2008 report over time, and its policies side by side in each."""
    drawn: dict[str, Figure] = {}
    for window, results in found.results.items():
        sample = found.samples[window]
        kind = "synthetic" if sample.synthetic else "real"
        comparison = Comparison(sample.joined, results, f"{kind} index", f"{kind} fund", source=sample.source)
        drawn |= {f"sample-{window}": replay_chart(comparison), f"policies-{window}": policies_chart(comparison)}
    return drawn


def _foot(comparison: Comparison) -> str:
    dates = comparison.series.dates
    return (
        f"Series: {comparison.index_name}, {comparison.spot_name or 'no stock book: the index itself'}. "
        f"{dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}, {len(dates) - 1} days. One history, so no bands."
        + (f" Source: {comparison.source}." if comparison.source else "")
    )


def _finding(comparison: Comparison) -> str:
    if len(comparison.results) > 1:
        return _ranking(comparison)
    ((name, result),) = comparison.results.items()
    reserve, earned = float(result.funded_reserve[0]), float(result.total_return[0])
    start = f"Policy {name}: {percent(earned, sign='+')} after a reserve of {percent(reserve)} of the book"
    if result.reserve is None:
        return f"{start}; this is what the futures turned out to need"
    days = int(result.margin_call_days[0])
    called = f"margin was called on {days} day{'s' * (days != 1)}" if days else "margin was never called"
    return f"{start}; {called}"


def _ranking(comparison: Comparison) -> str:
    """Best and worst by return after the reserve, each with what it had to hold."""
    ranked = sorted(comparison.results.items(), key=lambda item: -float(item[1].total_return[0]))
    (best, first), (worst, last) = ranked[0], ranked[-1]

    def told(name: str, result: HedgeResult) -> str:
        earned, reserve = float(result.total_return[0]), float(result.funded_reserve[0])
        return f"{name} makes {percent(earned, sign='+')} on a reserve of {percent(reserve, 0)}"

    return told(best, first) if best == worst else f"{told(best, first)}; {told(worst, last)}"
