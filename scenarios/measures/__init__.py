"""Measures: what a target reads off a run; a family a file, each measure registered by name."""

from importlib import import_module
from pkgutil import iter_modules

from scenarios.measures.base import REDUCTIONS, Measure, Reduction, names, parse_measure, parsed, register
from scenarios.measures.crowd import CrowdTrough, ForcedShare
from scenarios.measures.outcome import Outcome, column_names, daily_columns, margin_calls, median_fund

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "REDUCTIONS",
    "CrowdTrough",
    "ForcedShare",
    "Measure",
    "Outcome",
    "Reduction",
    "column_names",
    "daily_columns",
    "margin_calls",
    "median_fund",
    "names",
    "parse_measure",
    "parsed",
    "register",
]
