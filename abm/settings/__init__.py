"""What a market is made of: every parameter with its meaning, unit and admissible range.

The symbols in brackets are those of docs/model.md. Settings are frozen and hashable: a run is a function of its
settings and its seed. Percentages are never used: a volatility of 0.7 % a day reads 0.007.
"""

from abm.settings.base import Section, quantity
from abm.settings.clock import Clock
from abm.settings.credit import Brokers, LargeFund, Makers, Predators, Rescue
from abm.settings.crowd import Funds, Liquidator, shares
from abm.settings.desk import Desk
from abm.settings.futures import Futures, FuturesFunds, Lines, Redemptions
from abm.settings.index import IndexSector, VolatilityIndex
from abm.settings.stocks import Cause, Impact, News, Stocks
from abm.settings.whole import Settings

__all__ = [
    "Brokers",
    "Cause",
    "Clock",
    "Desk",
    "Funds",
    "Futures",
    "FuturesFunds",
    "Impact",
    "IndexSector",
    "LargeFund",
    "Lines",
    "Liquidator",
    "Makers",
    "News",
    "Predators",
    "Redemptions",
    "Rescue",
    "Section",
    "Settings",
    "Stocks",
    "VolatilityIndex",
    "quantity",
    "shares",
]
