"""Who endangers whom: the network of funds whose forced sales cost each other, and both ends of it as bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from cqkit.arrays import FloatArray
from cqkit.plain import percent
from crowdquake.charts import style
from crowdquake.charts.base import chart
from crowdquake.charts.language import fonts_for
from scenarios import CrowdingResult

NAME = "name"  # marks the names of funds among other texts
MOST_FUNDS, MOST_ARROWS, MOST_LABELS, MOST_BARS = 24, 36, 12, 14


class _Drawn(NamedTuple):
    """What is drawn, the funds and last of all the own book if there is one; arrays by what is drawn."""

    names: list[str]
    danger: FloatArray  # share of all losses that its sales cause
    hurt: FloatArray  # its loss for its size
    losses: FloatArray  # row to column, for the size of the column
    own: bool  # whether the last is the own book

    @property
    def of(self) -> FloatArray:
        """By what the most important come first."""
        return np.maximum(self.danger / _top(self.danger), self.hurt / _top(self.hurt))


@chart(
    CrowdingResult,
    "who-endangers-whom",
    when=lambda found: found.found.sales is not None and len(found.crowd.funds) > 1,
)
def who_endangers_whom(found: CrowdingResult) -> Figure:
    """Circles: funds, as large as they lose, as dark as their sales cost others; arrows: who costs whom how much."""
    every = _drawn(found)
    shown = _most_important(every)
    with rc_context(style.STYLE):
        figure = Figure(figsize=(13.5, 7.6), layout="constrained")
        FigureCanvasAgg(figure)
        network, cause, loss = figure.subplots(1, 3, width_ratios=(2.4, 0.7, 0.7))
    _draw_network(network, shown)
    _draw_bars(cause, loss, shown, found)
    style.finish(figure, _title(found), _foot(found, shown))
    _clear(figure)
    return figure


def _top(values: FloatArray) -> float:
    return max(float(values.max(initial=0.0)), 1e-300)


def _drawn(found: CrowdingResult) -> _Drawn:
    sales, crowd = found.found.sales, found.crowd
    assert sales is not None  # there is no chart without
    capital = crowd.equity if crowd.levered else crowd.gross
    losses = np.divide(sales.losses, capital, out=np.zeros_like(sales.losses), where=capital > 0)
    danger = sales.systemicness / max(abs(float(sales.systemicness.sum())), 1e-300)
    funds = _Drawn(list(crowd.funds), danger, np.nan_to_num(sales.vulnerability), losses, own=False)
    if crowd.own is None or found.found.own_losses is None:
        return funds
    to_own = found.found.own_losses / np.abs(crowd.own).sum()
    square = np.zeros((len(danger) + 1, len(danger) + 1))
    square[:-1, :-1], square[:-1, -1] = losses, to_own
    hurt = np.append(funds.hurt, to_own.sum())
    return _Drawn([*funds.names, f"{crowd.own_name} (own)"], np.append(danger, 0.0), hurt, square, own=True)


def _most_important(every: _Drawn) -> _Drawn:
    """The funds that cost or lose most, and the own book."""
    funds = every.of[:-1] if every.own else every.of
    chosen = np.argsort(-funds, kind="stable")[:MOST_FUNDS]
    if every.own:
        chosen = np.append(chosen, len(funds))
    names = [every.names[place] for place in chosen]
    return _Drawn(names, every.danger[chosen], every.hurt[chosen], every.losses[np.ix_(chosen, chosen)], every.own)


def _draw_network(axes: Axes, shown: _Drawn) -> None:
    places = _layout(shown.losses)
    sizes = 130 + 1500 * np.maximum(shown.hurt, 0) / _top(shown.hurt)
    between = np.where(np.eye(len(sizes), dtype=bool), 0.0, shown.losses)
    largest = _top(between)
    order = np.argsort(-between, axis=None, kind="stable")[:MOST_ARROWS]
    for first, second in zip(*np.unravel_index(order, between.shape), strict=True):
        part = float(between[first, second]) / largest
        if part <= 0:
            continue
        arrow = {
            "arrowstyle": "-|>",
            "lw": 0.5 + 3.2 * part,
            "color": style.FORCED,
            "alpha": 0.25 + 0.65 * part,
            "shrinkA": np.sqrt(sizes[first]) / 2,
            "shrinkB": np.sqrt(sizes[second]) / 2 + 1,
            "connectionstyle": "arc3,rad=0.12",
        }
        axes.annotate("", xy=places[second], xytext=places[first], arrowprops=arrow)
    shades = 1 - 0.85 * np.maximum(shown.danger, 0) / _top(shown.danger)
    for place, (point, size, shade) in enumerate(zip(places, sizes, shades, strict=True)):
        mark = "s" if shown.own and place == len(sizes) - 1 else "o"
        axes.scatter(point[0], point[1], s=size, marker=mark, color=str(shade), edgecolor="black", lw=1.2, zorder=3)
    _label(axes, shown, places, sizes)
    axes.set_axis_off()
    axes.margins(0.14)


def _label(axes: Axes, shown: _Drawn, places: FloatArray, sizes: FloatArray) -> None:
    order = np.argsort(-shown.of, kind="stable")[:MOST_LABELS].tolist()
    if shown.own:
        order = [len(sizes) - 1, *(place for place in order if place != len(sizes) - 1)]
    for place in order:
        label = axes.annotate(
            shown.names[place],
            tuple(places[place]),
            xytext=(0, np.sqrt(sizes[place]) / 2 + 4),
            textcoords="offset points",
            ha="center",
            fontsize=10.5,
            zorder=4,
            bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.8},
        )
        label.set_gid(NAME)


def _clear(figure: Figure) -> None:
    """Move names that would stand on others below their circles, or leave them out: the bars have them too."""
    with rc_context(fonts_for(figure)):
        figure.draw_without_rendering()
    labels = [text for text in figure.findobj(Annotation) if text.get_gid() == NAME]
    kept: list[Bbox] = []
    for label in labels:
        above = label.get_position()
        for place in (above, (above[0], -above[1] - 10)):
            label.set_position(place)
            box = label.get_window_extent().padded(2)
            if not any(box.overlaps(other) for other in kept):
                kept.append(box)
                break
        else:
            label.remove()


def _layout(losses: FloatArray) -> FloatArray:
    """Places, shape (funds, 2): those that cost each other much stand close."""
    import networkx as nx

    together = np.maximum(losses, 0) + np.maximum(losses.T, 0)
    np.fill_diagonal(together, 0.0)
    apart = 1 - 0.8 * np.sqrt(together / _top(together))
    count = len(losses)
    ends = {a: {b: float(apart[a, b]) for b in range(count)} for a in range(count)}
    found = nx.kamada_kawai_layout(nx.complete_graph(count), dist=ends)
    return np.array([found[place] for place in range(count)])


def _draw_bars(cause: Axes, loss: Axes, shown: _Drawn, found: CrowdingResult) -> None:
    """Both ends of the arrows, the most dangerous fund first."""
    order = np.argsort(-shown.of, kind="stable")[:MOST_BARS]
    if shown.own:
        order = np.append(order[order != len(shown.names) - 1], len(shown.names) - 1)
    order = order[np.argsort(shown.danger[order], kind="stable")]
    rows = np.arange(order.size)
    cause.barh(rows, 100 * shown.danger[order], 0.62, color="#333333")
    cause.set_yticks(rows, labels=[shown.names[place] for place in order], fontsize=10)
    cause.set_xlabel("Its sales cause,\n% of all losses", fontsize=10)
    loss.barh(rows, 100 * shown.hurt[order], 0.62, color="white", edgecolor="black", hatch="///", lw=0.9)
    loss.set_yticks(rows, labels=[])
    loss.set_xlabel(f"It loses by all sales,\n% of its {'equity' if found.crowd.levered else 'book'}", fontsize=10)
    for axes in (cause, loss):
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x")
        axes.tick_params(axis="x", labelsize=10)
        axes.axvline(0, color="#333333", lw=1)


def _title(found: CrowdingResult) -> str:
    every = _drawn(found)
    count = len(found.crowd.funds)
    first, loser = int(every.danger[:count].argmax()), int(every.hurt[:count].argmax())
    of = "equity" if found.crowd.levered else "book"
    return (
        f"{every.names[first]}'s sales cost most ({percent(float(every.danger[first]), 0)} of all losses by "
        f"forced sales); {every.names[loser]} is hit hardest ({percent(float(every.hurt[loser]), 2)} of its {of})"
    )


def _foot(found: CrowdingResult, shown: _Drawn) -> list[str]:
    terms, crowd = found.terms, found.crowd
    if crowd.levered:
        whom = "against what the funds hold" if terms.shock == "crowd" else "down of all stocks"
        cause = f"First round of sales to keep leverage after a move of {percent(terms.move)} {whom}"
    else:
        cause = "Each fund sells a tenth of its book; equity is not known"
    count = len(crowd.funds)
    drawn = f"the {MOST_FUNDS} of {count} funds that cost or lose most" if count > MOST_FUNDS else f"all {count} funds"
    own = "; square: the own book, for its gross value" if shown.own else ""
    return [
        f"Circles: {drawn}; the larger, the more it loses for its size; the darker, the more its sales cost all{own}.",
        f"Arrows: the {MOST_ARROWS} largest losses by the sales of one fund, for the size of who loses. {cause}.",
        f"Impact: square-root law, linear at {terms.flow:g} days of volume. {found.title}.",
    ]
