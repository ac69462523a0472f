"""Price series: what is known of the market at a close, and the user's files read and joined."""

from hedging.series.basis import BasisUnit, futures_prices
from hedging.series.joining import JoinedSeries, join_series
from hedging.series.loading import load_closes, load_prices
from hedging.series.prices import Prices, PriceTape
from hedging.series.settings import SeriesTerms

__all__ = [
    "BasisUnit",
    "JoinedSeries",
    "PriceTape",
    "Prices",
    "SeriesTerms",
    "futures_prices",
    "join_series",
    "load_closes",
    "load_prices",
]
