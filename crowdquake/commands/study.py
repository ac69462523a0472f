"""`study`: any study that goes by name, one of the user's own too."""

from __future__ import annotations

from typing import Annotated

import typer

from crowdquake.commands.base import Assignments, Json, Out, Paths, ScenarioName, Seed, Workers, answer, command


@command("study")
def study(
    name: Annotated[str, typer.Argument(metavar="STUDY", help="A study, as name or name:parameter=value,...")],
    scenario: ScenarioName,
    paths: Paths = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Put a study to a scenario: one that a file of your own registers, or one of ours with its usual parameters."""
    from scenarios import conduct, load_scenario, parse_overrides
    from scenarios.ensemble import check_arguments
    from scenarios.studies import parse_study

    asked = parse_study(name)
    overrides = parse_overrides(assignments or [])
    checked = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    asked.check(checked)
    answer(
        lambda progress: conduct(
            asked, checked, paths=paths, seed=seed, overrides=overrides, workers=workers, progress=progress
        ),
        out=out,
        as_json=as_json,
        saying=f"Studying {checked.name}",
        markets=[case.settings for case in asked.cases(checked, paths, seed).values()],
    )
