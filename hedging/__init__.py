"""Index-futures hedging: contracts, margin account, policies and replay over any price paths."""

from hedging.account import MarginAccount
from hedging.arrays import BoolArray, FloatArray, IntArray
from hedging.book import HedgeBook, WhenExhausted
from hedging.contracts import IF, FuturesContract
from hedging.exceptions import CrowdquakeError, InputError, raise_faults
from hedging.joining import JoinedSeries, join_series
from hedging.policies import FullHedge, HedgePolicy, HedgeView, make_policy, policy_names, register
from hedging.replay import replay
from hedging.result import HedgeResult
from hedging.series import load_closes

__all__ = [
    "IF",
    "BoolArray",
    "CrowdquakeError",
    "FloatArray",
    "FullHedge",
    "FuturesContract",
    "HedgeBook",
    "HedgePolicy",
    "HedgeResult",
    "HedgeView",
    "InputError",
    "IntArray",
    "JoinedSeries",
    "MarginAccount",
    "WhenExhausted",
    "join_series",
    "load_closes",
    "make_policy",
    "policy_names",
    "raise_faults",
    "register",
    "replay",
]
