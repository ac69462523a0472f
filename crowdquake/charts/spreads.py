"""Both legs of the large fund's spread trades: what each loses, and what each is called on for."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from crowdquake.charts.credit import cumulated, month_axis, run_dates
from scenarios import RunResult

_LEGS = (
    ("long", "Long leg, illiquid", style.FORCED, "-"),
    ("short", "Short leg, liquid: the hedge", style.SIMULATED, "--"),
)


@chart(RunResult, "spread-legs", when=style.has_large_fund, place=7)
def spread_legs(run: RunResult) -> Figure:
    """Profit and margin calls of the long and the short legs since the start, medians with 10-90 %."""
    figure, (profit, calls) = style.new_figure(rows=2)
    money, currency = run.scenario.market.daily_value / 1e9, run.scenario.market.currency
    dates = run_dates(run)
    x = np.arange(len(dates))
    for axes, what in ((profit, "leg"), (calls, "call")):
        for leg, label, colour, line in _LEGS:
            table = money * cumulated(run, f"large_fund_{leg}_{what}")
            axes.fill_between(x, table["q10"], table["q90"], color=colour, alpha=0.2, lw=0)
            axes.plot(x, table["q50"], color=colour, ls=line, lw=2.4, label=label)
    profit.axhline(0, color="#333333", lw=1)
    profit.set_ylabel(f"Profit since the start,\n{currency} bn")
    calls.set_ylabel(f"Margin called since the start,\n{currency} bn")
    month_axis(calls, dates)
    style.legend(profit, ncols=2)
    share = run.scenario.large_fund.short_leg_share
    foot = [
        f"Lines: medians over paths; bands: 10-90 %. Put in: the short leg takes {100 * share:g} % of every move of a "
        "spread, each leg's account half of the haircut. What moves both legs alike is left out.",
        style.provenance(run, twin=False),
    ]
    return style.finish(figure, _finding(run), foot)


def _finding(run: RunResult) -> str:
    figures, currency = run.summary()["figures"], run.scenario.market.currency
    short, long = (figures[f"large_fund_{leg}_leg_loss"]["median"] / 1e9 for leg in ("short", "long"))
    called = figures["large_fund_short_leg_calls"]["median"] / 1e9
    if short <= 0:
        return "The short legs earn money over the window: the hedge paid"
    return (
        f"The hedge loses too: {currency} {short:.1f} bn on the short legs, {long:.1f} bn on the long ones; "
        f"{called:.1f} bn of margin is called on the short, liquid legs in {run.scenario.clock.horizon} days from "
        f"{run.scenario.clock.event.day} {run.scenario.clock.event:%B} on"
    )
