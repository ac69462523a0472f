"""Who sold to whom: what every kind of participant bought and sold, over the window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

FLOWS = (
    *("liquidator", "large_fund", "predators", "forced", "rebalancing", "index_sector", "arbitrage", "reentry"),
    "opportunists",
)
COLOURS = dict(
    zip(
        FLOWS,
        (
            drawing.INK,
            "#6B4C9A",
            drawing.GREY,
            drawing.ORANGE,
            drawing.YELLOW,
            "#CC79A7",
            drawing.GREEN,
            drawing.SKY,
            drawing.BLUE,
        ),
        strict=True,
    )
)
SMALL = 0.0005  # of the gross turnover: less is left out


@section("flows", place=70)
def flows(pack: Pack) -> Sequence[Part]:
    """Books bought and sold by kind of participant; whoever is left over took the other side."""
    parts: list[Part] = []
    for result in pack.of(RUN):
        table = daily_flows(result)
        if not table.empty:
            parts += [_chart(pack, result, table), _table(pack, result, table)]
    return [*parts, Text(pack.words("flows.note"), small=True)] if parts else []


def daily_flows(result: ResultFolder) -> pd.DataFrame:
    """Mean over paths of what each bought (+) and sold (-) in the days of the window, in money; a column each."""
    run = result.run
    clock = run.scenario.clock
    daily = run.daily[(run.daily["run"] == "main") & (run.daily["day"] >= clock.event_day - 1)]
    daily = daily[daily["day"] < clock.event_day + clock.horizon]
    if "large_fund_sold" in daily:
        short = daily.groupby("path")["predators_book"].diff().fillna(0.0) * run.scenario.large_fund.book
        daily = daily.assign(flow_large_fund=-daily["large_fund_sold"], flow_predators=short)
    names = [name for name in FLOWS if f"flow_{name}" in daily and daily[f"flow_{name}"].abs().sum() > 0]
    means = daily.groupby("date")[[f"flow_{name}" for name in names]].mean() * run.scenario.market.daily_value
    means.columns = pd.Index(names)
    gross = means.abs().to_numpy().sum()
    return means[[name for name in names if means[name].abs().sum() > SMALL * gross]]


def _chart(pack: Pack, result: ResultFolder, table: pd.DataFrame) -> Chart:
    words, numbers = pack.words, pack.numbers
    currency = result.run.scenario.market.currency
    size, unit = (1e8, "亿") if words.lang == "zh" else (1e9, "bn")
    figure, (axes,) = pack.drawing.figure()
    x = np.arange(len(table))
    above, below = np.zeros(len(table)), np.zeros(len(table))
    for name in table.columns:
        values = table[name].to_numpy() / size
        start = np.where(values >= 0, above, below)
        axes.bar(
            x,
            values,
            0.72,
            bottom=start,
            color=COLOURS[name],
            edgecolor="white",
            lw=0.5,
            label=words(f"flows.names.{name}"),
        )
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    axes.axhline(0, color="#333333", lw=0.8)
    axes.set_ylabel(words("flows.axis", unit=f"{currency} {unit}"))
    drawing.date_ticks(axes, list(table.index))
    axes.legend(frameon=False, fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    sums = table.sum()
    seller = str(sums.idxmin())
    title = words(
        "flows.chart",
        who=words(f"flows.names.{seller}"),
        amount=numbers.money(-float(sums[seller]), currency),
        label=result.label,
    )
    return pack.chart(title, figure)


def _table(pack: Pack, result: ResultFolder, table: pd.DataFrame) -> Table:
    words, numbers = pack.words, pack.numbers
    currency = result.run.scenario.market.currency
    bought, sold, net = table.clip(lower=0).sum(), table.clip(upper=0).sum(), table.sum()
    rows = [
        (
            words(f"flows.names.{name}"),
            *(numbers.money(float(column[name]), currency) for column in (bought, sold, net)),
        )
        for name in net.sort_values().index
    ]
    rest = -float(net.sum())
    rows.append((words("flows.others"), "", "", numbers.money(rest, currency)))
    heads = [words(f"flows.heads.{name}") for name in ("who", "bought", "sold", "net")]
    return Table.of(words("flows.table", days=str(len(table) - 1), label=result.label), heads, rows)
