"""Measures: what a target reads off a run; a family a file, each measure registered by name."""

from cqkit.finding import import_folder
from scenarios.measures.base import (
    MEASURES,
    REDUCTIONS,
    Measure,
    Reduction,
    names,
    parse_measure,
    parsed,
    redrawn,
    register,
)
from scenarios.measures.crowd import CrowdTrough, ForcedShare
from scenarios.measures.futures import LEGS, both_lose
from scenarios.measures.outcome import Outcome, column_names, daily_columns, margin_calls, median_fund

import_folder(__name__, __path__)

__all__ = [
    "LEGS",
    "MEASURES",
    "REDUCTIONS",
    "CrowdTrough",
    "ForcedShare",
    "Measure",
    "Outcome",
    "Reduction",
    "both_lose",
    "column_names",
    "daily_columns",
    "margin_calls",
    "median_fund",
    "names",
    "parse_measure",
    "parsed",
    "redrawn",
    "register",
]
