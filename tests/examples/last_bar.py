"""What an impact law made of the last bar of a day, worked out of what the market remembers."""

import numpy as np

from abm import Market
from abm.randomness import DayNoise


def trade_a_day(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Trade a day and close it; return its last bar's rates, ADV a day, and the law's effect, both (paths, stocks)."""
    settings, stocks, impact = market.settings, market.state.stocks, market.state.impact
    bars, effects = settings.clock.bars, []
    for path in range(market.paths):
        noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
        noise.draw(market.seed, market.first_path + path, market.day)
        market.trade_path(path, noise, 0, bars - 1)
        remembered = stocks.memory[path, 0].copy()
        market.trade_path(path, noise, bars - 1, bars)
        effects.append((stocks.memory[path, 0] - impact.kept[0] * remembered) / impact.added[0])
    rates = stocks.flow / stocks.adv * bars
    market.close()
    return rates, np.array(effects)
