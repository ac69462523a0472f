"""`reserve`: is the cash behind a hedge enough; and `hedge-reserve`, which was its name for one path model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    answer,
    command,
    working,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Reserves

_SOURCES = (
    "Scenarios (a name or TOML file), path models (gbm:volatility=0.25, student_t:degrees=4, bootstrap:block=20 with "
    "--index), your own series (index.csv, or series:index=index.csv,fund=fund.csv,start=2007-06-29,end=2008-03-19); "
    "those with a weight, as calm@0.9, are mixed besides."
)


@dataclass(frozen=True)
class IndexOptions:
    """How --index and series of one's own are read."""

    index: Annotated[
        Path | None,
        typer.Option(help="The index up to today: path models look back on it, the bootstrap draws from it."),
    ] = None
    accept_jumps: Annotated[
        bool, typer.Option(help="Take moves that look like a wrong mark, a change of unit or a split as they are.")
    ] = False
    column: Annotated[str | None, typer.Option(help="Column of prices.")] = None
    date_format: Annotated[str | None, typer.Option(help="Dates: DD/MM/YYYY, MM/DD/YYYY or %d.%m.%Y.")] = None
    tz: Annotated[str | None, typer.Option(help="Zone into which stamps are turned: Asia/Shanghai.")] = None
    decimal: Annotated[str | None, typer.Option(help="Decimal mark, . or , (or point, comma).")] = None


USUAL_INDEX = IndexOptions()


@command(
    "reserve",
    examples=(
        "crowdquake reserve china-2024 --book example --reserve 0.15 --out outputs/reserve",
        "crowdquake reserve china-2024@0.1 calm@0.9 gbm:volatility=0.25 --policy full --policy partial",
    ),
)
def reserve(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help=_SOURCES)],
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Hedge policy, as full or partial:confidence=0.95; may be given more than once."),
    ] = None,
    reserve: Annotated[
        float | None,
        typer.Option(help="Cash held, a ratio to the book; default: the first scenario's desk's, else 0.15."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(help="Initial margin, a ratio; default: the first scenario's desk's, or the contract's."),
    ] = None,
    contract: Annotated[str | None, typer.Option(help="What is shorted: a name or a TOML file.")] = None,
    book: Book = None,
    value: Annotated[
        float | None, typer.Option(help="What the book is worth; default: as its file says, or the scenario's desk's.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="Trading days on path models; default: as in the scenarios, else 250.")
    ] = None,
    crowding: Annotated[
        str | None, typer.Option(help="Crowding to try scenarios at besides their own; default: 0,0.5,1; none: none.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="Stock book's return over the index in path models, a year.")] = 0.0,
    tracking_error: Annotated[float, typer.Option(help="Its volatility against the index, a ratio a year.")] = 0.0,
    paths: Annotated[
        int | None, typer.Option(help="Histories of every source; default: 400 of a scenario, 10,000 of a path model.")
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            help="How surely the reserve must be enough, as 0.999; default: 0.95, 0.99 and, with paths enough, 0.999."
        ),
    ] = None,
    sampling: Annotated[
        str, typer.Option(help="Of scenarios at --level: steered to where so much is needed, or plain.")
    ] = "steered",
    tail_paths: Annotated[
        int | None, typer.Option(help="Steered paths of every scenario, beside the plain ones; default: 1,000.")
    ] = None,
    seed: Seed = 1,
    assignments: Assignments = None,
    series: IndexOptions = USUAL_INDEX,
    out: Out = None,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    as_json: Json = False,
) -> None:
    """Say whether a reserve is enough, in scenarios, path models and series side by side, and what is sold if not."""
    from hedging.models.paths import StockBook
    from hedging.series.reading import Reading
    from scenarios import parse_overrides
    from scenarios.reserves.asked import agreed_tail
    from scenarios.reserving import Asking
    from scenarios.words import parse_numbers

    dials = None if crowding is None else () if crowding == "none" else parse_numbers("--crowding", crowding)
    asking = Asking.of(
        sources,
        policies=policy or (),
        reserve=reserve,
        margin=margin,
        contract_name=contract,
        days=days,
        paths=paths,
        seed=seed,
        crowding=dials,
        index=series.index,
        book=book,
        value=value,
        level=level,
        tail_paths=agreed_tail(level, sampling, tail_paths, paths),
        stock=StockBook(alpha=alpha, tracking_error=tracking_error),
        accept_jumps=series.accept_jumps,
        reading=Reading(series.column, series.date_format, series.tz, series.decimal),
        overrides=parse_overrides(assignments or []),
        workers=workers,
    )

    def work(progress: Callable[[float], None]) -> Reserves:
        with working(executor, workers) as pool:
            return asking.answer(workers=workers, executor=pool, progress=progress)

    answer(
        work,
        out=out,
        as_json=as_json,
        saying=f"Hedging in {', '.join(item.source.label for item in asking.sources)}",
        markets=asking.markets(),
    )


@command("hedge-reserve", examples=("crowdquake hedge-reserve --policy full --model gbm:volatility=0.25",))
def hedge_reserve(
    policy: Annotated[str, typer.Option(help="Hedge policy, as full or partial:confidence=0.95.")] = "full",
    model: Annotated[
        str, typer.Option(help="Of the index: gbm:volatility=0.45, student_t:degrees=4 or bootstrap:block=20.")
    ] = "gbm:volatility=0.25",
    days: Annotated[int, typer.Option(help="Trading days that the hedge lasts.")] = 250,
    paths: Paths = 10_000,
    seed: Seed = 1,
    index: Annotated[
        Path | None, typer.Option(help="CSV or Parquet of the index up to today: what policies and bootstrap look at.")
    ] = None,
    accept_jumps: Annotated[
        bool, typer.Option(help="Take moves of --index that look like a wrong mark or a split as they are.")
    ] = False,
    alpha: Annotated[float, typer.Option(help="Stock book's return over the index, a ratio a year.")] = 0.0,
    tracking_error: Annotated[float, typer.Option(help="Its volatility against the index, a ratio a year.")] = 0.0,
    antithetic: Annotated[bool, typer.Option(help="Draw paths in mirrored pairs.")] = False,
    reserve: Annotated[float | None, typer.Option(help="A reserve whose chance of a call you want to know.")] = None,
    contract: Annotated[str, typer.Option(help="What is shorted: a name or a TOML file.")] = "IF-2008-report",
    column: Annotated[str | None, typer.Option(help="Column of prices in --index.")] = None,
    date_format: Annotated[str | None, typer.Option(help="Its dates: DD/MM/YYYY, MM/DD/YYYY or %d.%m.%Y.")] = None,
    tz: Annotated[str | None, typer.Option(help="Its zone, into which stamps are turned: Asia/Shanghai.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Its decimal mark, . or , (or point, comma).")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The old name of `reserve`, for one path model: by reflection, by simulation, with a fitted tail."""
    from hedging import hedge_reserve as size

    answer(
        lambda progress: size(
            policy,
            model=model,
            days=days,
            paths=paths,
            seed=seed,
            index=index,
            accept_jumps=accept_jumps,
            alpha=alpha,
            tracking_error=tracking_error,
            antithetic=antithetic,
            reserve=reserve,
            contract_name=contract,
            column=column,
            date_format=date_format,
            tz=tz,
            decimal=decimal,
            progress=progress,
        ),
        out=out,
        as_json=as_json,
        saying=f"Simulating {policy}",
    )
    typer.echo("note: hedge-reserve is now called reserve: crowdquake reserve gbm:volatility=0.25 --days 250", err=True)
