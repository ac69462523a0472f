"""The engine: a margin account, a book that is closed day by day, the seat of its policy, and replays."""

from hedging.engine.account import MarginAccount
from hedging.engine.book import HedgeBook
from hedging.engine.replaying import replay
from hedging.engine.result import HedgeResult
from hedging.engine.seat import Seat

__all__ = ["HedgeBook", "HedgeResult", "MarginAccount", "Seat", "replay"]
