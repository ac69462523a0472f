"""Who trades: the liquidator, funds under compulsion, funds coming back, opportunists."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult

OPPORTUNISTS = "#009E73"  # of the same palette

_WHO = (
    ("liquidator", "Liquidator", style.LIQUIDATOR, ""),
    ("forced", "Funds, forced", style.FORCED, "//"),
    ("rebalancing", "Funds, ordinary rebalancing", "#F0E442", ""),
    ("reentry", "Funds, coming back", style.REENTRY, ".."),
    ("opportunists", "Opportunists", OPPORTUNISTS, "xx"),
)
_TWIN = "All funds, no liquidator"
SMALL = 0.01  # bn: less counts as nothing


@chart(RunResult, "cascade", when=lambda run: not style.has_large_fund(run), place=2)
def cascade(run: RunResult) -> Figure:
    """Books bought and sold by day and by who trades; medians with 10-90 % whiskers."""
    side = _side(run)
    figure, (axes,) = style.new_figure()
    scale = run.scenario.market.daily_value / 1e9
    width = 0.8 / (1 + len(_WHO))
    days = style.days_after(run)
    dates = list(style.band(run, "flow_forced", days_after=days)["date"])
    x = np.arange(len(dates))
    for place, (flow, label, colour, hatch) in enumerate(_WHO):
        table = style.band(run, f"flow_{flow}", days_after=days)
        if not table[["q10", "q50", "q90"]].any(axis=None):
            continue
        middle = scale * table["q50"]
        spread = np.abs(np.stack([middle - scale * table["q10"], scale * table["q90"] - middle]))
        axes.bar(
            x + (place - len(_WHO) / 2) * width,
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
    if style.has_liquidator(run):
        twin = scale * _twin_flow(run)
        axes.bar(x + len(_WHO) / 2 * width, twin, width, label=_TWIN, color=style.TWIN, edgecolor="white", lw=0.5)
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel(f"Books bought (+) and sold (-){side},\n{run.scenario.market.currency} bn a day")
    style.date_axis(axes, dates)
    style.legend(axes, ncols=3)
    foot = [
        "Bars: medians over paths; whiskers: 10-90 %. The title counts the whole run. " + style.provenance(run),
    ]
    if style.has_liquidator(run):
        by_volume = run.scenario.liquidator.schedule == "percent_of_volume"
        given = "size, start and share of volume" if by_volume else "dates and size"
        foot.append(f"The liquidator's {given} are put in; forced selling and its timing come out.")
    return style.finish(figure, _finding(run), foot)


def _twin_flow(run: RunResult) -> np.ndarray:
    """Median over the twin's paths of what all funds trade in a day, on the charted days."""
    twin = run.daily[run.daily["run"] == "twin"]
    traded = twin[["flow_forced", "flow_rebalancing", "flow_reentry"]].sum(axis=1)
    return (
        traded.groupby(twin["day"])
        .median()
        .loc[style.band(run, "flow_forced", "twin", style.days_after(run))["day"]]
        .to_numpy()
    )


def _finding(run: RunResult) -> str:
    event, currency = run.scenario.clock.event_day, run.scenario.market.currency
    since = run.daily[run.daily["day"] >= event]

    def sold(name: str, flow: str) -> float:
        by_path = since[since["run"] == name].groupby("path")[flow].sum()
        return -float(by_path.median()) * run.scenario.market.daily_value / 1e9

    one, crowd, twin = sold("main", "flow_liquidator"), sold("main", "flow_forced"), sold("twin", "flow_forced")
    if not style.has_liquidator(run):
        if crowd < SMALL:
            return "Nobody liquidates, and nobody is forced to sell in the median path"
        return f"Nobody liquidates, but funds are forced to sell {currency} {_billions(crowd)} bn"
    seller = f"One fund sells {currency} {_billions(one)} bn{_side(run)}"
    if crowd < SMALL:
        return f"{seller}, and in the median path nobody else is forced to"
    if twin < SMALL:
        return f"{seller}, and forces the crowd to sell {currency} {_billions(crowd)} bn more"
    return (
        f"{seller}, and the crowd is forced to sell {currency} {_billions(crowd)} bn; "
        f"{currency} {_billions(twin)} bn without it"
    )


def _side(run: RunResult) -> str:
    """Futures funds have one side of stocks, long-short funds two."""
    long_short = run.scenario.settings.futures_fund_count < run.scenario.funds.count
    return " per side" if long_short else ""


def _billions(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 10 else f"{amount:.2g}"
