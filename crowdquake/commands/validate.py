"""`validate`: the board of published results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, Json, Out, Seed, Workers, answer, command

BROKEN = 1


@command("validate", examples=("crowdquake validate",))
def validate_command(
    paper: Annotated[
        str | None, typer.Option(help="Part of a paper's or a row's name; default: all rows.", metavar="NAME")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Few paths, long runs left out: at most three minutes.")] = False,
    seed: Seed = 1,
    assignments: Assignments = None,
    page: Annotated[Path | None, typer.Option(help="Write the board to a file in Markdown.")] = None,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Hold published results against ours, misses first: exit code 0 if all closed forms hold, 1 if not."""
    from cqkit.errors import InputError
    from cqkit.folders import save_file
    from crowdquake.commands.base import overrides_of
    from scenarios.ensemble import check_arguments
    from validation import Board, validate
    from validation.board import chosen_rows
    from validation.page import page as in_markdown

    overrides = overrides_of(assignments, None)
    chosen_rows(paper)
    check_arguments(1, seed, workers)
    if page is not None and not page.parent.is_dir():
        raise InputError(f"--page {page}: no such folder: must be a file in one that is there")
    board = answer(
        lambda progress: validate(paper, fast=fast, seed=seed, overrides=overrides, workers=workers, progress=progress),
        out=out,
        as_json=as_json,
        saying="Validating",
    )
    assert isinstance(board, Board)
    if page is not None:
        save_file(page, in_markdown(board).encode("utf-8"))
    if not board.holds:
        raise typer.Exit(BROKEN)
