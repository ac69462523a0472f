"""Margin across several contracts of an exchange that takes it from one side only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.contracts.specification import FuturesContract


def larger_side_margin(
    contracts: Sequence[FuturesContract], short: FloatArray, price: FloatArray, rate: FloatArray | None = None
) -> FloatArray:
    """Money to post for positions in several contracts: the margin of the long ones or of the short ones, the larger.

    So CFFEX takes it across index futures (notice of July 2022); a position on one side alone posts as without netting.

    Parameters
    ----------
    contracts : sequence of FuturesContract
        What is held, all of one currency.
    short : FloatArray, shape (contracts, paths)
        Contracts short of each; negative where long.
    price : FloatArray, shape (contracts, paths)
        Futures prices, in points.
    rate : FloatArray, shape (contracts,), optional
        Initial margins in force, as a share of notional; the contracts' own if left out.

    Returns
    -------
    FloatArray, shape (paths,)
        Money to post.

    Raises
    ------
    InputError
        When shapes do not fit, or currencies differ.
    """
    currencies = dict.fromkeys(contract.currency for contract in contracts)
    if len(currencies) != 1:
        raise InputError(
            f"contracts: in {', '.join(currencies) or 'no currency'}: must be in one currency, at least one"
        )
    if short.shape != price.shape or len(short) != len(contracts):
        raise InputError(f"short: shape {short.shape}, price: {price.shape}: must be ({len(contracts)}, paths) both")
    rates = [contract.initial_margin for contract in contracts] if rate is None else rate
    margin = np.array(
        [
            each * held.notional(number, level)
            for each, held, number, level in zip(rates, contracts, short, price, strict=True)
        ]
    )
    return np.maximum(np.maximum(margin, 0).sum(axis=0), np.maximum(-margin, 0).sum(axis=0))
