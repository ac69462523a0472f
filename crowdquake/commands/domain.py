"""`domain`: whether a scenario's laws hold in all of its box."""

from __future__ import annotations

import typer

from crowdquake.commands.base import Assignments, Book, Json, Out, Paths, ScenarioName, Seed, Workers, ask, command

UNSOUND = 1


@command("domain", examples=("crowdquake domain quake-2007 --out outputs/domain",))
def domain(
    scenario: ScenarioName,
    paths: Paths = 16,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Try a scenario's laws in all of its box, its [domain]: exit code 0 if they hold everywhere, 1 if not."""
    from scenarios.studies.domain import DomainStudy

    found = ask(
        DomainStudy(),
        [scenario],
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        as_json=as_json,
        doing="Trying",
    )
    if not found.sound:
        raise typer.Exit(UNSOUND)
