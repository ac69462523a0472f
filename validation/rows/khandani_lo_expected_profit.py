"""Khandani and Lo 2007, appendix A.4: what the contrarian portfolio earns on average."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.measures import khandani_lo
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial

STOCKS, LENGTH = 5, 400_000


@row(
    paper="Khandani and Lo 2007",
    place="appendix A.4",
    states="The expected profit is i'Gamma i / N^2 - tr(Gamma) / N - var(mu), Gamma the autocovariance at one day.",
    kind="closed form",
    certainty="verified",
    run="abm.measures.khandani_lo, times half its gross, on 400,000 days of a vector autoregression of five stocks",
    tolerance="four standard errors",
)
def khandani_lo_expected_profit(trial: Trial) -> Iterator[Figure]:
    """With R_t = mu + A (R_t-1 - mu) + e and e of variance S, Gamma is A V, V = A V A' + S."""
    random = np.random.default_rng(trial.seed)
    mean = 1e-3 * np.array([1.0, -0.5, 0.3, 0.0, 0.8])
    carried = 0.15 * random.standard_normal((STOCKS, STOCKS)) / np.sqrt(STOCKS) - 0.1 * np.eye(STOCKS)
    variance = np.linalg.solve(np.eye(STOCKS**2) - np.kron(carried, carried), 1e-4 * np.eye(STOCKS).ravel())
    gamma = carried @ variance.reshape(STOCKS, STOCKS)
    expected = gamma.sum() / STOCKS**2 - np.trace(gamma) / STOCKS - mean.var()
    shocks = 1e-2 * random.standard_normal((LENGTH, STOCKS))
    moves = np.empty_like(shocks)
    before = np.zeros(STOCKS)
    for day, shock in enumerate(shocks):
        before = carried @ before + shock
        moves[day] = before
    returns = mean + moves
    yesterday, today = returns[:-1], returns[1:]
    invested = np.abs(yesterday - yesterday.mean(axis=1, keepdims=True)).mean(axis=1) / 2
    profit = khandani_lo(yesterday, today) * invested
    blocks = profit[: 200 * (profit.size // 200)].reshape(200, -1).mean(axis=1)
    error = float(blocks.std(ddof=1) / np.sqrt(blocks.size))
    found, scale = float(profit.mean()), 1e6
    interval = (scale * (found - 1.96 * error), scale * (found + 1.96 * error))
    wide = 4 * error * scale
    yield Figure(
        "mean profit, millionths",
        scale * found,
        scale * expected - wide,
        scale * expected + wide,
        scale * expected,
        0.0,
        interval,
    )
