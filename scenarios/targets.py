"""Targets: a scenario's statistics held against history and against our own requirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from hedging import FloatArray
from scenarios.measures import REDUCTIONS, Outcome
from scenarios.schema import Scenario, Target

RESAMPLES = 400
CONFIDENCE = 0.95


class TargetResult(NamedTuple):
    """A target, what was measured, and how sure the measurement is."""

    name: str
    kind: str
    history: float | None
    low: float
    high: float
    statistic: str
    source: str
    measured: float | None
    interval: tuple[float, float] | None  # 95 % sampling interval of `measured`, over paths
    paths: int
    met: bool
    sensitivity: dict[str, float]  # what it is under each of the scenario's sensitivities


class Runs(NamedTuple):
    """All that was simulated for a scenario, by name of the run."""

    outcomes: Mapping[str, Outcome]  # main, twin, counterfactuals
    twins: Mapping[str, Outcome]  # counterfactuals' own twins
    sensitivities: Mapping[str, Outcome]


def evaluate_targets(scenario: Scenario, runs: Runs) -> list[TargetResult]:
    """Measure every target whose run was made."""
    return [_evaluate(target, runs) for target in scenario.target if target.run in runs.outcomes]


def _evaluate(target: Target, runs: Runs) -> TargetResult:
    values = _values(target, runs.outcomes[target.run], runs)
    measured = _reduce(target, values)
    return TargetResult(
        target.name,
        target.kind,
        target.history,
        target.low,
        target.high,
        target.statistic,
        target.source,
        measured,
        _interval(target, values),
        len(values),
        measured is not None and target.low <= measured <= target.high,
        _sensitivity(target, values, measured, runs),
    )


def _sensitivity(target: Target, values: FloatArray, measured: float | None, runs: Runs) -> dict[str, float]:
    """What the target would be under each sensitivity: measured, plus the shift on the paths that both have."""
    moved = {}
    if target.run == "main" and not target.minus_twin and measured is not None:
        for name, outcome in runs.sensitivities.items():
            changed = target.measure.values(outcome)
            before, after = _reduce(target, values[: len(changed)]), _reduce(target, changed)
            if before is not None and after is not None:
                moved[name] = measured + after - before
    return moved


def _values(target: Target, outcome: Outcome, runs: Runs) -> FloatArray:
    values = target.measure.values(outcome)
    if not target.minus_twin:
        return values
    twin = runs.outcomes["twin"] if target.run == "main" else runs.twins[target.run]
    return values - target.measure.values(twin)[: len(values)]


def _reduce(target: Target, values: FloatArray) -> float | None:
    if np.isnan(values).all():
        return None
    return target.scale * float(REDUCTIONS[target.reduce](values))


def _interval(target: Target, values: FloatArray) -> tuple[float, float] | None:
    """95 % interval over paths: Wilson's for a share, else a bootstrap that resamples whole paths."""
    paths = len(values)
    if paths < 2 or target.reduce == "sum" or np.isnan(values).all():
        return None
    if target.reduce == "share":
        found = stats.binomtest(int(np.nansum(values)), int(np.isfinite(values).sum())).proportion_ci(method="wilson")
        return _scaled(target, found.low, found.high)
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        resampled = values[generator.integers(paths, size=paths)]
        if not np.isnan(resampled).all():
            drawn.append(REDUCTIONS[target.reduce](resampled))
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return _scaled(target, low, high)


def _scaled(target: Target, low: float, high: float) -> tuple[float, float]:
    ends = sorted((target.scale * float(low), target.scale * float(high)))  # a negative scale turns them round
    return ends[0], ends[1]


def as_json(result: TargetResult) -> dict[str, Any]:
    """Plain values for `run --json` and the manifest."""
    return result._asdict() | {"interval": None if result.interval is None else list(result.interval)}
