"""The last bar of a day, held to an impact law by what the market remembers of it."""

from collections.abc import Callable

import numpy as np

from abm import Market
from abm.randomness import DayNoise


def trade_a_day_under(law: Callable[[np.ndarray], np.ndarray], market: Market) -> None:
    """Trade a day and close it; what its last bar adds to the memory is what `law` makes of rates, ADV a day."""
    settings, stocks, impact = market.settings, market.state.stocks, market.state.impact
    bars = settings.clock.bars
    for path in range(market.paths):
        noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
        noise.draw(market.seed, market.first_path + path, market.day)
        market.trade_path(path, noise, 0, bars - 1)
        left = impact.kept[0] * stocks.memory[path, 0]
        market.trade_path(path, noise, bars - 1, bars)
        rates = stocks.flow[path] / stocks.adv[path] * bars
        assert np.abs(rates).max() > 0
        np.testing.assert_allclose(stocks.memory[path, 0], left + impact.added[0] * law(rates), rtol=1e-12)
    market.close()
