"""Who trades: the liquidator, funds under compulsion, funds coming back."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from scenarios import RunResult

_WHO = (
    ("liquidator", "Liquidator", style.LIQUIDATOR, ""),
    ("forced", "Funds, forced", style.FORCED, "//"),
    ("rebalancing", "Funds, ordinary rebalancing", "#F0E442", ""),
    ("reentry", "Funds, coming back", style.REENTRY, ".."),
)
_TWIN = "All funds, no liquidator"


def cascade(run: RunResult) -> Figure:
    """Books bought and sold by day and by who trades; medians with 10-90 % whiskers."""
    figure, (axes,) = style.new_figure()
    scale = run.scenario.market.daily_value / 1e9
    width = 0.17
    dates = list(style.band(run, "flow_forced")["date"])
    x = np.arange(len(dates))
    for place, (flow, label, colour, hatch) in enumerate(_WHO):
        table = style.band(run, f"flow_{flow}")
        middle = scale * table["q50"]
        spread = np.abs(np.stack([middle - scale * table["q10"], scale * table["q90"] - middle]))
        axes.bar(
            x + (place - 2) * width,
            middle,
            width,
            label=label,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            lw=0.5,
            yerr=spread,
            error_kw={"ecolor": "#555555", "lw": 1.2, "capsize": 2},
        )
    calm = scale * (style.band(run, "flow_rebalancing", "twin")["q50"] + style.band(run, "flow_forced", "twin")["q50"])
    axes.bar(x + 2 * width, calm, width, label=_TWIN, color=style.TWIN, edgecolor="white", lw=0.5)
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel(f"Books bought (+) and sold (-) per side,\n{run.scenario.market.currency} bn a day")
    style.date_axis(axes, dates)
    axes.legend(loc="upper left", fontsize=10.5)
    foot = [
        "Bars: medians over paths; whiskers: 10-90 %. " + style.provenance(run),
        "The liquidator's dates and size are put in; forced selling and its timing come out.",
    ]
    return style.finish(figure, _finding(run), foot)


def _finding(run: RunResult) -> str:
    event = run.scenario.clock.event_day
    since = run.daily[(run.daily["run"] == "main") & (run.daily["day"] >= event)]
    sold = (
        -since.groupby("path")[["flow_liquidator", "flow_forced"]].sum().median()
        * run.scenario.market.daily_value
        / 1e9
    )
    currency = run.scenario.market.currency
    one, crowd = sold["flow_liquidator"], sold["flow_forced"]
    if one < 0.01:
        return f"Without a liquidator, funds are forced to sell {currency} {crowd:.1f} bn"
    if crowd < 0.01:
        return f"One fund sells {currency} {one:.1f} bn, and nobody else is forced to"
    return (
        f"One fund sells {currency} {one:.0f} bn per side, and forces the crowd to sell {currency} {crowd:.0f} bn more"
    )
