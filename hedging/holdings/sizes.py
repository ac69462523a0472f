"""What a list of holdings is worth: sizes in money, ADV in money a day, volatility a day."""

from __future__ import annotations

from typing import Final

import numpy as np

from cqkit.plain import first_few
from hedging.holdings.lists import HoldingsList, Row
from hedging.series.money import iso_code

_YEAR: Final = 252  # trading days
_ANNUAL: Final = 0.1  # a median above it is of a year: no market's stocks move so much in a day


def resolve_sizes(listed: HoldingsList, total: float | None) -> None:
    """Give every row a value in money; what is missing for that goes to the faults, a missing column once."""
    named, file = listed.named, listed.file
    priced = any(np.isfinite(row.sizes.get("price", np.nan)) for row in listed.rows)
    if not {"value", "shares", "weight"} & named:
        listed.faults.append(f"{file}: no column of sizes: must have shares and price, market value, or weight")
    elif "value" in named or ("shares" in named and priced) or ("weight" in named and total is not None):
        _resolve_rows(listed, total)
    elif "weight" in named:
        listed.faults.append(
            f"{file}: weights without a total: must have a column market value, or shares and price, or be told what "
            "the book is worth"
        )
    else:
        listed.faults.append(
            f"{file}: shares without price: must have a column price or market value, or a history of prices"
        )


def _resolve_rows(listed: HoldingsList, total: float | None) -> None:
    apart: list[int] = []
    for row in listed.rows:
        sizes = row.sizes
        value, shares, price, weight = (sizes.get(kind, np.nan) for kind in ("value", "shares", "price", "weight"))
        worth = shares * (1.0 if row.cash and np.isnan(price) else price)
        if np.isnan(value):
            value = worth if not np.isnan(worth) or total is None else weight * total
        elif np.isfinite(worth) and abs(worth - value) > 0.02 * abs(value):
            apart.append(row.number)
            # A short position may have the sign in one of the two only.
            value = -abs(value) if shares < 0 else value
        if np.isnan(value) and not row.wrong:
            lacking = "shares without price" if not np.isnan(shares) else "no market value"
            listed.faults.append(f"{listed.file}: row {row.number}: {lacking}: must have a price or a market value")
        sizes["value"] = value
    if apart:
        listed.notes.append(
            f"{listed.file}: market value is not shares x price in {len(apart)} rows ({first_few(apart, 5)}): market "
            "value holds"
        )


def currency_of(listed: HoldingsList, fund: str, rows: list[Row]) -> str:
    """The one currency of a book."""
    first: dict[str, int] = {}
    for row in rows:
        if row.currency:
            first.setdefault(iso_code(row.currency), row.number)
    if len(first) > 1:
        said = ", ".join(f"{code} (row {number})" for code, number in first.items())
        of = f" of {fund}" if fund else ""
        listed.faults.append(f"{listed.file}: holdings{of} in several currencies: {said}: must be in one")
    return next(iter(first), "")


def to_daily_money(listed: HoldingsList) -> None:
    """Bring ADV to money and volatility to a day, and say how they were read."""
    for row in listed.rows:
        volume = row.sizes.pop("adv_shares", np.nan)
        price = row.sizes.get("price", np.nan)
        if np.isnan(row.sizes.get("adv", np.nan)) and not np.isnan(volume):
            row.sizes["adv"] = volume * price
    if "adv" in listed.named:
        listed.notes.append(f"{listed.file}: ADV is read as money a day")
    elif "adv_shares" in listed.named:
        listed.notes.append(f"{listed.file}: ADV is read as shares a day, times price")
    known = np.array([row.sizes.get("volatility", np.nan) for row in listed.rows])
    if not np.isfinite(known).any():
        return
    middle = float(np.nanmedian(known))
    percent = 0.01 if middle > 1.5 else 1.0
    annual = middle * percent > _ANNUAL
    scale = percent / (np.sqrt(_YEAR) if annual else 1.0)
    for row in listed.rows:
        row.sizes["volatility"] = row.sizes.get("volatility", np.nan) * scale
    unit = "percent" if percent != 1.0 else "a ratio"
    listed.notes.append(
        f"{listed.file}: volatility (median {middle:.3g}) is read as {unit} {'a year' if annual else 'a day'}"
    )
