"""`explain`: where a hedge loss came from."""

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


@command("explain", examples=("crowdquake explain china-2024 --paths 100 --out outputs/explain",))
def explain(
    scenario: ScenarioName,
    paths: Paths = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    orders: Annotated[
        int | None,
        typer.Option(help="Draw so many orders of joining; default: average over all, or 64 if they are too many."),
    ] = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Take the desk's hedge loss apart: what news, the liquidator, forced sales and others added; the parts add up."""
    from scenarios.studies.explain import ExplainStudy

    ask(
        ExplainStudy(orders),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        doing="Explaining",
    )
