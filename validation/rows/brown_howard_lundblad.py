"""Brown, Howard and Lundblad: crowded stocks draw down more in distress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.statistics import mean_interval
from scenarios import Case
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial

DAYS = 4  # from the event on: Monday to Thursday


@row(
    paper="Brown, Howard and Lundblad 2022",
    place="abstract",
    states="Stocks whose common hedge-fund holdings take long to sell at their volume draw down more when funds are in "
    "distress.",
    kind="out of sample",
    certainty="verified",
    run="the scenario quake-2007: on the eve stocks that the crowd holds long are sorted by days of volume "
    "held; fall to Thursday of the upper fifth less that of the lower fifth, by path",
    tolerance="sign, t above 3",
)
def brown_howard_lundblad(trial: Trial) -> Iterator[Figure]:
    """No closed form: a crowd that has to sell presses most what it holds most days of."""
    scenario = trial.scenario("quake-2007")
    last = scenario.clock.event_day + DAYS
    case = Case(scenario.settings, days=last, rules=(_Eve,))
    blocks = trial.simulate({"main": case}, _spread, trial.paths(100, 24))["main"]
    values = np.concatenate(blocks)
    found = mean_interval(values)
    error = float(values.std(ddof=1) / np.sqrt(values.size))
    yield claim("further fall of crowded stocks, %", found.value, low=0.0, interval=(found.low, found.high))
    yield claim("t", found.value / error, low=3.0)


class _Eve:
    """Keeps prices and the crowd's net position on the eve."""

    def __init__(self, market: Market) -> None:
        self.price, self.held = np.empty(0), np.empty(0)
        self.day = market.settings.clock.event_day - 1

    def __call__(self, market: Market) -> None:
        if market.day == self.day:
            self.price = market.state.stocks.price.copy()
            self.held = np.array([market.books(path).sum(axis=0) for path in range(market.paths)])


def _spread(key: Any, market: Market) -> FloatArray:  # noqa: ARG001
    """Fall of the upper fifth of the stocks held long by days of volume, less the lower fifth's, %, by path."""
    (eve,) = [rule for rule in market.rules if isinstance(rule, _Eve)]
    fall = 100 * (1 - market.state.stocks.price / eve.price)
    days = eve.held / market.state.stocks.adv
    found = np.empty(market.paths)
    for path in range(market.paths):
        long = np.flatnonzero(days[path] > 0)
        order = long[np.argsort(days[path, long], kind="stable")]
        fifth = len(order) // 5
        found[path] = fall[path, order[-fifth:]].mean() - fall[path, order[:fifth]].mean()
    return found
