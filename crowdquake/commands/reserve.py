"""`hedge-reserve`: size the cash behind a hedge in advance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, Out, Paths, Seed, answer, command


@command("hedge-reserve")
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
    """Size a hedge's reserve in advance, at 95, 99 and 99.9 %: by reflection, by simulation, with a fitted tail."""
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
