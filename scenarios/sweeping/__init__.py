"""A sweep over keys of a scenario: where its points lie, what is kept of each task on disk, and what comes of all."""

from scenarios.sweeping.designs import DESIGNS, Design, Turned, parse_turned
from scenarios.sweeping.reading import PathFigures, read_figures
from scenarios.sweeping.result import Sweep
from scenarios.sweeping.tasks import TaskFolder, plan_of

__all__ = [
    "DESIGNS",
    "Design",
    "PathFigures",
    "Sweep",
    "TaskFolder",
    "Turned",
    "parse_turned",
    "plan_of",
    "read_figures",
]
