"""`study`: any study that goes by name, one of the user's own too."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import (
    Assignments,
    Book,
    ExecutorName,
    Json,
    Out,
    Paths,
    ScenarioName,
    Seed,
    Workers,
    ask,
    command,
)


@command("study", examples=("crowdquake study quiet_days quake-2007 --plugin my-study.py",))
def study(
    name: Annotated[str, typer.Argument(metavar="STUDY", help="A study, as name or name:parameter=value,...")],
    scenario: ScenarioName,
    paths: Paths = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Put a study to a scenario: one that a file of your own registers, or one of ours with its usual parameters."""
    from scenarios.studies import parse_study

    ask(
        parse_study(name),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
    )
