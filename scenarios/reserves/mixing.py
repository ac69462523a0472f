"""A mixture of sources: a sample in which each has the share of paths that its weight says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from cqkit.errors import InputError
from hedging.reserves import HedgeNeeds

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
