"""The contrarian portfolio of Khandani and Lo, day by day, against history."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult


def _has_long_short_funds(run: RunResult) -> bool:
    long_short = run.scenario.settings.futures_fund_count < run.scenario.funds.count
    return long_short and not style.has_large_fund(run)


@chart(RunResult, "khandani-lo", when=_has_long_short_funds, place=3)
def khandani_lo(run: RunResult) -> Figure:
    """Median and bands of each day's return, history as diamonds, the twin in grey."""
    main = style.band(run, "khandani_lo")
    figure, (axes,) = style.new_figure()
    x = np.arange(len(main))
    for name, colour, label in style.runs_shown(run):
        table, shift = style.band(run, "khandani_lo", name), 0.24 * (name == "twin")
        axes.vlines(
            x + shift, 100 * table["q10"], 100 * table["q90"], color=colour, lw=3, alpha=0.45, label=f"{label}, 10-90 %"
        )
        axes.vlines(
            x + shift, 100 * table["q25"], 100 * table["q75"], color=colour, lw=9, alpha=0.6, label=f"{label}, 25-75 %"
        )
        axes.plot(x + shift, 100 * table["q50"], "o", color="white", mec=colour, mew=2, ms=7, label=f"{label}, median")
    history = run.scenario.history_of("khandani_lo")
    foot = ["Bars: quantiles over paths. " + style.provenance(run)]
    if history is not None:
        known = {np.datetime64(day, "D"): value for day, value in history.values.items()}
        found = [known.get(np.datetime64(day, "D"), np.nan) for day in main["date"]]
        axes.plot(x - 0.24, found, "D", color=style.HISTORY, ms=8, label="History")
        foot.append(f"History: {style.cite(run, history.source)}.")
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel("Return of the contrarian portfolio, % a day,\nunlevered")
    style.date_axis(axes, list(main["date"]))
    style.legend(axes, ncols=3)
    return style.finish(figure, _finding(run), foot)


def _finding(run: RunResult) -> str:
    event = run.scenario.clock.event_day
    columns = run.daily[run.daily["day"].between(event + 1, event + 4)]
    by_path = columns.pivot_table(index=["run", "path"], columns="day", values="khandani_lo", observed=True)
    if by_path.shape[1] < 4:
        return "The contrarian portfolio, day by day: the run ends before a rebound could be seen"
    first, last, after = (run.scenario.clock.dates[event + days].item() for days in (1, 3, 4))
    when = f"from {first.day} {first:%B} to {last.day} {last:%B}"
    total, next_day = 100 * by_path.iloc[:, :3].sum(axis=1), 100 * by_path.iloc[:, 3]
    main, back = (round(found.loc["main"].median(), 1) + 0.0 for found in (total, next_day))  # no minus zero
    then = f"{back:+.1f} % {'comes back' if back > 1 > main else 'follows'} on {after.day} {after:%B}"
    if not style.has_liquidator(run):
        return f"Without a liquidator the contrarian portfolio makes {main:+.1f} % {when}; {then}"
    twin = round(total.loc["twin"].median(), 1) + 0.0
    if abs(main - twin) < 1:
        return f"No quake: the contrarian portfolio makes {main:+.1f} % {when}; {twin:+.1f} % without the liquidator"
    return f"One fund's selling turns {twin:+.1f} % into {main:+.1f} % {when}; {then}"
