"""`nulls`: a history held against rival explanations."""

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


@command("nulls", examples=("crowdquake nulls quake-2007",))
def nulls(
    scenario: ScenarioName,
    paths: Paths = 60,
    seed: Seed = 1,
    steps: Annotated[int, typer.Option(help="Steps in which each rival's numbers are refitted, at most.")] = 8,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Refit rivals of a scenario's story to its history: news only, no crowd, no forced sales, liquidator only."""
    from scenarios.studies.nulls import NullsStudy

    ask(
        NullsStudy(steps=steps),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        doing="Refitting rivals of",
    )
