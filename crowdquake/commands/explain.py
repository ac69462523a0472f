"""`explain`: where a hedge loss came from."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, Json, Out, Paths, ScenarioName, Seed, Workers, answer, command


@command("explain")
def explain(
    scenario: ScenarioName,
    paths: Paths = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    orders: Annotated[
        int | None,
        typer.Option(help="Draw so many orders of joining; default: average over all, or 64 if they are too many."),
    ] = None,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Take the desk's hedge loss apart: what news, the liquidator, forced sales and others added; the parts add up."""
    from scenarios import explain as take_apart
    from scenarios import load_scenario, parse_overrides
    from scenarios.ensemble import check_arguments
    from scenarios.studies.explain import check_explainable

    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    check_explainable(checked, orders)
    answer(
        lambda progress: take_apart(
            checked, paths=paths, seed=seed, overrides=overrides, orders=orders, workers=workers, progress=progress
        ),
        out=out,
        as_json=as_json,
        saying=f"Explaining {checked.name}",
        markets=[checked.settings],
    )
