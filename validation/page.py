"""The board as a page of the docs (docs/validation.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from validation.board import KINDS, TITLES, Board, Judged
from validation.figures import VERDICTS, Figure
from validation.row import CERTAINTIES

HEAD = """\
# Published results, held against ours

Made by `crowdquake validate --page docs/validation.md`; do not edit it by hand. Every verdict is computed:

- **missed**: ours lies outside what is allowed;
- **within range**: inside, but the published number can be told from ours, or our interval reaches beyond a published
  sign or bound;
- **reproduced**: the published number lies in our 95 % interval, or within its own rounding of ours;
- **cannot be expressed**: the product lacks what the result is about;
- **not run**: data that are not part of the project, or a run that is left out of a fast board.

A row's verdict is that on its worst figure. Rows that the laws were fitted to prove least, and stand apart. A
scenario's own design targets are no evidence and are in no row. How surely a published number is known is said with it:
"""


def page(board: Board) -> str:
    """The whole page."""
    known = "\n".join(f"- *{certainty}*: {told};" for certainty, told in CERTAINTIES.items())
    made = board.manifest
    size = "a fast board" if made["fast"] else "the whole board"
    run = f"{made['paths']} paths a scenario, seed {made['seed']}, {size}"
    parts = [HEAD + known.removesuffix(";") + ".", f"{len(board.judged)} rows from {len(board.papers)} papers; {run}."]
    parts += [_counts(board), *_from_memory(board), _misses(board)]
    for kind in KINDS:
        parts.append(f"## {TITLES[kind]}")
        parts += [_row(item) for item in board.of(kind)]
    return "\n\n".join(parts) + "\n"


def _counts(board: Board) -> str:
    rows = [[kind, *(str(board.counts[kind][verdict]) for verdict in VERDICTS)] for kind in KINDS]
    return _table(["rows", *VERDICTS], rows)


def _from_memory(board: Board) -> list[str]:
    names = [f"`{item.row.name}`" for item in board.judged if item.row.certainty == "memory"]
    told = "From memory, so that their verdicts assert nothing until a source was read: "
    return [f"{told}{', '.join(names)}."] if names else []


def _misses(board: Board) -> str:
    missed = [item for kind in KINDS for item in board.of(kind) if item.verdict == "missed"]
    if not missed:
        return "## Misses\n\nNone."
    lines = []
    for item in missed:
        wrong = [figure for figure in item.figures if figure.verdict == "missed"]
        told = (
            "; ".join(f"{figure.name}: {number(figure.measured)}, allowed {allowed(figure)}" for figure in wrong)
            or item.why
        )
        lines.append(f"- **{item.row.paper}** ({item.row.kind}): {told}.")
    return "## Misses\n\n" + "\n".join(lines)


def _row(item: Judged) -> str:
    row = item.row
    lines = [
        f"### {row.paper}: {item.verdict}",
        f"{row.statement} ({row.place}; *{row.certainty}*.)",
        f"Run: {row.run}. Allowed: {row.tolerance}. `validation/rows/{row.name}.py`",
    ]
    if item.why:
        lines.append(f"{item.verdict.capitalize()}: {item.why}.")
    if item.figures:
        heads = ["figure", "published", "ours", "95 % interval", "allowed", "verdict"]
        lines.append(_table(heads, (_cells(figure) for figure in item.figures)))
    if row.worked:
        label = "By hand" if row.kind == "closed form" else "Note"
        lines.append(f"{label}: {' '.join(row.worked.split())}")
    return "\n\n".join(lines)


def _cells(figure: Figure) -> list[str]:
    interval = "" if figure.interval is None else f"{number(figure.interval[0])} to {number(figure.interval[1])}"
    published = "" if figure.published is None else number(figure.published)
    return [figure.name, published, number(figure.measured), interval, allowed(figure), figure.verdict]


def allowed(figure: Figure) -> str:
    """What is allowed, in words."""
    if math.isinf(figure.low):
        return f"at most {number(figure.high)}"
    if math.isinf(figure.high):
        return f"at least {number(figure.low)}"
    return f"{number(figure.low)} to {number(figure.high)}"


def number(value: float | None) -> str:
    """A number to four digits."""
    if value is None or math.isnan(value):
        return "none"
    return f"{value + 0.0:,.0f}" if abs(value) >= 10_000 else f"{value + 0.0:.4g}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (heads, ["---"] * len(heads), *rows)
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)
