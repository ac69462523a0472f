"""Targets: a scenario's statistics held against history and against our own requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.statistics import bootstrap, wilson
from scenarios.measures import REDUCTIONS, Outcome, redrawn
from scenarios.schema import Kind, Scenario, Target

FITTED: tuple[Kind, ...] = ("history", "input", "design")  # kinds that a fit may look at


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
    """Measure every target whose runs were made."""
    made = runs.outcomes
    return [_evaluate(target, runs) for target in scenario.target if made.keys() >= {*target.runs.values()}]


def fitted_targets(scenario: Scenario, kinds: Sequence[Kind] = FITTED) -> tuple[Target, ...]:
    """The targets of some kinds that a fit may look at.

    Raises
    ------
    ValueError
        For a kind that no fit may look at: what is held out, and what proves nothing.
    """
    hidden = set(kinds) - set(FITTED)
    if hidden:
        raise ValueError(f"{', '.join(sorted(hidden))}: no fit may look at these: must be of {', '.join(FITTED)}")
    return tuple(target for target in scenario.target if target.kind in kinds)


def for_fitting(scenario: Scenario, kinds: Sequence[Kind] = FITTED) -> Scenario:
    """The scenario with only the targets that a fit may look at; ValueError for a kind that it may not."""
    return scenario.model_copy(update={"target": fitted_targets(scenario, kinds)})


def measure_target(target: Target, runs: Runs) -> float | None:
    """What a target's statistic is on runs that were made, without its interval; None where there is none."""
    return reduced(target, samples_of(target, runs.outcomes[target.run], runs))


def _evaluate(target: Target, runs: Runs) -> TargetResult:
    samples = samples_of(target, runs.outcomes[target.run], runs)
    measured = reduced(target, samples)
    return TargetResult(
        target.name,
        target.kind,
        target.history,
        target.low,
        target.high,
        target.statistic,
        target.source,
        measured,
        _interval(target, samples),
        len(samples[0]),
        is_met(target, measured),
        _sensitivity(target, samples, measured, runs),
    )


def _sensitivity(target: Target, samples: Sequence[FloatArray], measured: float | None, runs: Runs) -> dict[str, float]:
    """What the target would be under each sensitivity: measured, plus the shift on the paths that both have."""
    moved = {}
    if target.run == "main" and not target.minus_twin and not target.against and measured is not None:
        for name, outcome in runs.sensitivities.items():
            changed = target.measure.values(outcome)
            before, after = reduced(target, [samples[0][: len(changed)]]), reduced(target, [changed])
            if before is not None and after is not None:
                moved[name] = measured + after - before
    return moved


def samples_of(target: Target, outcome: Outcome, runs: Runs) -> tuple[FloatArray, ...]:
    """The target's own values by path; with a comparison, those of both runs on the paths that both have."""
    values = target.measure.values(outcome)
    if target.minus_twin:
        twin = runs.outcomes["twin"] if target.run == "main" else runs.twins[target.run]
        return (values - target.measure.values(twin)[: len(values)],)
    if target.against is None:
        return (values,)
    other = (target.against.measure or target.measure).values(runs.outcomes[target.against.run])
    paths = min(len(values), len(other))
    return values[:paths], other[:paths]


def reduced(target: Target, samples: Sequence[FloatArray]) -> float | None:
    """The target's statistic of what `samples_of` gave, or of some paths of it; None where there is none."""
    if any(np.isnan(values).all() for values in samples):
        return None
    return _compared(target, [float(REDUCTIONS[target.reduce](values)) for values in samples])


def _compared(target: Target, found: Sequence[float]) -> float | None:
    """The statistic itself, or what it comes to beside that of the run it is held against; None where that is 0."""
    if target.against is None:
        return target.scale * found[0]
    own, other = found
    above, below = (own, other) if target.against.take == "ratio" else (own - other, own)
    return target.scale * above / below if below else None


def is_met(target: Target, value: float | None) -> bool:
    """Whether a target's value lies in its range."""
    return value is not None and target.low <= value <= target.high


def _interval(target: Target, samples: Sequence[FloatArray]) -> tuple[float, float] | None:
    """95 % interval over paths: Wilson's for a share, else a bootstrap that resamples whole paths."""
    paths = len(samples[0])
    if paths < 2 or target.reduce == "sum" or reduced(target, samples) is None:
        return None
    if target.reduce == "share" and target.against is None:
        values = samples[0]
        found = wilson(int(np.nansum(values)), int(np.isfinite(values).sum()))
        return _ordered(target.scale * found.low, target.scale * found.high)
    statistics = [redrawn(target.reduce, values) for values in samples]
    return _ordered(*bootstrap(lambda chosen: _compared(target, [of(chosen) for of in statistics]), paths))


def _ordered(low: float, high: float) -> tuple[float, float]:
    """Sort the ends: a negative scale turns them round, and makes -0 of 0."""
    return min(float(low), float(high)) + 0.0, max(float(low), float(high)) + 0.0


def as_json(result: TargetResult) -> dict[str, Any]:
    """Plain values for `run --json` and the manifest."""
    return result._asdict() | {"interval": None if result.interval is None else list(result.interval)}
