"""A mixture of sources: a sample in which each has the share of paths that its weight says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from abm.settings import Impact
from cqkit.errors import InputError
from hedging.reserves import HedgeNeeds
from scenarios.reserves.answers import Answer

MIXTURE: Final = "mixture"


def shares_of(weights: Mapping[str, float], paths: Mapping[str, int]) -> dict[str, int]:
    """How many of each source's paths stand for it in the mixture.

    As many as the scarcest source allows. The sample is stratified, and a share in it varies less than in one that is
    drawn at random, so that intervals for independent paths err on the safe side.

    Raises
    ------
    InputError
        When a source has too few paths to stand for its weight.
    """
    total = sum(weights.values())
    size = min(paths[label] * total / weight for label, weight in weights.items())
    counts = {label: int(np.floor(size * weight / total + 1e-9)) for label, weight in weights.items()}
    empty = [label for label, count in counts.items() if count == 0]
    if empty:
        raise InputError(
            f"source {empty[0]}: weight {weights[empty[0]]:g}: is less than one path: must have more paths"
        )
    return counts


def mixed(parts: Sequence[tuple[HedgeNeeds, int]]) -> HedgeNeeds:
    """The first so many paths of each, put together; money is that of the first."""
    return HedgeNeeds.concatenate([needs.head(count) for needs, count in parts])


def mixtures(weights: Mapping[str, float], answers: Sequence[Answer], impact: Impact | None) -> list[Answer]:
    """Every policy on the mixture of the weighted sources, if there are any; of plain paths alone."""
    found: list[Answer] = []
    for policy in dict.fromkeys(one.policy for one in answers) if weights else ():
        parts = {one.source: one for one in answers if one.policy == policy and one.source in weights}
        counts = shares_of(weights, {label: one.needs.paths for label, one in parts.items()})
        needs = mixed([(one.needs, counts[label]) for label, one in parts.items()])
        costs = [one.sale_cost[: counts[label]] for label, one in parts.items() if one.sale_cost is not None]
        known = np.concatenate(costs) if len(costs) == len(parts) else None
        level = next(iter(parts.values())).level
        found.append(Answer(policy, MIXTURE, needs, sale_cost=known, impact=impact, level=level))
    return found
