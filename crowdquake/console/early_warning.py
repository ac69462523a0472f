"""What `early-warning` tells: how well each measure warns, seen in time, late or in part."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.plain import counted
from crowdquake.console.base import stdout, tell
from scenarios.early_warnings import VIEWS, EarlyWarning


@tell.register(EarlyWarning)
def tell_early_warning(found: EarlyWarning, out: Path | None = None) -> None:
    """Tell the sentence, then a line a measure, the best first."""
    stdout().print(
        f"{len(found.draws)} markets under the laws of {found.scenario.name}, {counted(found.paths, 'path')} each, "
        f"seed {found.seed}: "
        f"{found.before:,} days before an unwind, {found.other:,} others"
    )
    table = Table(title="Area under the curve; 0.5 is chance", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("measure", *VIEWS, "false alarms a year"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    whole = found.table[found.table["view"] == VIEWS[0]].sort_values("area", ascending=False)
    for best in whole.to_dict("records"):
        areas = found.table[found.table["measure"] == best["measure"]].set_index("view")["area"]
        first = f"{best['area']:.2f} ({best['area_low']:.2f}..{best['area_high']:.2f})"
        alarms = f"{best['false_alarms']:.0f} ({best['false_alarms_low']:.0f}..{best['false_alarms_high']:.0f})"
        table.add_row(best["measure"], first, *(f"{areas[view]:.2f}" for view in VIEWS[1:]), alarms)
    stdout().print(table)
    stdout().print(found.sentence)
    if out is not None:
        stdout().print(f"Tables and chart: {out}")
