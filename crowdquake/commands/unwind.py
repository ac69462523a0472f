"""`unwind`: long pain or short pain."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, app, print_json


@app.command()
def unwind(
    names: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios' names, or TOML files.")],
    days: Annotated[str, typer.Option(help="Trading days that the sale takes, one run each.")] = (
        "1,2,5,10,20,60,125,250,500"
    ),
    paths: Annotated[int, typer.Option(help="Histories simulated.")] = 50,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    injection: Annotated[
        float | None,
        typer.Option(help="The rescue's new money, in days of the market's value; default: the scenario's."),
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the rescue; default: the scenario's.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the table and a chart.")] = None,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Sell one book over a day or two years, with and without a rescue: what it costs the seller, crowd and desk."""
    from cqkit.folders import check_target
    from crowdquake import console
    from crowdquake.unwinds import parse_days, print_unwind, save_unwind
    from scenarios import load_scenario
    from scenarios.unwinding import unwind as study

    speeds = parse_days(days)
    scenarios = [load_scenario(name) for name in names]
    if out is not None:
        check_target(out)
    studies = []
    for scenario in scenarios:
        console.compile_kernels(scenario.impact.law)
        with console.progress(f"Selling in {scenario.name}") as progress:
            studies.append(
                study(
                    scenario,
                    days=speeds,
                    paths=paths,
                    seed=seed,
                    injection=injection,
                    on=None if on is None else on.date(),
                    workers=workers,
                    progress=progress,
                )
            )
    if out is not None:
        save_unwind(studies, out)
    if as_json:
        print_json({"studies": [item.as_json() for item in studies]})
    else:
        print_unwind(studies, out)
