"""A reserve at 99.9 % in a crowded market: the desk of China 2024 by plain Monte Carlo, seconds a path."""

from __future__ import annotations

from measuring import Figures, measure_engine, told

from scenarios import load_scenario
from scenarios.studies import conduct
from scenarios.studies.reserve import DeskReserveStudy

PATHS, WANTED = 200, 100_000


def measure(rounds: int) -> Figures:
    """Seconds a path, and what the paths that plain Monte Carlo wants at 99.9 % would take on two threads."""
    scenario = load_scenario("china-2024")
    study = DeskReserveStudy(crowding=())

    def run(paths: int, workers: int) -> None:
        conduct(study, scenario, paths=paths, workers=workers)

    cases = [case.settings for case in study.cases(scenario, PATHS, 1).values()]
    found = told(measure_engine(cases, PATHS, rounds, run, alone=100))
    return found | {"paths": WANTED, "seconds": WANTED * found["seconds_a_path"]["engine on two threads"]}
