"""Summer 2025: what systematic long-short funds lost while the index rose."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios import scenario_names
from validation.figures import Figure
from validation.row import CannotBeExpressedError, NotRunError, row
from validation.trial import Trial

SCENARIO = "summer-2025"


@row(
    paper="Goldman Sachs prime brokerage, as quoted by the press, July 2025",
    place="press reports of 22 and 31 July 2025",
    states="Systematic long-short funds lost 4.2 % from early June to 22 July while the index rose by 8 %; about"
    " 30 % of it was regained in the last week of July.",
    kind="out of sample",
    certainty="verified",
    run="a scenario of that summer under the laws of 2007, nothing refitted",
    tolerance="the 90 % band of the prediction",
)
def summer_2025(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Needs a scenario whose crowd and sizes are set by what was known before."""
    if SCENARIO not in scenario_names():
        raise CannotBeExpressedError("a scenario of that summer, whose crowd is set by what was known before it")
    raise NotRunError(f"there is a scenario {SCENARIO} by now: this row has to name its targets")
