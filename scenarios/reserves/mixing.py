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


def shares_of(
    weights: Mapping[str, float], paths: Mapping[str, int], kinds: Mapping[str, object] | None = None
) -> dict[str, range]:
    """Which of each source's paths stand for it in the mixture: as many as the scarcest allow.

    Paths of one number share their noise in all sources of a kind (by default all are of one): so no number is taken
    twice in a kind, and the mixture's paths are independent, as its intervals have it. The sample is stratified, and a
    share in it varies less than in one that is drawn at random, so that they err on the safe side.

    Raises
    ------
    InputError
        When a source has too few paths to stand for its weight.
    """
    kind_of = dict.fromkeys(weights, None) if kinds is None else kinds
    total = sum(weights.values())
    size = min(
        min(paths[one] for one in alike) * total / sum(weights[one] for one in alike)
        for alike in ([one for one in weights if kind_of[one] == kind] for kind in set(kind_of.values()))
    )
    counts = {label: int(np.floor(size * weight / total + 1e-9)) for label, weight in weights.items()}
    empty = [label for label, count in counts.items() if count == 0]
    if empty:
        raise InputError(
            f"source {empty[0]}: weight {weights[empty[0]]:g}: is less than one path: must have more paths"
        )
    found: dict[str, range] = {}
    for label, count in counts.items():
        first = max((taken.stop for other, taken in found.items() if kind_of[other] == kind_of[label]), default=0)
        found[label] = range(first, first + count)
    return found


def mixtures(weights: Mapping[str, float], answers: Sequence[Answer], impact: Impact | None) -> list[Answer]:
    """Every policy on the mixture of the weighted sources, if there are any; of plain paths, money as the first's."""
    found: list[Answer] = []
    for policy in dict.fromkeys(one.policy for one in answers) if weights else ():
        parts = {one.source: one for one in answers if one.policy == policy and one.source in weights}
        taken = shares_of(
            weights,
            {label: one.needs.paths for label, one in parts.items()},
            {label: one.has_crowd for label, one in parts.items()},
        )
        needs = HedgeNeeds.concatenate([one.needs.some(taken[label]) for label, one in parts.items()])
        costs = [
            one.sale_cost[taken[label].start : taken[label].stop]
            for label, one in parts.items()
            if one.sale_cost is not None
        ]
        known = np.concatenate(costs) if len(costs) == len(parts) else None
        level = next(iter(parts.values())).level
        found.append(Answer(policy, MIXTURE, needs, sale_cost=known, impact=impact, level=level))
    return found
