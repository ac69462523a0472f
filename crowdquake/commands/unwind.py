"""`unwind`: long pain or short pain."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from crowdquake.commands.base import (
    Assignments,
    Book,
    ExecutorName,
    Json,
    Out,
    Paths,
    Seed,
    Workers,
    ask,
    command,
    day_option,
)


@command("unwind", examples=("crowdquake unwind ltcm-1998 quake-2007 --paths 60 --out outputs/unwind",))
def unwind(
    names: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios' names, or TOML files.")],
    days: Annotated[str, typer.Option(help="Trading days that the sale takes, one run each.")] = (
        "1,2,5,10,20,60,125,250,500"
    ),
    paths: Paths = 50,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    injection: Annotated[
        float | None,
        typer.Option(help="The rescue's new money, in days of the market's value; default: the scenario's."),
    ] = None,
    on: Annotated[date | None, day_option("Day of the rescue; default: the scenario's.")] = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Sell one book over a day or two years, with and without a rescue: what it costs the seller, crowd and desk."""
    from scenarios import Unwindings
    from scenarios.studies.unwind import UnwindStudy
    from scenarios.words import parse_numbers

    speeds = tuple(parse_numbers("--days", days, "numbers of trading days", "1,5,20"))
    ask(
        UnwindStudy(speeds, injection, on),
        names,
        paths=paths,
        seed=seed,
        assignments=assignments,
        book=book,
        out=out,
        workers=workers,
        executor=executor,
        as_json=as_json,
        doing="Selling in",
        join=lambda found: Unwindings(tuple(found)),
    )
