"""`run`: simulate a scenario and its twin."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, Json, Out, Paths, ScenarioName, Seed, Workers, answer, command


@command("run")
def run(
    scenario: ScenarioName,
    paths: Paths = 300,
    seed: Seed = 1,
    assignments: Assignments = None,
    out: Out = None,
    counterfactuals: Annotated[
        bool, typer.Option(help="Run the scenario's counterfactuals and sensitivities too.")
    ] = True,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario and its twin without the liquidator, and hold it against its targets."""
    from scenarios import load_scenario, parse_overrides
    from scenarios import run as simulate
    from scenarios.ensemble import check_arguments
    from scenarios.loading import apply

    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    variants = (*checked.counterfactual, *checked.sensitivity) if counterfactuals else ()
    answer(
        lambda progress: simulate(
            checked,
            paths=paths,
            seed=seed,
            overrides=overrides,
            counterfactuals=counterfactuals,
            workers=workers,
            progress=progress,
        ),
        out=out,
        as_json=as_json,
        saying=f"Simulating {checked.name}",
        markets=[checked.settings, *(apply(checked, variant).settings for variant in variants)],
    )
