"""August 2007 and its twin without the liquidator, 1,000 paths, as `crowdquake run quake-2007` has them."""

from __future__ import annotations

from measuring import Figures, agent_seconds, array_seconds, measure_engine, told

from scenarios import load_scenario
from scenarios.studies import conduct
from scenarios.studies.run import RunStudy
from scenarios.twins import without_liquidator

PATHS = 1000


def measure(rounds: int) -> Figures:
    """Seconds a path, of the run and its twin together."""
    scenario = load_scenario("quake-2007")
    cases = [scenario.settings, without_liquidator(scenario.settings)]

    def run(paths: int, workers: int) -> None:
        conduct(RunStudy(counterfactuals=False), scenario, paths=paths, workers=workers)

    engine = measure_engine(cases, PATHS, max(1, rounds // 2), run, alone=200)
    plain = cases[0]
    return told(
        engine,
        markets=2,
        mesa=agent_seconds(plain, rows=False),
        mesa_rows=agent_seconds(plain, rows=True),
        numpy=array_seconds(plain),
    ) | {"paths": PATHS}
