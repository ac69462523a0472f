"""Where paths come from: a scenario's crowd, a path model, or a series of the user's own; and how each is written.

china-2024                          a scenario's name, or a TOML file
gbm:volatility=0.25                 a path model, as `[label=]name[:parameter=value,...]`
index.csv                           a series of the user's own: the hedge on what happened
series:index=index.csv,fund=f.csv   the same with a stock book of its own, `futures` of their own, `start` and `end`
gbm:volatility=0.25@0.8             any of the first two with its weight in the mixture
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from cqkit.errors import InputError, raise_faults
from cqkit.plugins import parse_spec
from cqkit.readers import READERS
from cqkit.registry import choices
from hedging.models.paths import PATH_MODELS, PathModel, make_path_model
from hedging.series.frames import Source as Table
from scenarios.loading import load_scenario
from scenarios.schema import Scenario

SERIES = "series"
PARTS = ("index", "fund", "futures", "start", "end")
TABLES = frozenset(READERS.names()) - {".toml"}


@dataclass(frozen=True)
class ScenarioSource:
    """A market with a crowd that answers back, and the hedge desk in it."""

    label: str
    scenario: Scenario


@dataclass(frozen=True)
class ModelSource:
    """Paths drawn from a model of the index, on which nobody answers."""

    label: str
    model: PathModel


@dataclass(frozen=True)
class SeriesSource:
    """What happened: one path."""

    label: str
    index: Table
    fund: Table | None = None
    futures: str | Path | None = None  # closes of what is shorted; default: the index itself
    start: str | None = None
    end: str | None = None


Source: TypeAlias = ScenarioSource | ModelSource | SeriesSource


@dataclass(frozen=True)
class Weighted:
    """A source, and its weight in the mixture; None where it is not in it."""

    source: Source
    weight: float | None = None


def parse_sources(
    given: Sequence[str | Path | Scenario | Table], overrides: Mapping[str, Any] | None = None
) -> tuple[Weighted, ...]:
    """Read the sources as a user writes them; frames and loaded scenarios are taken as they are.

    Parameters
    ----------
    given
        Sources, as the module says.
    overrides
        Keys that every scenario has set to other values.

    Raises
    ------
    InputError
        With a line for every fault: an unknown source, one given twice, a weight that is none.
    """
    found: list[Weighted] = []
    faults = [] if given else ["source: none given: must be at least one, as china-2024 or gbm:volatility=0.25"]
    for one in given:
        try:
            found.append(_parsed(one, overrides))
        except InputError as error:
            faults += error.faults
    labels = [item.source.label for item in found]
    faults += [
        f"source {label}: given twice: must be given once" for label in dict.fromkeys(labels) if labels.count(label) > 1
    ]
    faults += _weight_faults(found)
    raise_faults(faults)
    return tuple(found)


def _weight_faults(found: Sequence[Weighted]) -> list[str]:
    mixed = [item for item in found if item.weight is not None]
    faults = [
        f"source {item.source.label}: is one history and cannot be mixed: bootstrap with --index draws from it"
        for item in mixed
        if isinstance(item.source, SeriesSource)
    ]
    if len(mixed) == 1:
        faults.append(f"source {mixed[0].source.label}: is weighted alone: must be mixed with another, as calm@0.5")
    return faults


def _parsed(given: str | Path | Scenario | Table, overrides: Mapping[str, Any] | None) -> Weighted:
    if isinstance(given, Scenario):
        return Weighted(ScenarioSource(given.name or "scenario", load_scenario(given, overrides)))
    if not isinstance(given, str | Path):
        return Weighted(SeriesSource(str(getattr(given, "attrs", {}).get("file", SERIES)), given))
    text, weight = _weight(str(given))
    head = text.partition(":")[0].rpartition("=")[2].strip()
    if head in PATH_MODELS:
        label, name, parameters = parse_spec("path model", text)
        return Weighted(ModelSource(label, make_path_model(name, **parameters)), weight)
    if head == SERIES and ":" in text:
        return Weighted(_series(text), weight)
    if Path(text).suffix.lower() in TABLES:
        return Weighted(SeriesSource(Path(text).name, text), weight)
    try:
        scenario = load_scenario(text, overrides)
    except InputError as error:
        more = f"; or a path model ({', '.join(PATH_MODELS.names())}), or a series of your own (index.csv)"
        raise InputError(*(f"{line}{more}" if "unknown scenario" in line else line for line in error.faults)) from None
    return Weighted(ScenarioSource(scenario.name or Path(text).stem, scenario), weight)


def _weight(text: str) -> tuple[str, float | None]:
    """What stands before the last @, and the weight after it; a name may have an @ of its own."""
    head, at, tail = text.rpartition("@")
    try:
        weight = float(tail)
    except ValueError:
        return text, None
    if not (at and head):
        return text, None
    if not (math.isfinite(weight) and weight > 0):
        raise InputError(f"source {text}: weight {tail}: must be above 0 and finite")
    return head, weight


def _series(text: str) -> SeriesSource:
    label, _, parts = parse_spec(SERIES, text)
    raise_faults([f"source {text}: {part}: must be {choices(part, PARTS)}" for part in parts if part not in PARTS])
    if "index" not in parts:
        raise InputError(f"source {text}: has no index: must have one, as series:index=index.csv,fund=fund.csv")
    return SeriesSource(label if label != text else Path(parts["index"]).name, **parts)
