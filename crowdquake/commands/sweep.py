"""`sweep`: key figures at many points of a scenario."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crowdquake.commands.base import (
    Assignments,
    Book,
    ExecutorName,
    Json,
    Out,
    ScenarioName,
    Seed,
    Workers,
    answer,
    command,
    overrides_of,
    working,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Sweep


@command("sweep", examples=("crowdquake sweep quake-2007 --vary funds.crowding=0,0.5,1 --out outputs/sweep",))
def sweep(
    scenario: ScenarioName,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY[=VALUES]",
            help="A key over its tested domain, KEY=VALUE,VALUE, KEY=LOW:HIGH or KEY=LOW:HIGH:STEPS.",
        ),
    ],
    design: Annotated[
        str, typer.Option(help="Where the points lie: grid, latin-hypercube, sobol or one-at-a-time.")
    ] = "grid",
    points: Annotated[int, typer.Option(help="Points drawn; for sobol the base sample, a power of 2.")] = 64,
    figure: Annotated[str, typer.Option(help="Key figure that is asked for.")] = "forced_share",
    error: Annotated[
        float | None, typer.Option(help="Add paths to a point until the figure's standard error is at most this.")
    ] = None,
    baseline: Annotated[bool, typer.Option(help="Run every point without the liquidator too.")] = True,
    paths: Annotated[int, typer.Option(help="Histories a point; with --error, at most.")] = 100,
    seed: Seed = 1,
    assignments: Assignments = None,
    book: Book = None,
    executor: ExecutorName = "threads",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what an earlier sweep left in --out.")] = False,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario at many values of some keys: a grid, random samples, or what Sobol indices need."""
    from cqkit.errors import InputError
    from cqkit.folders import check_target
    from scenarios import TaskFolder, load_scenario
    from scenarios.ensemble import check_arguments
    from scenarios.studies import cases_of, conduct
    from scenarios.studies.sweep import SweepStudy
    from scenarios.sweeping import parse_turned, plan_of

    overrides = overrides_of(assignments, book)
    study = SweepStudy(parse_turned(vary), design, points, figure, error, baseline)
    loaded = load_scenario(scenario, overrides)
    check_arguments(paths, seed, workers)
    markets = [case.settings for case in cases_of(study, loaded, paths, seed).values()]
    if resume and out is None:
        raise InputError("--resume: must come with --out, the folder of the sweep")
    folder = None if out is None else TaskFolder.beside(check_target(out))
    opened = (
        nullcontext()
        if folder is None or out is None
        else folder.opened(plan_of(loaded, study, seed, overrides), out, resume=resume)
    )
    gone_on = "" if out is None else f": {out} keeps what is finished, --resume goes on with it"
    with opened, working(executor, workers, gone_on) as pool:

        def work(progress: Callable[[float], None]) -> Sweep:
            found: Any = conduct(
                study,
                loaded,
                paths=paths,
                seed=seed,
                overrides=overrides,
                workers=workers,
                executor=pool,
                progress=progress,
                kept=folder,
            )
            return replace(found, tasks=folder)

        answer(work, out=out, as_json=as_json, saying=f"Sweeping {loaded.name}", markets=markets[:1])
        if folder is not None:
            folder.remove()
