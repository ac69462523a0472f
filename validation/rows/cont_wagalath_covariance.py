"""Cont and Wagalath 2013: what one fund's forced sales do to covariances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from abm import Market, Settings
from cqkit.arrays import FloatArray
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial
from validation.worlds import common_book, driftless, lambdas, silence, still

STOCKS, GAIN, SIZE = 6, 0.3, 1e-6


@row(
    paper="Cont and Wagalath 2013",
    place="covariance of returns while one fund sells (algebra on their model)",
    states="C = Sigma + c (Lambda pi' Sigma + Sigma pi Lambda') + c^2 (pi' Sigma pi) Lambda Lambda'; the fund's own "
    "variance grows by (1 + c Lambda'pi)^2; another fund's does not if its book is orthogonal to Lambda.",
    kind="closed form",
    certainty="computed",
    run="one fund of the engine that cuts by its own rule, under permanent impact, in a silent market: each "
    "stock is moved alone, and all prices are read one round of sales later",
    tolerance="1e-4: moves of 1e-6 are not quite infinitesimal",
)
def cont_wagalath_covariance(trial: Trial) -> Iterator[Figure]:
    """A move x costs the fund pi'x; it sells c pi'x of itself, which moves prices by c Lambda pi'x.

    R = (I + c Lambda pi') x. Hence R's covariance, and pi'R = (1 + c Lambda'pi) pi'x. With c Lambda'pi = 0.3 the
    fund's variance is 1.69 times as large.
    """
    world = _world(trial)
    moved = world.response
    own = np.diag(world.volatility**2)
    found = moved @ own @ moved.T
    pi, pressed = world.book, world.pressed
    expected = (
        own + np.outer(pressed, pi) @ own + own @ np.outer(pi, pressed) + (pi @ own @ pi) * np.outer(pressed, pressed)
    )
    error = float(np.abs(found - expected).max() / np.abs(own).max())
    yield exact("largest error of a covariance, over the largest variance", error, 0.0, 1e-4)
    yield exact(
        "the fund's variance over that without sales", float(pi @ found @ pi / (pi @ own @ pi)), (1 + GAIN) ** 2, 2e-4
    )
    beside = np.random.default_rng(3).standard_normal(STOCKS)
    beside -= pressed * (beside @ pressed) / (pressed @ pressed)
    spared = float(beside @ found @ beside / (beside @ own @ beside))
    yield exact("variance of an orthogonal fund over that without sales", spared, 1.0, 1e-4)
    like = beside + 0.5 * pi
    hit = float(like @ found @ like / (like @ own @ like))
    more = float(2 * (like @ pressed) * (pi @ own @ like) + (pi @ own @ pi) * (like @ pressed) ** 2)
    yield exact("the same of one that overlaps", hit, 1 + more / float(like @ own @ like), 2e-4)


class _World(NamedTuple):
    book: FloatArray  # pi, (stocks,)
    pressed: FloatArray  # c Lambda, (stocks,)
    volatility: FloatArray
    response: FloatArray  # dR / dx, (stocks, stocks)


def _settings(trial: Trial, permanent: float) -> Settings:
    law = trial.impact.model_copy(update={"strength": 0.0, "permanent": permanent})
    crowd = {
        "count": 1,
        "capital": 0.5,
        "crowding": 1.0,
        "leverage_spread": 0.0,
        "headroom": [10.0, 10.0],
        "tolerance": [0.0, 0.0],
        "severity": [3.0, 3.0],
        "intraday_share": 1.0,
        "cut_days": 1e-3,
        "mark_days": 1e6,
        "reentry_share": 0.0,
        "smallest": 0.0,
    }
    few = {"stocks": STOCKS, "factors": 0}
    return still(law, clock={"bars": 1}, funds=crowd, market=few, liquidator={"size": 0})


def _world(trial: Trial) -> _World:
    """A market in which the fund's sales after a loss amplify it by the gain, and how prices answer to each stock."""
    one = driftless(_settings(trial, 1.0))
    funds, book = one.state.funds, common_book(one)
    sold = float(funds.limits.severity[0, 0] * funds.book[0, 0] ** 2 / funds.equity[0, 0])  # c, of pi'x
    permanent = GAIN / (sold * float(book @ (lambdas(one) * book)))
    made = _settings(trial, permanent)
    market = driftless(made)
    response = np.column_stack([_answer(made, stock, book[stock]) for stock in range(STOCKS)])
    return _World(book, sold * lambdas(market) * book, market.state.stocks.volatility[0].copy(), response)


def _answer(made: Settings, stock: int, held: float) -> FloatArray:
    """What prices do, over the move, when a stock is moved against what the fund holds of it and it sells once."""
    market: Market = driftless(made)
    noise, move = silence(made), -np.sign(held) * SIZE
    for day in range(2):
        noise.own[0] = 0.0
        if day == 0:
            noise.own[0, stock] = move / market.state.stocks.sigma[0, stock]
        market.trade_path(0, noise)
        market.close()
    found: FloatArray = (market.state.stocks.price[0] - 1) / move
    return found
