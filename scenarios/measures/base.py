"""A measure: what a target reads off a run, one value (or row of values) a path.

A measure is a small registered class whose fields are its parameters; a scenario file names it:
`measure = { name = "daily", column = "index", on = 2007-08-09 }`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import BeforeValidator, SerializerFunctionWrapHandler, ValidationError, model_serializer

from abm import Settings
from abm.settings import Section
from cqkit.arrays import FloatArray, IntArray
from cqkit.registry import Registry
from cqkit.statistics import Ordered
from scenarios.faults import PartError, unknown_name
from scenarios.measures.outcome import Outcome

Reduction = Literal["median", "mean", "sum", "share", "p10", "p90"]

REDUCTIONS: dict[str, Callable[[FloatArray], Any]] = {
    "median": np.nanmedian,
    "mean": np.nanmean,
    "share": np.nanmean,
    "sum": np.nansum,
    "p10": lambda values: np.nanpercentile(values, 10),
    "p90": lambda values: np.nanpercentile(values, 90),
}
QUANTILES = {"median": 0.5, "p10": 0.1, "p90": 0.9}  # those of them that are one


def _reduced(reduction: str, values: FloatArray) -> float:
    """What a reduction makes of values; NaN where none is known."""
    return float("nan") if np.isnan(values).all() else float(REDUCTIONS[reduction](values))


def redrawn(reduction: str, values: FloatArray) -> Callable[[IntArray], float]:
    """What a reduction makes of paths drawn from `values` (paths, ...), given the numbers of those drawn."""
    if reduction in QUANTILES:
        ordered, level = Ordered(values), QUANTILES[reduction]
        return lambda chosen: ordered.quantile(chosen, level)
    return lambda chosen: _reduced(reduction, values[chosen])


class Measure(Section, ABC):
    """Something to read off an outcome; `values` has a leading path axis."""

    name: ClassVar[str]
    yes_or_no: ClassVar[bool] = False  # whether values are 1 and 0, so that a share can be told

    @abstractmethod
    def values(self, outcome: Outcome) -> FloatArray:
        """Values by path, shape (paths,) or (paths, ...); NaN where there is none."""

    def faults(self, settings: Settings) -> list[str]:  # noqa: ARG002
        """Say why this cannot be measured on a run under `settings`, so that a scenario is refused before it runs."""
        return []

    @model_serializer(mode="wrap")
    def _with_name(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"name": self.name, **serialise(self)}


M = TypeVar("M", bound=type[Measure])
MEASURES: Registry[type[Measure]] = Registry("measure")


def register(measure: M) -> M:
    """Class decorator: make a measure known by its `name`; InputError when the name is taken."""
    MEASURES.add(measure.name, measure)
    return measure


def names() -> tuple[str, ...]:
    """Names of all registered measures."""
    return MEASURES.names()


def parse_measure(value: Any) -> Any:
    """Make a measure of a table that names it; what is one already stays as it is."""
    if isinstance(value, Measure):
        return value
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise ValueError(f"must be a table with a name out of: {', '.join(names())}")
    if name not in MEASURES:
        raise ValueError(unknown_name("measure", name, names()))
    parameters = {key: item for key, item in value.items() if key != "name"}
    try:
        return MEASURES[name].model_validate_json(json.dumps(parameters, default=str), strict=True)
    except ValidationError as error:
        raise PartError(error, MEASURES[name]) from None


parsed = BeforeValidator(parse_measure)
