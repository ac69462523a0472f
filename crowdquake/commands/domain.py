"""`domain`: whether a scenario's laws hold in all of its box."""

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

UNSOUND = 1


@command(
    "domain",
    examples=("crowdquake domain quake-2007 --out outputs/domain", "crowdquake domain quake-2007 --parameters"),
)
def domain(
    scenario: ScenarioName,
    parameters: Annotated[
        bool,
        typer.Option(
            "--parameters", help="Try every number of the scenario across its plausible range instead, and pairs."
        ),
    ] = False,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY[=LOW:HIGH]", help="With --parameters: these numbers alone. May be repeated."),
    ] = None,
    paths: Paths = 16,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Try a scenario's laws in all of its box, its [domain]: exit code 0 if they hold everywhere, 1 if not."""
    from cqkit.errors import InputError
    from scenarios.studies.domain import DomainStudy
    from scenarios.studies.walk import WalkStudy
    from scenarios.sweeping import parse_turned

    if vary and not parameters:
        raise InputError("--vary: must stand beside --parameters: the box is tried along its own axes")
    study = WalkStudy(vary=parse_turned(vary or [])) if parameters else DomainStudy()
    found = ask(
        study,
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        doing="Walking through" if parameters else "Trying",
    )
    if not parameters and not found.sound:
        raise typer.Exit(UNSOUND)
