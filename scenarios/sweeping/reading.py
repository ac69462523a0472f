"""What a sweep keeps of a task: the key figures of its paths, one value a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.statistics import standard_errors, wilson_interval
from scenarios.figures import figures
from scenarios.measures import Outcome


@dataclass(frozen=True)
class PathFigures:
    """Figures of some paths of one market.

    Attributes
    ----------
    first
        The first path.
    values
        By name of the figure, shape (paths,).
    units
        By name of the figure.
    shares
        Names of the yes-or-no figures.
    fault
        What the market stopped with, if it left the range in which it means anything: then there are no values.
    """

    first: int
    values: dict[str, FloatArray]
    units: dict[str, str]
    shares: tuple[str, ...] = ()
    fault: str | None = None

    @property
    def paths(self) -> int:
        """How many there are."""
        return next(iter(self.values.values())).size if self.values else 0

    def begin(self, paths: int) -> PathFigures:
        """Those of the first paths alone."""
        return replace(self, values={name: values[:paths] for name, values in self.values.items()})


def read_figures(market: Market) -> PathFigures:
    """All key figures of a market whose days are traded (`scenarios.figures`)."""
    found = figures(Outcome(market.settings, market.record, market.desk_result))
    return PathFigures(
        market.first_path,
        {name: np.asarray(figure.values, dtype=np.float64) for name, figure in found.items()},
        {name: figure.unit for name, figure in found.items()},
        tuple(name for name, figure in found.items() if figure.yes_or_no),
    )


def together(blocks: Sequence[PathFigures]) -> PathFigures:
    """Blocks of paths of one market as one; with a fault if one of them has it."""
    first = blocks[0]
    fault = next((block.fault for block in blocks if block.fault is not None), None)
    if fault is not None:
        return PathFigures(first.first, {}, {}, (), fault)
    values = {name: np.concatenate([block.values[name] for block in blocks]) for name in first.values}
    return PathFigures(first.first, values, first.units, first.shares)


def mean(figure: FloatArray) -> float:
    """A figure's mean over the paths of which it is known; NaN where it is known of none."""
    known = _known(figure)
    return float(known.mean()) if known.size else float("nan")


def standard_error(figure: FloatArray, *, share: bool) -> float:
    """Standard error of a figure's mean over the paths of which it is known; infinite for less than two of them.

    Of a share it is half Wilson's 95 % interval over 1.96: where it is 0 or 1 on all paths seen, it is not yet known.
    """
    known = _known(figure)
    if known.size < 2:
        return float("inf")
    if share:
        low, high = wilson_interval(known.mean(), known.size)
        return float((high - low) / (2 * standard_errors()))
    return float(known.std(ddof=1) / np.sqrt(known.size))


def _known(figure: FloatArray) -> FloatArray:
    return figure[~np.isnan(figure)]
