"""Options: Black's formula of 1976, quotes, and the volatility index of 1993 that is made of them."""

from hedging.options.black76 import ImpliedVolatility, black_price, implied_volatility
from hedging.options.gauge import FearGauge, fear_gauge
from hedging.options.quotes import load_quotes

__all__ = ["FearGauge", "ImpliedVolatility", "black_price", "fear_gauge", "implied_volatility", "load_quotes"]
