"""Index-futures contracts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

from hedging.arrays import FloatArray
from hedging.exceptions import raise_faults

Amount = TypeVar("Amount", float, FloatArray)


@dataclass(frozen=True)
class FuturesContract:
    """Terms of an index-futures contract.

    Parameters
    ----------
    name : str
        Exchange code.
    multiplier : float
        Money per index point.
    initial_margin : float
        Initial margin as a share of notional, above 0 and at most 1.
    currency : str
        ISO code of the money.

    Raises
    ------
    InputError
        When a term lies outside its range.
    """

    name: str
    multiplier: float
    initial_margin: float
    currency: str

    def __post_init__(self) -> None:
        where = f"contract {self.name or '(unnamed)'}"
        faults = [
            f"{where}: {term} = (empty): must be a word" for term in ("name", "currency") if not getattr(self, term)
        ]
        if not (math.isfinite(self.multiplier) and self.multiplier > 0):
            faults.append(f"{where}: multiplier = {self.multiplier}: must be positive and finite")
        if not 0 < self.initial_margin <= 1:
            faults.append(
                f"{where}: initial_margin = {self.initial_margin}: must lie above 0 and at most 1 "
                "(a share of notional, not percent)"
            )
        raise_faults(faults)

    def notional(self, contracts: Amount, price: Amount) -> Amount:
        """Money that `contracts` stand for at an index level of `price`; any matching shapes."""
        return contracts * price * self.multiplier

    def margin(self, contracts: Amount, price: Amount) -> Amount:
        """Money to post; a long position (negative `contracts`) needs as much as a short one."""
        return self.initial_margin * self.notional(abs(contracts), price)


# The 2008 report's terms. CSI 300 futures were listed in April 2010 only, so it takes the index for the
# futures price and assumes 10 % margin.
IF = FuturesContract(name="IF", multiplier=300.0, initial_margin=0.10, currency="CNY")
