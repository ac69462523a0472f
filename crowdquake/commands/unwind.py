"""`unwind`: long pain or short pain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crowdquake.commands.base import Assignments, Json, Out, Paths, Seed, Workers, answer, command

if TYPE_CHECKING:
    from scenarios import Scenario, Unwinding, Unwindings


@command("unwind")
def unwind(
    names: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios' names, or TOML files.")],
    days: Annotated[str, typer.Option(help="Trading days that the sale takes, one run each.")] = (
        "1,2,5,10,20,60,125,250,500"
    ),
    paths: Paths = 50,
    seed: Seed = 1,
    assignments: Assignments = None,
    injection: Annotated[
        float | None,
        typer.Option(help="The rescue's new money, in days of the market's value; default: the scenario's."),
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the rescue; default: the scenario's.")
    ] = None,
    out: Out = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Sell one book over a day or two years, with and without a rescue: what it costs the seller, crowd and desk."""
    from scenarios import Unwindings, load_scenario, parse_overrides
    from scenarios import unwind as study
    from scenarios.words import parse_numbers

    speeds = parse_numbers("--days", days, "numbers of trading days", "1,5,20")
    overrides = parse_overrides(assignments or [])
    scenarios = [load_scenario(name, overrides) for name in names]

    def work(progress: Callable[[float], None]) -> Unwindings:
        def sell(number: int, scenario: Scenario) -> Unwinding:
            return study(
                scenario,
                days=speeds,
                paths=paths,
                seed=seed,
                injection=injection,
                on=None if on is None else on.date(),
                overrides=overrides,
                workers=workers,
                progress=lambda share: progress((number + share) / len(scenarios)),
            )

        return Unwindings(tuple(sell(number, scenario) for number, scenario in enumerate(scenarios)))

    answer(
        work,
        out=out,
        as_json=as_json,
        saying=f"Selling in {', '.join(scenario.name for scenario in scenarios)}",
        markets=[scenario.settings for scenario in scenarios],
    )
