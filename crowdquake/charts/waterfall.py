"""A hedge loss taken apart: a waterfall from nothing to the total, a bar a mechanism."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cqkit.plain import percent
from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Explanation

_LOSS, _GAIN, _TOTAL, _ORDER = style.FORCED, style.REENTRY, "#333333", "#000000"
_SMALL = 0.0005  # ratio to the book: less is not worth a word in the title


@chart(Explanation, "explain")
def explain(found: Explanation) -> Figure:
    """Parts of the hedged P&L in the order of the story, with their intervals and what order does to them."""
    shown = [name for name in found.parts if name not in found.off]
    with rc_context({**style.STYLE, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(11, 3.4 + 0.56 * len(shown)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
    start = 0.0
    for row, name in enumerate(shown):
        start = _draw_part(axes, found, name, row, start)
    _draw_total(axes, found, len(shown))
    axes.axvline(0, color="#333333", lw=1)
    axes.set_yticks(np.arange(len(shown) + 1), [*(found.parts[name].title for name in shown), "Total"], fontsize=13)
    axes.get_yticklabels()[-1].set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(shown) + 0.6, -0.6)
    axes.use_sticky_edges = False  # else nothing keeps bars that end at 0 off the edge
    axes.margins(x=0.05)
    _write_head(axes, found)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Hedged P&L added so far, % of the desk's starting book")
    _draw_legend(axes, found)
    return style.finish(figure, _finding(found, shown), _foot(found))


def _draw_part(axes: Axes, found: Explanation, name: str, row: int, start: float) -> float:
    """Draw a mechanism's bar from where the ones before ended; return where it ends."""
    part = found.parts[name]
    end = start + part.value
    gain = part.value > 0
    axes.barh(
        row,
        100 * part.value,
        0.46,
        left=100 * start,
        color=_GAIN if gain else _LOSS,
        hatch="" if gain else "//",
        edgecolor="white",
        lw=0,
    )
    _draw_interval(axes, start + part.low, start + part.high, row)
    lone, late = 100 * (start + part.first_in), 100 * (start + part.last_in)
    below = row + 0.37
    axes.plot([lone, late], [below, below], color="#888888", lw=1.2, zorder=2)
    axes.plot(lone, below, "o", mfc="white", mec=_ORDER, ms=6.5, mew=1.4, zorder=3)
    axes.plot(late, below, "D", color=_ORDER, ms=5.5, zorder=3)
    axes.plot([100 * end] * 2, [row + 0.23, row + 0.77], color="#888888", lw=1, ls=":")
    _write_value(axes, row, part.value, part.low, part.high)
    return end


def _draw_total(axes: Axes, found: Explanation, row: int) -> None:
    axes.barh(row, 100 * found.total, 0.46, color=_TOTAL)
    _draw_interval(axes, found.total_low, found.total_high, row)
    _write_value(axes, row, found.total, found.total_low, found.total_high, bold=True)


def _draw_interval(axes: Axes, low: float, high: float, row: int) -> None:
    if np.isfinite(low):
        axes.plot([100 * low, 100 * high], [row, row], color="white", lw=4.5, zorder=4, solid_capstyle="butt")
        axes.plot([100 * low, 100 * high], [row, row], "|-", color="#000000", lw=1.8, ms=10, mew=1.8, zorder=5)


def _write_value(axes: Axes, row: int, value: float, low: float, high: float, bold: bool = False) -> None:
    """Write a part and its interval beside the panel, where they cover nothing."""
    weight = "bold" if bold else "normal"
    place = axes.get_yaxis_transform()
    axes.text(1.085, row, _signed(value), transform=place, ha="right", va="center", fontsize=13, fontweight=weight)
    if np.isfinite(low):
        text = f"{_signed(low)} to {_signed(high)}"
        axes.text(1.1, row, text, transform=place, ha="left", va="center", fontsize=10.5, color="#444444")


def _write_head(axes: Axes, found: Explanation) -> None:
    """Say what the numbers beside the panel are."""
    heads = [(1.085, "right", "part"), (1.1, "left", "95 % interval")]
    for place, side, text in heads[: 2 if found.paths > 1 else 1]:
        axes.text(
            place, -0.42, text, transform=axes.get_yaxis_transform(), ha=side, va="center", fontsize=10, color="#444444"
        )


def _draw_legend(axes: Axes, found: Explanation) -> None:
    handles: list[Patch | Line2D] = [
        Patch(facecolor=_LOSS, hatch="//", edgecolor="white", label="Loss"),
        Patch(facecolor=_GAIN, label="Gain"),
        Line2D([], [], color="#000000", marker="|", ms=10, mew=1.8, lw=1.8, label="95 % interval"),
        Line2D([], [], color="#888888", marker="o", mfc="white", mec=_ORDER, ms=6.5, mew=1.4, label="First in: alone"),
        Line2D([], [], color="#888888", marker="D", mfc=_ORDER, mec=_ORDER, ms=5.5, label="Last in: after all others"),
    ]
    if found.paths < 2:
        del handles[2]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(handles),
        fontsize=10.5,
        frameon=False,
        borderaxespad=0.2,
        columnspacing=1.4,
        handletextpad=0.5,
    )


def _foot(found: Explanation) -> list[str]:
    orders = "all orders" if found.orders is None else f"{found.orders} orders drawn at random"
    lines = [
        f"Bars: what a mechanism adds when it is switched on, averaged over {orders} of switching on (Shapley) and "
        "over paths; they add up. "
        f"P&L of stocks and futures, closes of {found.eve:%Y-%m-%d} to {found.last:%Y-%m-%d}, {found.window} days: "
        f"{_signed(found.pnl)} % in all, {_signed(found.pnl_off)} % with everything here off.",
    ]
    if found.off:
        lines.append("Off in this scenario: " + ", ".join(_inner(found.parts[name].title) for name in found.off) + ".")
    lines.append(style.provenance(found, twin=False))
    return lines


def _finding(found: Explanation, shown: list[str]) -> str:
    """The total, and the parts that made most of it: those with it, the largest against it, and forced sales."""
    total = found.total
    days = f"in {found.window} day{'s' * (found.window != 1)}"
    start = f"The hedged book ends {days} where it began"
    if abs(found.pnl_off) >= max(_SMALL, 0.05 * abs(total)):  # it loses or gains by itself too
        does = "costs" if total < 0 else "brings"
        start = f"What is switched on here {does} the hedged book {percent(abs(total))} {days}"
    elif abs(total) >= _SMALL:
        start = f"The hedged book {'loses' if total < 0 else 'gains'} {percent(abs(total))} {days}"
    ranked = sorted((name for name in shown if abs(found.parts[name].value) >= _SMALL), key=lambda n: -_size(found, n))
    along = [name for name in ranked if found.parts[name].value * total > 0]
    against = [name for name in ranked if found.parts[name].value * total <= 0]
    told = [name for name in along[:3] if _size(found, name) > 0.2 * _size(found, along[0])]
    told += [name for name in against[:1] if not along or _size(found, name) > 0.2 * _size(found, along[0])]
    if "forced_sales" in shown and "forced_sales" not in told:
        told.append("forced_sales")
    if not ranked:
        return f"{start}; no mechanism adds anything"
    parts = [f"{_inner(found.parts[n].title)} {_signed(found.parts[n].value)}" for n in told]
    heads = [f"{start}: {', '.join(parts[:place])}" for place in range(1, len(parts) + 1)]
    kept = max(sum(len(head) <= style.LONGEST_TITLE for head in heads), 1)
    rest = f"; {', '.join(parts[kept:])}" if parts[kept:] else ""
    return f"{start}: {', '.join(parts[:kept])}{rest}"


def _size(found: Explanation, name: str) -> float:
    return abs(found.parts[name].value)


def _inner(title: str) -> str:
    """A title within a sentence."""
    return title[0].lower() + title[1:]


def _signed(ratio: float) -> str:
    """Percent with its sign, and one for nothing."""
    number = round(100 * ratio, 1) + 0.0
    return "0.0" if number == 0 else f"{number:+.1f}"
