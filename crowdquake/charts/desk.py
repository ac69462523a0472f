"""The hedge desk: its hedged P&L, and what its futures need against its reserve."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult


@chart(RunResult, "hedge-desk", when=lambda run: not run.hedges.empty, place=8)
def hedge_desk(run: RunResult) -> Figure:
    """P&L of both legs since the hedge was put on, and capital need against the reserve."""
    figure, (pnl, need) = style.new_figure(rows=2)
    desk = run.scenario.desk
    hedges = run.hedges
    book = float(hedges["stock_value"].iloc[0])  # of the first path, as the hedge is put on
    dates = list(hedges.loc[(hedges["run"] == "main") & (hedges["path"] == 0), "date"])
    x = np.arange(len(dates))
    for name, colour, label in style.runs_shown(run):
        chosen = hedges[hedges["run"] == name]
        style.fan(pnl, x, 100 * style.daily_quantiles(chosen, chosen["hedged_pnl"] / book), colour, label)
        style.fan(need, x, 100 * style.daily_quantiles(chosen, chosen["capital_need"] / book), colour, label)
    pnl.axhline(0, color="#333333", lw=1)
    pnl.set_ylabel("P&L of stocks and futures,\n% of the book")
    need.axhline(100 * desk.reserve, color=style.LIMIT, lw=2.2, ls="--", label=f"Reserve, {100 * desk.reserve:g} %")
    need.set_ylabel("Margin and futures losses,\n% of the book")
    apart = 1 + len(dates) // 14  # at most 14 dates have room
    need.set_xticks(x[::apart])
    need.set_xticklabels([f"{day.day} {day:%b}" for day in dates[::apart]], fontsize=10.5)
    style.legend(pnl, ncols=2)
    need.legend(handles=[need.get_lines()[-1]], loc="lower left", bbox_to_anchor=(0, 1), fontsize=10.5, frameon=False)
    moves = "Taken to move no price." if desk.price_taker else "Its trades move prices."
    foot = [
        f"Desk: {run.scenario.market.currency} {book / 1e6:,.0f}m, {_held(run)}, short index "
        f"futures, policy {desk.policy}, margin {100 * desk.margin:g} %. {moves}",
        style.provenance(run),
    ]
    return style.finish(figure, _finding(run), foot)


def _held(run: RunResult) -> str:
    desk, book = run.scenario.desk, run.manifest.get("book")
    if book is not None:
        return f"long its own book of {book['stocks']} stocks (overlap with the crowd {book['overlap']:.2f})"
    return "long the index" + (f" plus {desk.tilt:g} x the crowded book" if desk.tilt else "")


def _finding(run: RunResult) -> str:
    figures = run.summary()["figures"]
    loss, call = figures["desk_hedge_loss"], figures["desk_margin_call"]
    low, high = call["interval"]
    days = run.scenario.clock.horizon
    lost = f"Within {days} days of the eve the hedged book loses {100 * loss['median']:.1f} % at worst"
    called = (
        f"medians over paths; over the whole run margin is called in {100 * call['share']:.0f} % of paths "
        f"(95 % interval {100 * low:.0f}-{100 * high:.0f} %)"
    )
    if not style.has_liquidator(run):
        return f"{lost}; {called}"
    twin = f"{100 * call['twin']:.0f} % without the liquidator"
    return f"{lost}, {100 * loss['twin']:.1f} % without the liquidator; {called}, {twin}"
