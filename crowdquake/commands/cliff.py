"""`cliff`: the whole crowd's reserve and policy against the chance of a systemic unwind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, app, print_json


@app.command()
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
    paths: Annotated[int, typer.Option(help="Histories at each point.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a key, as in futures.arbitrage=0.8.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables and a chart.")] = None,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Vary the whole crowd's reserve and policy: how likely a systemic unwind is, and what safety costs."""
    from cqkit.folders import check_target
    from crowdquake import console
    from crowdquake.accounts import save_cliff
    from scenarios import load_scenario, parse_overrides
    from scenarios.cliff import POLICIES, parse_numbers, parse_vary
    from scenarios.cliff import cliff as study

    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    reserves, varied = parse_numbers("--reserve", reserve), parse_vary(vary or [])
    if out is not None:
        check_target(out)
    console.compile_kernels(checked.impact.law)
    with console.progress(f"Simulating {checked.name}") as progress:
        found = study(
            checked,
            reserves=reserves,
            policies=policy or POLICIES,
            vary=varied,
            alpha=alpha,
            paths=paths,
            seed=seed,
            overrides=overrides,
            workers=workers,
            progress=progress,
        )
    if out is not None:
        console.drawing(lambda: save_cliff(found, out))
    if as_json:
        print_json(found.as_json())
    else:
        console.print_cliff(found, out)
