"""The hedge desk: its hedged P&L, and what its futures need against its reserve."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from scenarios import RunResult


def hedge_desk(run: RunResult) -> Figure:
    """P&L of both legs since the hedge was put on, and capital need against the reserve."""
    figure, (pnl, need) = style.new_figure(rows=2)
    desk = run.scenario.desk
    book = desk.size * run.scenario.market.daily_value
    hedges = run.hedges
    dates = list(hedges.loc[(hedges["run"] == "main") & (hedges["path"] == 0), "date"])
    x = np.arange(len(dates))
    for name, colour, label in (("twin", style.TWIN, "No liquidator"), ("main", style.SIMULATED, "Simulated")):
        chosen = hedges[hedges["run"] == name]
        style.fan(pnl, x, 100 * style.daily_quantiles(chosen, chosen["hedged_pnl"] / book), colour, label)
        style.fan(need, x, 100 * style.daily_quantiles(chosen, chosen["capital_need"] / book), colour, label)
    pnl.axhline(0, color="#333333", lw=1)
    pnl.set_ylabel("P&L of stocks and futures,\n% of the book")
    need.axhline(100 * desk.reserve, color=style.LIMIT, lw=2.2, ls="--", label=f"Reserve, {100 * desk.reserve:g} %")
    need.set_ylabel("Margin and futures losses,\n% of the book")
    need.set_xticks(x[::2])
    need.set_xticklabels([f"{day.day} {day:%b}" for day in dates[::2]], fontsize=10.5)
    pnl.legend(loc="lower left", ncols=2, fontsize=10.5)
    need.legend(handles=[need.get_lines()[-1]], loc="upper left", fontsize=10.5)
    foot = [
        f"Desk: {run.scenario.market.currency} {book / 1e6:,.0f}m, long the index plus {desk.tilt:g} x the crowded "
        f"book, short index futures, policy {desk.policy}, margin {100 * desk.margin:g} %. Too small to move prices.",
        style.provenance(run),
    ]
    return style.finish(figure, _finding(run), foot)


def _finding(run: RunResult) -> str:
    figures = run.summary()["figures"]
    loss, call = figures["desk_hedge_loss"], figures["desk_margin_call"]
    low, high = call["interval"]
    return (
        f"The hedge loses {100 * loss['median']:.1f} % of the book where {100 * loss['twin']:.1f} % was ordinary; the "
        f"reserve is called in {100 * call['share']:.0f} % of paths ({100 * low:.0f}-{100 * high:.0f} %), "
        f"{100 * call['twin']:.0f} % without the liquidator"
    )
