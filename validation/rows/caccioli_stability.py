"""Caccioli, Shrestha, Moore and Farmer 2014: leverage, diversification and the stability of overlapping portfolios."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.crowding import deleveraging_loop
from cqkit.arrays import FloatArray
from cqkit.statistics import bootstrap
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial

FUNDS, ASSETS, IMPACT = 60, 60, 1.0536  # log fall when all that is held of an asset is sold; 10 % sold moves it by 10 %
FEW, SOME, MANY = 1, 8, 60  # assets a fund holds


@row(
    paper="Caccioli, Shrestha, Moore and Farmer 2014",
    place="abstract (arXiv 1210.5987)",
    states="Below a critical leverage networks of overlapping portfolios are always stable, above it the "
    "unstable region grows with leverage; too much diversification makes contagion worse.",
    kind="out of sample",
    certainty="verified",
    run="the critical leverage by abm.crowding.deleveraging_loop of random networks of 60 funds and 60 "
    "assets, each fund in 1, 8 or 60 of them",
    tolerance="orders and signs, beyond a 95 % interval",
)
def caccioli_stability(trial: Trial) -> Iterator[Figure]:
    """Theirs fail and then sell; ours keep their leverage, which they call dynamic deleveraging.

    A fund that is alone in an asset presses its own price: with few assets each, that alone can be unstable here.
    """
    networks = trial.paths(100, 30)
    critical = {held: _critical(trial.seed, held, networks) for held in (FEW, SOME, MANY)}
    every = np.concatenate(list(critical.values()))
    yield claim("lowest critical leverage of all networks", float(every.min()), low=1.0)
    levels = np.quantile(every, [0.2, 0.5, 0.8])
    unstable = np.array([(every < level).mean() for level in levels])
    yield claim(
        "least rise of the unstable share from one leverage to the next", float(np.diff(unstable).min()), low=0.0
    )
    for name, more, less in (("8 assets each than 1", SOME, FEW), ("60 assets each than 8", MANY, SOME)):
        differences = critical[less] - critical[more]
        interval = bootstrap(lambda chosen, found=differences: float(found[chosen].mean()), networks)
        yield claim(f"critical leverage lower by, with {name}", float(differences.mean()), low=0.0, interval=interval)


def _critical(seed: int, held: int, networks: int) -> FloatArray:
    """Critical leverage of random networks, shape (networks,)."""
    random, found = np.random.default_rng([seed, held]), np.empty(networks)
    for number in range(networks):
        books = np.zeros((FUNDS, ASSETS))
        for fund in range(FUNDS):
            books[fund, random.choice(ASSETS, held, replace=False)] = 1 / held
        owned = books.sum(axis=0)
        depth = np.where(owned > 0, owned / IMPACT, 1.0)
        found[number] = 2 * deleveraging_loop(books, np.full(FUNDS, 0.5), depth).critical
    return found
