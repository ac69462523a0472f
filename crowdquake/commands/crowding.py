"""`crowding`: how crowded books are, the user's own or a simulated market's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, ExecutorName, Json, Out, Seed, Workers, answer, ask, command


@command(
    "crowding",
    examples=(
        "crowdquake crowding quake-2007 --out outputs/crowding",
        "crowdquake crowding books.csv --leverage 5 --desk my-book.csv",
    ),
)
def crowding(
    books: Annotated[
        list[str],
        typer.Argument(
            metavar="BOOKS...",
            help="Files of holdings: one a fund, a column of funds, or a matrix with a row of tickers; or a scenario.",
        ),
    ],
    leverage: Annotated[
        float | None, typer.Option(help="Gross book over equity of all funds of which --equity says nothing.")
    ] = None,
    equity: Annotated[
        Path | None, typer.Option(help="File with a row a fund: fund, and equity or leverage (gross book over it).")
    ] = None,
    desk: Annotated[Path | None, typer.Option(help="File of an own book that is set beside the crowd.")] = None,
    history: Annotated[
        Path | None, typer.Option(help="File of prices or returns: volatilities that books lack, and comomentum.")
    ] = None,
    value: Annotated[float | None, typer.Option(help="What a book of weights is worth.")] = None,
    shock: Annotated[
        str, typer.Option(help="What moves first: crowd (every stock against what the funds hold net), or market.")
    ] = "crowd",
    move: Annotated[float, typer.Option(help="By how much, a ratio: 0.01 is 1 %.")] = 0.01,
    flow: Annotated[
        float, typer.Option(help="Days of volume at which the square-root law of impact is made linear.")
    ] = 0.1,
    participation: Annotated[float, typer.Option(help="Share of a day's volume that a seller is.")] = 0.2,
    paths: Annotated[int, typer.Option(help="Histories of a scenario.")] = 10,
    seed: Seed = 1,
    assignments: Assignments = None,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Measure how crowded books are, and who endangers whom: overlaps, days to liquidate, fire sales, loop gain."""
    from cqkit.errors import InputError
    from scenarios.crowds import Terms, measure_files
    from scenarios.studies.crowding import CrowdingStudy, refuse_beside_scenario, simulated

    name = simulated(books)
    if name is not None:
        refuse_beside_scenario(leverage=leverage, equity=equity, desk=desk, history=history, value=value)
        study = CrowdingStudy(shock=shock, move=move, flow=flow, participation=participation)
        ask(
            study,
            [str(name)],
            paths=paths,
            seed=seed,
            assignments=assignments,
            out=out,
            workers=workers,
            executor=executor,
            as_json=as_json,
        )
        return
    if assignments:
        raise InputError("--set: is for scenarios: files of holdings have no keys")
    terms = Terms(shock, move, flow, participation)  # type: ignore[arg-type]
    answer(
        lambda _: measure_files(
            books, terms, leverage=leverage, equity=equity, desk=desk, history=history, value=value
        ),
        out=out,
        as_json=as_json,
    )
