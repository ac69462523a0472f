"""How likely shortfalls of any size are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.statistics import wilson
from crowdquake.report import drawing
from crowdquake.report.hedges import shortfalls
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section

STEPS = (0.0, 0.01, 0.02, 0.05, 0.10, 0.20)
MOST_CURVES = 6


@section("exceedance", place=50)
def exceedance(pack: Pack) -> Sequence[Part]:
    """Exceedance curve of the shortfall beyond the reserve."""
    found: dict[str, tuple[FloatArray, float, str]] = {}
    for result in pack.results:
        own = shortfalls(result)
        several = len(pack.of("RunResult", "Reserves")) > 1
        for name, item in own.items():
            label = pack.words("without" if name == "twin" else "simulated") if name in {"main", "twin"} else name
            found[f"{result.label}: {label}" if several else label] = item
    if not found:
        return []
    return [_chart(pack, found), _table(pack, found), Text(pack.words("exceedance.note"), small=True)]


def _chart(pack: Pack, found: dict[str, tuple[FloatArray, float, str]]) -> Chart:
    words, numbers = pack.words, pack.numbers
    figure, (axes,) = pack.drawing.figure()
    for (name, (values, _, _)), colour, dash in zip(
        list(found.items())[:MOST_CURVES], drawing.SERIES, drawing.DASHES, strict=False
    ):
        ordered = np.sort(values)[::-1]
        share = np.arange(1, ordered.size + 1) / ordered.size
        axes.step(100 * ordered, 100 * share, where="post", color=colour, ls=dash, lw=1.8, label=name)
    axes.set_xlim(left=0)
    chances = [float((values > 0).mean()) for values, _, _ in found.values()]
    axes.set_ylim(0, 100 * min(1.25 * max([*chances, 0.02]), 1.04))
    axes.set_xlabel(words("exceedance.x"))
    axes.set_ylabel(words("exceedance.y"))
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    name, (values, book, currency) = next(iter(found.items()))
    worst = float(values.max())
    title = words(
        "exceedance.chart",
        chance=numbers.percent(float((values > 0).mean())),
        worst=numbers.percent(worst),
        money=numbers.money(worst * book, currency),
        name=name,
    )
    return pack.chart(title, figure)


def _table(pack: Pack, found: dict[str, tuple[FloatArray, float, str]]) -> Table:
    words, numbers = pack.words, pack.numbers
    heads = [words("limits.whose"), *(words("exceedance.above", share=numbers.percent(step, 0)) for step in STEPS)]
    rows = []
    for name, (values, _, _) in found.items():
        cells = []
        for step in STEPS:
            chance = wilson(int((values > step).sum()), values.size)
            cells.append(f"{numbers.percent(chance.value)} ({numbers.span(chance.low, chance.high)})")
        rows.append((name, *cells))
    return Table.of(words("exceedance.table"), heads, rows)
