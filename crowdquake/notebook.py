"""Results in a notebook: what was found, the key table, and the first chart."""

from __future__ import annotations

import html
import io
from typing import Any

import pandas as pd

from cqkit.results import Result
from cqkit.showing import Shown
from crowdquake import charts
from crowdquake.comparing import figure_table
from scenarios import RunResult

MOST_ROWS, MOST_COLUMNS = 12, 9


def html_of(result: Any) -> str:
    """A result as HTML: its lines, a table and a picture; whatever its author wrote is escaped."""
    parts = [f"<pre>{html.escape(repr(result))}</pre>"]
    table = key_table(result)
    if table is not None:
        parts.append(table.to_html(max_rows=MOST_ROWS, index=False, border=0, na_rep="", float_format="{:.4g}".format))
    drawn = next(iter(charts.figures(result)), None)
    if drawn is not None:
        out = io.StringIO()
        drawn[1].savefig(out, format="svg", metadata={"Date": None})
        text = out.getvalue()
        parts.append(f'<div style="max-width:60em">{text[text.index("<svg") :]}</div>')
    return "\n".join(parts)


def key_table(result: Any) -> pd.DataFrame | None:
    """The table that a result is first asked for: a run's key figures, else its first table, cut where it is wide."""
    if isinstance(result, RunResult):
        return figure_table(result).reset_index()
    if isinstance(result, Result | Shown):
        frames: dict[str, pd.DataFrame] = getattr(result, "tables", dict)()
        return next((frame.iloc[:, :MOST_COLUMNS] for frame in frames.values()), None)
    return None
