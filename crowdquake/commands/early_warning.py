"""`early-warning`: which measure of crowding warns of a forced unwind."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import (
    Assignments,
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


@command("early-warning", examples=("crowdquake early-warning quake-2007",))
def early_warning(
    scenario: ScenarioName = "quake-2007",
    markets: Annotated[int, typer.Option(help="Markets with crowding, leverage, depth and size drawn at random.")] = 60,
    paths: Paths = 6,
    seed: Seed = 1,
    assignments: Assignments = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Tell which measure of crowding, seen the day before, warns of a forced unwind in the next ten days."""
    from scenarios.studies.early_warning import EarlyWarningStudy

    ask(
        EarlyWarningStudy(markets=markets),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        doing="Watching markets of",
    )
