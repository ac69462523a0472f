"""`cliff`: the whole crowd's reserve and policy against the chance of a systemic unwind."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, Book, ExecutorName, Json, Out, Paths, Seed, Workers, ask, command


@command("cliff", examples=("crowdquake cliff china-2024 --vary funds.crowding=0,0.5 --out outputs/cliff",))
def cliff(
    scenario: Annotated[str, typer.Argument(help="A scenario whose crowd holds swap-financed futures funds.")],
    reserve: Annotated[
        str, typer.Option(help="Reserves of the whole crowd, ratios to the stock book.")
    ] = "0.02,0.03,0.04,0.05,0.06,0.07,0.10,0.15,0.20",
    policy: Annotated[
        list[str] | None, typer.Option(help="Hedge policy of the whole crowd; may be given more than once.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUES", help="A key and values, as funds.crowding=0,0.5; also slump.length=0.5,2."),
    ] = None,
    alpha: Annotated[float, typer.Option(help="Assumed return of the stock book in a calm year, a ratio.")] = 0.08,
    paths: Paths = 200,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Vary the whole crowd's reserve and policy: how likely a systemic unwind is, and what safety costs."""
    from scenarios.studies.cliff import POLICIES, CliffStudy
    from scenarios.words import parse_numbers, parse_vary

    reserves = tuple(parse_numbers("--reserve", reserve))
    ask(
        CliffStudy(reserves, tuple(policy or POLICIES), parse_vary(vary or []), alpha),
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
