"""What `validate` tells: misses first, then every row with its figures."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from crowdquake.console.base import stdout, tell
from validation import Board
from validation.board import KINDS, TITLES
from validation.figures import VERDICTS
from validation.page import allowed, number


@tell.register(Board)
def tell_board(board: Board, out: Path | None = None) -> None:
    """Tell how many rows have which verdict, then all figures by kind, misses first."""
    stdout().print(f"{len(board.judged)} rows from {len(board.papers)} papers, seed {board.manifest['seed']}")
    counts = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("rows", *VERDICTS):
        counts.add_column(name, justify="left" if name == "rows" else "right")
    for kind in KINDS:
        counts.add_row(kind, *(str(board.counts[kind][verdict]) for verdict in VERDICTS))
    stdout().print(counts)
    for kind in KINDS:
        if board.of(kind):
            stdout().print(_figures(board, kind))
    if out is not None:
        stdout().print(f"Tables: {out}")


def _figures(board: Board, kind: str) -> Table:
    table = Table(title=TITLES[kind], title_justify="left", box=SIMPLE_HEAD, pad_edge=False)  # type: ignore[index]
    for name in ("row", "figure", "published", "ours", "allowed", "verdict"):
        table.add_column(name, justify="right" if name in {"published", "ours"} else "left")
    for item in board.of(kind):  # type: ignore[arg-type]
        name = item.row.name
        if not item.figures:
            table.add_row(name, item.why, "", "", "", _verdict(item.verdict))
        for figure in item.figures:
            published = "" if figure.published is None else number(figure.published)
            cells = (name, figure.name, published, number(figure.measured), allowed(figure))
            table.add_row(*cells, _verdict(figure.verdict))
            name = ""
    return table


def _verdict(verdict: str) -> Text:
    return Text(verdict, "bold" if verdict == "missed" else "")
