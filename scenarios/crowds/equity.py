"""What funds own: equity or leverage by fund, from a table of the user's or from the lists of holdings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import NumberStyle, is_missing, parse_number, style_of
from cqkit.plain import shown
from cqkit.tables import fitted, read_cells, width_faults
from hedging.holdings import book_file, header_of

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
    listed: set[str] = set()
    for number, row in body:
        value = _number(f"{file}: row {number}: {header[place]}", row[place], style, faults)
        if row[fund] in listed:
            faults.append(f"{file}: row {number}: fund {shown(row[fund])} is listed before: must be listed once")
        listed.add(row[fund])
        if value is not None:
            found[row[fund]] = value
    raise_faults(faults)
    return ({}, found) if equity is None else (found, {})


def equity_beside(path: str | PathLike[str]) -> tuple[dict[str, float], dict[str, float]]:
    """What a list of holdings itself says of its funds: equity and leverage by fund, of a column of that name.

    The first number that a fund's rows have holds; a file of one fund goes by its name. InputError as of `read_equity`.
    """
    file, cells = book_file(path), read_cells(book_file(path))
    place = header_of(cells)
    if place is None:
        return {}, {}
    header = [name.lower() for name in cells.rows[place]]
    fund = _place(header, _FUND[:1] + _FUND[3:])
    body = [
        (number, fitted(row, len(header)))
        for number, row in enumerate(cells.rows[place + 1 :], cells.first_row + place + 1)
        if any(row)
    ]
    found: list[dict[str, float]] = []
    faults: list[str] = []
    for names in (_EQUITY[:2], _LEVERAGE):
        column, told = _place(header, names), dict[str, float]()
        found.append(told)
        if column is None:
            continue
        style = style_of(file.name, [[(number, row[column]) for number, row in body]], [], cells.delimiter)
        for number, row in body:
            name, cell = file.stem if fund is None else row[fund], row[column]
            if is_missing(cell) or name in told:
                continue
            value = _number(f"{file.name}: row {number}: {header[column]}", cell, style, faults)
            told |= {} if value is None else {name: value}
    raise_faults(faults)
    return found[0], found[1]


def _number(where: str, cell: str, style: NumberStyle, faults: list[str]) -> float | None:
    """A positive number; None if it is none, which goes to the faults."""
    try:
        value = parse_number(cell, style)
    except ValueError as error:
        faults.append(f"{where} = {shown(cell)}: {error}".replace("a price, not", "not"))
        return None
    if not value > 0:
        faults.append(f"{where} = {shown(cell)}: must be positive")
        return None
    return value


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)
