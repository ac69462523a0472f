"""Where text goes: tables to stdout, progress and remarks to stderr."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from abm import is_warm, warm_up

# No markup: names, titles and files are the user's, and may hold brackets.
_stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)
_stdout = Console(highlight=False, markup=False, emoji=False)
if not _stdout.is_terminal:  # a file or a pipe has no width of its own
    _stdout = Console(highlight=False, markup=False, emoji=False, width=130)

WIDE = 125
NARROW = 66


def stdout() -> Console:
    """The console that tables go to."""
    return _stdout


def compile_kernels(law: str) -> None:
    """Compile ahead of a run if need be, and say so."""
    if not is_warm(law):
        _stderr.print("Compiling the market's kernels; this takes about half a minute and is done once ...")
        warm_up(law)


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on stderr; yields a function that is told the share done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def drawing(draw: Callable[[], Any]) -> None:
    """Draw charts, saying so where somebody is watching."""
    if _stderr.is_terminal:
        with _stderr.status("Drawing charts"):
            draw()
    else:
        draw()


def points(value: float) -> str:
    """Percent in a column whose head names the unit."""
    return f"{100 * value:.1f}" if math.isfinite(value) else "unbounded" if value > 0 else ""


def span(low: float, high: float) -> str:
    """An interval in percent; nothing where there is none."""
    return "" if math.isnan(low) else f"{points(low)}..{points(high)}"
