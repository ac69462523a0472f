"""Results that do not yet say their tables by themselves, put in the form of `cqkit.results.Result`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import pandas as pd

from cqkit.results import Result
from scenarios import Cliff, Explanation, RunResult
from scenarios.targets import as_json
from scenarios.unwinding import UnwindStudy

BOTH = ("csv", "parquet")


@dataclass(frozen=True)
class UnwindStudies:
    """One book's sale studied in several markets."""

    studies: tuple[UnwindStudy, ...]
    manifest: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All studies' tables in one, with the scenario as its last column."""
        tables = [study.table.assign(scenario=study.scenario.name) for study in self.studies]
        return {"unwinding": pd.concat(tables, ignore_index=True)}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"studies": [study.as_json() for study in self.studies]}


@dataclass(frozen=True)
class Adapted:
    """A result with its tables."""

    frames: dict[str, pd.DataFrame]
    told: dict[str, Any]
    manifest: dict[str, Any]
    kept: dict[str, Any]
    formats: Mapping[str, tuple[str, ...]]

    def tables(self) -> dict[str, pd.DataFrame]:
        return self.frames

    def as_json(self) -> dict[str, Any]:
        return self.told

    def stored(self) -> dict[str, Any]:
        return self.kept


def _made(
    frames: dict[str, pd.DataFrame],
    told: dict[str, Any],
    manifest: dict[str, Any] | None = None,
    kept: dict[str, Any] | None = None,
    formats: Mapping[str, tuple[str, ...]] | None = None,
) -> Adapted:
    return Adapted(frames, told, manifest or {}, told if kept is None else kept, formats or {})


@singledispatch
def adapted(result: Any) -> Result:
    """A result as it is, if it is one, or put in the form of one."""
    assert isinstance(result, Result)
    return result


@adapted.register(RunResult)
def _run(result: RunResult) -> Result:
    if isinstance(result, Result):
        return result
    manifest = result.manifest
    told = {
        "scenario": manifest["scenario"],
        "title": result.scenario.title,
        "paths": manifest["paths"],
        "seed": manifest["seed"],
        "targets": [as_json(target) for target in result.targets],
        "summary": result.summary()["figures"],
        "counterfactual": result.counterfactual(),
        "manifest": manifest,
    }
    kept = {
        "manifest": manifest,
        "targets": [as_json(target) for target in result.targets],
        "figures": {"main": result.summary(), **result.counterfactual()},
        "scenario": result.scenario.model_dump(mode="json", by_alias=True),
    }
    frames = {name: getattr(result, name) for name in ("daily", "bands", "funds", "events", "hedges")}
    return _made(frames, told, manifest, kept, dict.fromkeys(frames, ("parquet",)))


@adapted.register(Cliff)
def _cliff(study: Cliff) -> Result:
    if isinstance(study, Result):
        return study
    return _made({"points": study.points, "halves": study.halves}, study.as_json(), study.manifest)


@adapted.register(Explanation)
def _explanation(found: Explanation) -> Result:
    if isinstance(found, Result):
        return found
    frames = {"explain": found.frame(), "by-path": found.by_path.rename_axis("path").reset_index()}
    return _made(frames, found.as_json(), found.manifest, None, {"explain": BOTH, "by-path": ("parquet",)})
