"""What history says of a scenario: its targets that are evidence, and how a study reads them off a market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abm import Market
from cqkit.arrays import FloatArray, IntArray
from scenarios.measures import Outcome
from scenarios.schema import Scenario, Target
from scenarios.targets import Runs, reduced, samples_of

KINDS = ("history", "input", "held-out")  # targets of kind design are our own requirements, and prove nothing

Samples = Mapping[str, tuple[FloatArray, ...]]  # by target, what `samples_of` gives


@dataclass(frozen=True)
class Asked:
    """A rule of a case (`Case.rules`) that does nothing but carry the targets that are read off its market."""

    targets: tuple[Target, ...]

    def __call__(self, market: Market) -> _Carried:  # noqa: ARG002
        return _Carried(self.targets)


class _Carried:
    """A daily rule that leaves the market as it is."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self.targets = targets

    def __call__(self, market: Market) -> None:
        """Leave the market as it is."""


def evidence(scenario: Scenario) -> tuple[Target, ...]:
    """The targets that history gives, and that the main run alone is held to."""
    return tuple(item for item in scenario.target if item.kind in KINDS and set(item.runs.values()) == {"main"})


def read_evidence(market: Market) -> Samples:
    """What the targets that a market's case asked for come to, by path."""
    (carried,) = [rule for rule in market.rules if isinstance(rule, _Carried)]
    runs = Runs({"main": Outcome(market.settings, market.record, market.desk_result)}, {}, {})
    return {target.name: samples_of(target, runs.outcomes["main"], runs) for target in carried.targets}


def values_of(
    targets: Sequence[Target], samples: Samples | None, chosen: IntArray | None = None
) -> dict[str, float | None]:
    """What each target comes to, on all paths or on chosen ones; None of a market that cannot be run."""
    if samples is None:
        return {target.name: None for target in targets}
    return {
        target.name: reduced(target, [part if chosen is None else part[chosen] for part in samples[target.name]])
        for target in targets
    }
