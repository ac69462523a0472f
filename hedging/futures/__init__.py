"""Futures prices that are not the index: contract by contract, or one series spliced out of many contracts."""

from hedging.futures.codes import contract_month
from hedging.futures.files import FuturesFile, load_futures
from hedging.futures.rolling import RolledFutures, rolled

__all__ = ["FuturesFile", "RolledFutures", "contract_month", "load_futures", "rolled"]
