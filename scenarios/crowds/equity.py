"""What funds own: a table of funds and their equity, or their leverage, from the user's file."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import parse_number, style_of
from cqkit.plain import shown
from cqkit.tables import fitted, read_cells, width_faults

_FUND: Final = ("fund", "book", "name", "portfolio", "基金")
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
    file, cells = Path(path).name, read_cells(path)
    rows = [(number, row) for number, row in enumerate(cells.rows, cells.first_row) if any(row)]
    header = [name.lower() for name in rows[0][1]]
    fund, equity, leverage = (_place(header, names) for names in (_FUND, _EQUITY, _LEVERAGE))
    place = leverage if equity is None else equity
    if fund is None or place is None:
        told = ", ".join(filter(None, header))
        raise InputError(f"{file}: columns {told}: must have fund, and equity or leverage (gross book over it)")
    faults = [fault for number, row in rows[1:] for fault in width_faults(file, number, row, len(header))]
    raise_faults(faults)
    body = [(number, fitted(row, len(header))) for number, row in rows[1:]]
    style = style_of(file, [[(number, row[place]) for number, row in body]], [], cells.delimiter)
    found: dict[str, float] = {}
    for number, row in body:
        where = f"{file}: row {number}"
        try:
            value = parse_number(row[place], style)
        except ValueError as error:
            faults.append(f"{where}: {header[place]} = {shown(row[place])}: {error}".replace("a price, not", "not"))
            continue
        if not value > 0:
            faults.append(f"{where}: {header[place]} = {shown(row[place])}: must be positive")
        if row[fund] in found:
            faults.append(f"{where}: fund {shown(row[fund])} is listed before: must be listed once")
        found[row[fund]] = value
    raise_faults(faults)
    return ({}, found) if equity is None else (found, {})


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)
