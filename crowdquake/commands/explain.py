"""`explain`: where a hedge loss came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, app, print_json


@app.command()
def explain(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or a TOML file.")],
    paths: Annotated[int, typer.Option(help="Histories simulated of every set of mechanisms.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = 1,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a key, as in clock.window=4.")
    ] = None,
    orders: Annotated[
        int | None,
        typer.Option(help="Draw so many orders of joining; default: average over all, or 64 if they are too many."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables and a chart.")] = None,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Take the desk's hedge loss apart: what news, the liquidator, forced sales and others added; the parts add up."""
    from cqkit.folders import check_target
    from crowdquake import console
    from scenarios import explain as take_apart
    from scenarios import load_scenario, parse_overrides
    from scenarios.explain import check_explainable
    from scenarios.run import check_arguments

    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    check_explainable(checked, orders)
    if out is not None:
        check_target(out)
    console.compile_kernels(checked.impact.law)
    with console.progress(f"Explaining {checked.name}") as progress:
        found = take_apart(
            checked, paths=paths, seed=seed, overrides=overrides, orders=orders, workers=workers, progress=progress
        )
    if out is not None:
        from crowdquake.accounts import save_explanation

        console.drawing(lambda: save_explanation(found, out))
    if as_json:
        print_json(found.as_json())
    else:
        console.print_explanation(found, out)
