"""Where text goes: tables to stdout, progress and remarks to stderr; how a result of any type is told."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import singledispatch
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from abm import Settings, is_warm, warm_up
from cqkit.results import Result

# No markup: names, titles and files are the user's, and may hold brackets.
_stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)
_stdout = Console(highlight=False, markup=False, emoji=False)
if not _stdout.is_terminal:  # a file or a pipe has no width of its own
    _stdout = Console(highlight=False, markup=False, emoji=False, width=130)

SHORT = 5.0  # seconds of work of which nothing is said where nobody watches
WIDE = 125
NARROW = 66
MOST_ROWS = 20  # of a table of a result that nobody has taught how to tell


def stdout() -> Console:
    """The console that tables go to."""
    return _stdout


@singledispatch
def tell(found: Any, out: Path | None = None) -> None:
    """Tell people a result; one of a type that nobody has taught is told as its tables.

    A type is taught with `@tell.register(Type)` on a function of the result and the folder that it was written to.
    """
    if isinstance(found, Result):
        for name, frame in found.tables().items():
            stdout().print(_shown(name, frame))
    if out is not None:
        stdout().print(f"Results: {out}")


def tell_notes(found: Result) -> None:
    """Tell what is to be known of a simulated market besides its figures, a line each."""
    for note in found.manifest.get("notes", []):
        stdout().print(f"note: {note}")


def _shown(name: str, frame: pd.DataFrame) -> Table:
    left = len(frame) - MOST_ROWS
    more = f"{left:,} more rows" if left > 0 else None
    table = Table(title=name, caption=more, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column, kind in frame.dtypes.items():
        table.add_column(str(column), justify="right" if pd.api.types.is_numeric_dtype(kind) else "left")
    for row in frame.head(MOST_ROWS).itertuples(index=False):
        table.add_row(*(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row))
    return table


def compile_kernels(markets: Iterable[Settings]) -> None:
    """Compile what these markets need ahead of their runs, if need be, and say so."""
    cold = [settings for settings in markets if not is_warm(settings)]
    if cold:
        _stderr.print("Compiling the market's kernels; this takes about half a minute and is done once ...")
    for settings in cold:
        if not is_warm(settings):
            warm_up(settings)


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on stderr that says `what`, none if that is empty; yields a function that is told the share done.

    Where stderr is no terminal, work that takes longer than a few seconds says a line a tenth.
    """
    if what and not _stderr.is_terminal:
        yield _Tenths(what).tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_stderr, transient=True, disable=not what) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


class _Tenths:
    """Tells a line a tenth of long work, for logs."""

    def __init__(self, what: str) -> None:
        self.what, self.told, self.started = what, 0, time.monotonic()

    def tell(self, share: float) -> None:
        """Say how far it is, if another tenth is done and it has taken a while."""
        tenth, seconds = int(10 * share + 1e-9), time.monotonic() - self.started
        if tenth > self.told and seconds > SHORT:
            self.told = tenth
            _stderr.print(f"{self.what}: {10 * tenth} % after {seconds:.0f} s")


def drawing(draw: Callable[[], Any]) -> None:
    """Draw charts, saying so where somebody is watching."""
    if _stderr.is_terminal:
        with _stderr.status("Drawing charts"):
            draw()
    else:
        draw()


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *rows))


def points(value: float) -> str:
    """Percent in a column whose head names the unit."""
    return f"{100 * value:.1f}" if math.isfinite(value) else "unbounded" if value > 0 else ""


def span(low: float, high: float) -> str:
    """An interval in percent; nothing where there is none."""
    return "" if math.isnan(low) else f"{points(low)}..{points(high)}"
