"""`breakpoint`: how much it takes until the desk is called."""

from __future__ import annotations

from typing import Annotated, Literal

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
    "breakpoint",
    examples=(
        "crowdquake breakpoint quake-2007 --vary desk.reserve",
        "crowdquake breakpoint quake-2007 --vary liquidator.size --vary funds.crowding --loss 0.1",
    ),
)
def breakpoint(  # noqa: A001
    scenario: ScenarioName,
    vary: Annotated[
        list[str],
        typer.Option(metavar="KEY", help="A key, as funds.leverage, or shock; a second one gives a frontier."),
    ],
    limits: Annotated[
        list[str] | None,
        typer.Option(
            "--range", metavar="LOW,HIGH", help="Of a key, in the order of the keys; default: the tested box."
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Chance that is looked for.")] = 0.5,
    loss: Annotated[
        float | None, typer.Option(help="A loss beyond this ratio to book or equity, in place of a call.")
    ] = None,
    of: Annotated[Literal["desk", "crowd"], typer.Option(help="Whose loss.")] = "desk",
    points: Annotated[int, typer.Option(help="Values of the second key.")] = 5,
    policy: Annotated[str | None, typer.Option(help="The desk's hedge policy; default: the scenario's.")] = None,
    book: Book = None,
    paths: Paths = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Find how much crowding, leverage or selling, or how little reserve, it takes until the desk is called."""
    from scenarios.studies.breakpoint import BreakpointStudy
    from scenarios.words import parse_range

    ranges = tuple(parse_range(text) for text in limits or [])
    ask(
        BreakpointStudy(tuple(vary), ranges, level, loss, of, points),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=[*(assignments or []), *([f"desk.policy={policy}"] if policy else [])],
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        book=book,
        doing="Searching in",
    )
