"""A sweep's charts: a curve over one key, a map over two with the analytic threshold, a tornado, Sobol indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cqkit.statistics import standard_errors
from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Sweep
from scenarios.domain import value_of

MOST_MARKED = 40  # points of a curve that have a mark each
FAILED, UNKNOWN = "out of range", "known on no path"  # as the day of a call is where nobody is called


def _is_grid(found: Sweep, keys: int) -> bool:
    numeric = all(pd.api.types.is_numeric_dtype(found.points[key]) for key in found.keys)
    return found.design == "grid" and len(found.keys) == keys and numeric and found.figure in found.points


def _shown(found: Sweep) -> tuple[float, str]:
    """What the figure is multiplied with where it is drawn, and its unit there."""
    if "ratio" in found.unit or found.unit.startswith("share"):
        return 100, found.unit.replace("ratio to ", "% of ").replace("share of ", "% of ").replace("ratio", "%")
    return 1, found.unit


@chart(Sweep, "curve", when=lambda found: _is_grid(found, 1) and not found.points[found.figure].isna().all())
def curve(found: Sweep) -> Figure:
    """Draw the figure over one key, with and without the liquidator, and where the scenario stands."""
    figure, (axes,) = style.new_figure()
    (key,) = found.keys
    scale, unit = _shown(found)
    points = found.points.sort_values(key)
    x, value = points[key].to_numpy(dtype=float), scale * points[found.figure]
    half = (scale * standard_errors() * points[f"{found.figure}_error"]).replace(np.inf, np.nan)
    marker = "o" if len(x) <= MOST_MARKED else None
    box, own = _box(found), value_of(found.scenario.settings, key)
    if key in box:
        axes.axvspan(*box[key], color=style.TWIN, alpha=0.15, lw=0, label="Tested domain")
    if half.notna().any():
        axes.fill_between(x, value - half, value + half, color=style.SIMULATED, alpha=0.2, lw=0, label="95 % interval")
    axes.plot(x, value, color=style.SIMULATED, lw=2, marker=marker, ms=5, label="Mean over paths")
    baseline = f"{found.figure}_baseline"
    if baseline in points:
        axes.plot(x, scale * points[baseline], color=style.TWIN_LINE, lw=2, ls="--", label=found.scenario.twin_title)
    failed, bottom = points["fault"] != "", axes.get_xaxis_transform()
    unknown = value.isna() & ~failed
    for which, mark, colour, label in ((failed, "x", style.FORCED, FAILED), (unknown, "|", style.HISTORY, UNKNOWN)):
        if which.any():
            height = np.full(which.sum(), 0.03)
            axes.plot(x[which], height, mark, color=colour, ms=9, mew=2, transform=bottom, label=label)
    if own is not None and x[0] <= own <= x[-1]:
        axes.axvline(own, color=style.HISTORY, lw=1.4, ls=":", label="Where the scenario stands")
    if x[0] < x[-1]:
        beyond = 0.01 * (x[-1] - x[0])  # room for half a mark
        axes.set_xlim(x[0] - beyond, x[-1] + beyond)
    axes.set_xlabel(key)
    axes.set_ylabel(f"{found.figure}, {unit}")
    style.legend(axes, 3)
    return style.finish(figure, _curve_title(found, points.dropna(subset=found.figure), scale), _foot(found))


def _curve_title(found: Sweep, known: pd.DataFrame, scale: float) -> str:
    (key,) = found.keys
    first, last = (known.iloc[place] for place in (0, -1))
    told = f"{found.figure}: {_told(scale * first[found.figure], scale)} at {key} {first[key]:.3g}"
    if len(known) > 1:
        told += f" and {_told(scale * last[found.figure], scale)} at {last[key]:.3g}"
    baseline = f"{found.figure}_baseline"
    if baseline not in known:
        return told
    low, high = (_told(scale * end, scale) for end in (known[baseline].min(), known[baseline].max()))
    nobody = found.scenario.twin_title
    return f"{told}; {nobody[0].lower()}{nobody[1:]}: {low if low == high else f'{low} to {high}'}"


def _told(shown: float, scale: float) -> str:
    """A value as it is drawn."""
    return f"{shown:.3g}{' %' if scale == 100 else ''}"


@chart(Sweep, "phase", when=lambda found: _is_grid(found, 2))
def phase(found: Sweep) -> Figure:
    """Draw the figure over two keys, where the loop gain is 1, the tested domain, and where the scenario stands."""
    figure, (axes,) = style.new_figure()
    across, up = found.keys[1], found.keys[0]
    table = found.points.pivot_table(index=up, columns=across, values=found.figure, dropna=False)
    x, y = table.columns.to_numpy(dtype=float), table.index.to_numpy(dtype=float)
    percent, unit = _shown(found)
    drawn = axes.pcolormesh(_edges(x), _edges(y), percent * table.to_numpy(), cmap="cividis_r", shading="flat")
    bar = figure.colorbar(drawn, ax=axes, pad=0.015)
    bar.set_label(f"{found.figure}, {unit}", fontsize=10.5)
    faults = found.points.pivot_table(index=up, columns=across, values="fault", aggfunc="first").to_numpy()
    _write_values(axes, x, y, percent * table.to_numpy(), faults != "", drawn)
    gain = found.points.pivot_table(index=up, columns=across, values="loop_gain", dropna=False).to_numpy()
    crossed = bool(np.nanmin(gain) < 1 < np.nanmax(gain))
    if crossed:
        axes.contour(x, y, gain, levels=[1.0], colors=style.FORCED, linewidths=2.5)
        axes.plot(
            [], [], color=style.FORCED, lw=2.5, label="Loop gain 1 (analytic): above it forced sales feed themselves"
        )
    _draw_domain(axes, found, across, up)
    axes.grid(visible=False)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    style.legend(axes, 2)
    return style.finish(figure, _phase_title(found, gain, table.to_numpy() * percent, percent), _foot(found))


def _phase_title(found: Sweep, gain: Any, shown: Any, percent: float) -> str:
    below, above = shown[gain < 1], shown[gain >= 1]
    if np.isnan(below).all() or np.isnan(above).all():
        return f"{found.figure}: {np.nanmin(shown):.3g} to {_told(np.nanmax(shown), percent)} over the map"
    low, high = (_told(np.nanmean(side), percent) for side in (below, above))
    return f"{found.figure}: mean {low} where the loop gain is below 1, {high} above"


def _edges(values: Any) -> Any:
    """Of cells around values; the outer ones end at their values, which end what was run."""
    return np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:]])


def _write_values(axes: Axes, x: Any, y: Any, values: Any, failed: Any, drawn: Any) -> None:
    if values.size > 150:
        return
    across, up = ((edges[1:] + edges[:-1]) / 2 for edges in (_edges(x), _edges(y)))  # middles of the cells
    for row, height in enumerate(up):
        for column, place in enumerate(across):
            value = values[row, column]
            if np.isnan(value):
                said = FAILED if failed[row, column] else UNKNOWN
                axes.text(place, height, said, ha="center", va="center", fontsize=9)
                continue
            dark = np.mean(drawn.cmap(drawn.norm(value))[:3]) < 0.5
            axes.text(
                place,
                height,
                f"{value:.3g}",
                ha="center",
                va="center",
                fontsize=9.5,
                color="white" if dark else "black",
            )


def _box(found: Sweep) -> dict[str, tuple[float, float]]:
    """The ends of every key of the scenario's tested domain."""
    units = {axis: axis.unit(found.scenario.settings) for axis in found.scenario.domain.axis}
    return {axis.key: (axis.low * unit, axis.high * unit) for axis, unit in units.items()}


def _draw_domain(axes: Axes, found: Sweep, across: str, up: str) -> None:
    settings, box = found.scenario.settings, _box(found)
    if across in box and up in box:
        (left, right), (low, high) = box[across], box[up]
        edge: dict[str, Any] = {"fill": False, "ec": style.HISTORY, "lw": 1.4, "ls": (0, (4, 3))}
        axes.add_patch(Rectangle((left, low), right - left, high - low, label="Tested domain", **edge))
    x, y = value_of(settings, across), value_of(settings, up)
    if x is not None and y is not None:
        star: dict[str, Any] = {"marker": "*", "ms": 16, "mfc": "white", "mec": "black", "ls": "", "zorder": 6}
        axes.plot(x, y, label="The scenario itself", **star)


@chart(Sweep, "tornado", when=lambda found: found.design == "one-at-a-time" and "low" in found.effects)
def tornado(found: Sweep) -> Figure:
    """Draw how far the figure moves as each key goes to either end, the widest swing on top, with intervals."""
    figure, (axes,) = style.new_figure()
    rows = found.effects.iloc[::-1].reset_index(drop=True)
    for end, colour, hatch in (("low", style.REENTRY, None), ("high", style.FORCED, "//")):
        value = rows[end]
        bars = np.array([value - rows[f"{end}_from"], rows[f"{end}_to"] - value])
        axes.barh(rows.index, value, 0.6, color=colour, hatch=hatch, edgecolor="white", label=f"Key at its {end} end")
        axes.errorbar(value, rows.index, xerr=np.nan_to_num(bars), fmt="none", ecolor=style.HISTORY, capsize=4, lw=1.2)
    axes.axvline(0, color=style.HISTORY, lw=1)
    axes.set_yticks(
        rows.index, [f"{row.key}\n{row.low_value:.3g} to {row.high_value:.3g}" for row in rows.itertuples()]
    )
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlabel(f"Change of the mean of {found.figure} ({found.unit})")
    style.legend(axes, 2)
    widest = found.effects.iloc[0]
    return style.finish(figure, f"{found.figure}: {widest['key']} moves it most", _foot(found))


@chart(Sweep, "sobol", when=lambda found: found.design == "sobol" and "total" in found.effects)
def sobol(found: Sweep) -> Figure:
    """Draw first-order and total indices of every key, with 95 % bootstrap intervals."""
    figure, (axes,) = style.new_figure()
    rows = found.effects.sort_values("total").reset_index(drop=True)
    for place, (name, colour, hatch) in enumerate((("first", style.SIMULATED, None), ("total", style.SECTOR, "//"))):
        value, y = rows[name], rows.index + 0.19 - 0.38 * place
        bars = np.clip([value - rows[f"{name}_low"], rows[f"{name}_high"] - value], 0, None)
        label = "First order: alone" if name == "first" else "Total: alone and together with others"
        axes.barh(y, value, 0.36, color=colour, hatch=hatch, edgecolor="white", label=label)
        axes.errorbar(value, y, xerr=np.nan_to_num(bars), fmt="none", ecolor=style.HISTORY, capsize=3, lw=1.2)
    axes.set_yticks(rows.index, rows["key"])
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlabel(f"Share of the variance of the mean of {found.figure}")
    style.legend(axes, 2)
    top = rows.iloc[-1]
    return style.finish(
        figure, f"{found.figure}: largest total index {top['total']:.2f}, of {top['key']}", _foot(found)
    )


def _foot(found: Sweep) -> list[str]:
    made = found.manifest
    return [
        f"Simulated: scenario {made['scenario']} ({made['digest'][:8]}), {len(found.points):,} points of design "
        f"{found.design}, {found.paths_told} paths a point, the same at all, seed {made['seed']}, "
        f"crowdquake {made['versions']['crowdquake']}.",
        *([f"{found.failed:,} points out of the range in which the market means anything."] if found.failed else []),
    ]
