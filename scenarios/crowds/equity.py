"""What funds own: a table of funds and their equity, or their leverage, from the user's file."""

from __future__ import annotations

from os import PathLike
from typing import Final

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import NumberStyle, parse_number
from cqkit.plain import shown
from cqkit.tables import read_table

_NAMES: Final = ("fund", "book", "name", "portfolio", "基金")
_EQUITY: Final = ("equity", "capital", "nav", "aum", "净资产")
_LEVERAGE: Final = ("leverage", "杠杆")


def read_equity(path: str | PathLike[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Read a table with a row a fund: a column `fund` and a column `equity` (money) or `leverage` (gross book over it).

    Returns
    -------
    (dict, dict)
        Equity, and leverage, by fund; each fund is in one of the two.

    Raises
    ------
    InputError
        One line a fault, with its row.
    """
    table = read_table(path)
    columns = {name: place for place, name in enumerate(table.columns)}
    fund = next((columns[name] for name in _NAMES if name in columns), None)
    equity = next((columns[name] for name in _EQUITY if name in columns), None)
    leverage = next((columns[name] for name in _LEVERAGE if name in columns), None)
    place = equity if equity is not None else leverage
    if fund is None or place is None:
        told = ", ".join(table.columns)
        raise InputError(f"{table.file}: columns {told}: must have fund, and equity or leverage (gross book over it)")
    found: dict[str, float] = {}
    faults = []
    for number, row in zip(table.numbers, table.rows, strict=True):
        name, cell = row[fund], row[place]
        try:
            value = parse_number(cell, NumberStyle())
        except ValueError as error:
            faults.append(
                f"{table.file}: row {number}: {table.columns[place]} = {shown(cell)}: {error}".replace(
                    "a price, not", "a number, not"
                )
            )
            continue
        if not value > 0:
            faults.append(f"{table.file}: row {number}: {table.columns[place]} = {shown(cell)}: must be positive")
        if name in found:
            faults.append(f"{table.file}: row {number}: fund {shown(name)} is listed before: must be listed once")
        found[name] = value
    raise_faults(faults)
    return (found, {}) if equity is not None else ({}, found)
