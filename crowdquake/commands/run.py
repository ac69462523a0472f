"""`run`: simulate a scenario and its twin."""

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


@command(
    "run",
    examples=(
        "crowdquake run quake-2007 --out outputs/quake-2007",
        "crowdquake run china-2024 --paths 200 --book my-book.csv --set desk.reserve=0.2",
    ),
)
def run(
    scenario: ScenarioName,
    paths: Paths = 300,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    counterfactuals: Annotated[
        bool, typer.Option(help="Run the scenario's counterfactuals and sensitivities too.")
    ] = True,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Simulate a scenario and its twin without the liquidator, and hold it against its targets."""
    from scenarios.studies.run import RunStudy

    ask(
        RunStudy(counterfactuals),
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
