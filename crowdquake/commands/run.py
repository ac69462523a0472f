"""`run`: simulate a scenario and its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, app, print_json


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or a TOML file.")],
    paths: Annotated[int, typer.Option(help="Histories simulated.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = 1,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a key, as in funds.crowding=0.5.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results and charts.")] = None,
    counterfactuals: Annotated[
        bool, typer.Option(help="Run the scenario's counterfactuals and sensitivities too.")
    ] = True,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario and its twin without the liquidator, and hold it against its targets."""
    from cqkit.folders import check_target
    from crowdquake import console
    from scenarios import load_scenario, parse_overrides, save
    from scenarios import run as simulate
    from scenarios.run import check_arguments

    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    if out is not None:
        check_target(out)
    console.compile_kernels(checked.impact.law)
    with console.progress(f"Simulating {checked.name}") as progress:
        result = simulate(
            checked,
            paths=paths,
            seed=seed,
            overrides=overrides,
            counterfactuals=counterfactuals,
            workers=workers,
            progress=progress,
        )
    if out is not None:
        from crowdquake.charts import save_all

        save(result, out, extras=lambda folder: console.drawing(lambda: save_all(result, folder)))
    if as_json:
        print_json(console.run_json(result))
    else:
        console.print_run(result, out)
