"""Net asset values of the crowd's funds since the eve of the event."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from scenarios import RunResult

KINDS = {"swap": "Swap-financed funds", "cash": "Funds that own their stocks", "long_short": "Long-short funds"}
COLOURS = (style.FORCED, style.SIMULATED, style.SECTOR)


def fund_nav(run: RunResult) -> Figure:
    """Fan over funds and paths, the twin in grey; a crowd of several kinds kind by kind."""
    main, twin = style.band(run, "nav"), style.band(run, "nav", "twin")
    main, twin = (
        main[main["day"] >= run.scenario.clock.event_day - 1],
        twin[twin["day"] >= run.scenario.clock.event_day - 1],
    )
    figure, (axes,) = style.new_figure()
    x = np.arange(len(main))
    percent = [column for column in main.columns if column.startswith("q")]
    kinds = [kind for kind in KINDS if (run.bands["column"] == f"nav_{kind}").any()]
    for kind, colour in zip(kinds, COLOURS, strict=False):
        both = (style.band(run, f"nav_{kind}"), style.band(run, f"nav_{kind}", "twin"))
        own, other = (100 * table.loc[table["day"].isin(main["day"]), percent] for table in both)
        axes.fill_between(x, own["q10"], own["q90"], color=colour, alpha=0.2, lw=0)
        axes.plot(x, own["q50"], color=colour, lw=2.4, label=f"{KINDS[kind]}, median and 10-90 %")
        if style.has_liquidator(run):
            axes.plot(x, other["q50"], color=colour, lw=1.8, ls=":", label="without the liquidator")
    if not kinds:
        style.fan(axes, x, 100 * twin[percent], style.TWIN, run.scenario.twin_title)
        style.fan(axes, x, 100 * main[percent], style.SIMULATED, "Funds")
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel("Change of net asset value since the eve, %")
    style.date_axis(axes, list(main["date"]))
    style.legend(axes, ncols=2)
    foot = ["Bands: over all funds and paths. " + style.provenance(run, twin=not kinds)]
    foot += [
        f"History: {fact.text} ({style.cite(run, fact.source)})"
        for fact in run.scenario.fact
        if fact.chart == "fund-nav"
    ]
    return style.finish(figure, _finding(run), foot)


def _finding(run: RunResult) -> str:
    figures = run.summary()["figures"]
    trough, end = figures["fund_trough"], figures["fund_end"]
    kinds = [kind for kind in KINDS if (run.bands["column"] == f"nav_{kind}").any()]
    if kinds:
        return _finding_by_kind(run, kinds)
    if trough["median"] is None:
        return "The median fund has no equity left on the eve"
    lost = f"The median fund loses {-100 * trough['median']:.1f} % within {run.scenario.clock.window} days of the eve"
    if style.has_liquidator(run):
        lost += f", {-100 * trough['twin']:.1f} % without the liquidator"
    if trough["median"] > -0.02:
        return lost
    regained = 1 - end["median"] / trough["median"]
    last = run.bands.loc[run.bands["run"] == "main", "date"].max()
    by = f"by {last.day} {last:%B}"
    if regained >= 0.995:
        return f"{lost}; all of it is back {by}"
    if regained > 0.1:
        return f"{lost}; {100 * regained:.0f} % of it is back {by}"
    if regained > -0.1:
        return f"{lost}, and little of it is back {by}"
    return f"{lost}, and {-100 * end['median']:.1f} % {by}"


def _finding_by_kind(run: RunResult, kinds: list[str]) -> str:
    found = {kind: run.summary()["figures"][f"{kind}_fund_trough"] for kind in kinds}
    lost = [f"{KINDS[kind].lower()} lose {-100 * (figure['median'] or 0):.1f} %" for kind, figure in found.items()]
    said = f"Within {run.scenario.clock.window} days of the eve {' and '.join(lost)} (medians)"
    if not style.has_liquidator(run):
        return said
    alone = " and ".join(f"{-100 * (figure['twin'] or 0):.1f} %" for figure in found.values())
    return f"{said}; without the liquidator {alone}"
