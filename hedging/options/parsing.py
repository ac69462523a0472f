"""From the cells of a table of quotes to dates and numbers, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cqkit.numbers import NumberStyle, is_missing, style_of
from cqkit.plain import shown
from hedging.options.layouts import QuoteTable
from hedging.options.quoted import bid_cell, call_cell, is_nothing, rate_cell
from hedging.options.repeats import fault_between_cells, repeats, shared_value_faults
from hedging.series.dates import dating_of
from hedging.series.days import days_of
from hedging.series.opening import fitting_format, positive_number, style_notes
from hedging.series.reading import DECIMALS, Reading

_REQUIRED = ("date", "expiry", "strike", "type")
_DATES = ("date", "expiry")
_PARSERS: Final[dict[str, Callable[[str, NumberStyle], object]]] = {
    "strike": positive_number,
    "type": call_cell,
    "bid": bid_cell,
    "ask": positive_number,
    "price": positive_number,
    "spot": positive_number,
    "forward": positive_number,
    "rate": rate_cell,
    "root": lambda cell, _: cell,
}
_NUMBERS = tuple(name for name in _PARSERS if name not in {"type", "root"})
_PRICES = ("bid", "ask", "price")


class Faults(NamedTuple):
    """What is wrong, each with its row: with the file, and with prices, which only count where they are used."""

    file: list[tuple[int, str]]
    prices: dict[int, list[str]]  # by place among the quotes


def column_faults(table: QuoteTable) -> list[str]:
    """Say which columns a table lacks, and which options stand for them."""
    have = set(table.columns)
    missing = [name for name in _REQUIRED if name not in have]
    if not (have >= {"bid", "ask"} or "price" in have):
        missing.append("bid and ask, or price")
    if not have & {"spot", "forward"}:
        missing.append("spot or forward")
    found = ", ".join(column or "(unnamed)" for column in table.found or table.columns)
    options = [f"--{name}" for name in ("date", "expiry", "spot") if {name, f"{name} or forward"} & set(missing)]
    said = f" (or {', '.join(options)} for all quotes)" if options else ""
    return [f"{table.file}: columns found: {found}: must also have {'; '.join(missing)}{said}"] if missing else []


def parse_quotes(
    table: QuoteTable, reading: Reading, said: Mapping[str, str]
) -> tuple[pd.DataFrame, Faults, list[str]]:
    """Parse every column that is used.

    Parameters
    ----------
    table : QuoteTable
        With all columns that are needed.
    reading : Reading
        What the user says of the file.
    said : mapping
        What he says of all its quotes, as of `read_quote_table`.

    Returns
    -------
    tuple
        Values by column, one row a quote, missing where at fault; the faults; and how the file was read.
    """
    style = _style(table, reading, said)
    quoted = {"bid", "ask"} <= set(table.columns)
    faults = Faults([], {})
    columns: dict[str, list[object]] = {"row": [row for row, _ in table.rows]}
    how: list[str] = []
    for name, beside in zip(_DATES, reversed(_DATES), strict=True):
        columns[name], wrong, more = _days(table, name, beside, reading)
        faults.file.extend(wrong)
        how += [line for line in more if line not in how]
    for name, parse in _PARSERS.items():
        if name not in table.columns or (quoted and name == "price"):
            continue
        position = table.columns.index(name)
        values: list[object] = []
        for place, (row, cells) in enumerate(table.rows):
            found = cells[position]
            if name in _PRICES and _unquoted(table, cells, style):
                values.append(np.nan)
                continue
            try:
                values.append(parse(found, NumberStyle() if name in said else style))
            except ValueError as error:
                values.append(None)
                said_of_it = f"{name} = {shown(found)}: {error}"
                if name in _PRICES:
                    faults.prices.setdefault(place, []).append(said_of_it)
                else:
                    faults.file.append((row, said_of_it))
        columns[name] = values
    return pd.DataFrame(columns), faults, [*table.how, *style_notes(style), *how]


def _style(table: QuoteTable, reading: Reading, said: Mapping[str, str]) -> NumberStyle:
    """Tell by all numbers of the file how they are written; what the user says is none of them."""
    columns = [
        [(row, cell) for row, cell in table.cells(name) if not is_missing(cell)]
        for name in _NUMBERS
        if name in table.columns and name not in said
    ]
    asked = DECIMALS.get(reading.decimal or "")
    # Strikes make a path; where they are whole, the first prices with a mark in them stand for it.
    strikes = columns[0]
    marked = [column for column in columns if any("." in cell or "," in cell for _, cell in column)]
    path = strikes if strikes in marked or not marked else marked[0]
    matters = strikes in marked or table.delimiter == ";"
    return style_of(table.file, columns, path, table.delimiter, asked, level_matters=matters, all_matter=True)


def _days(
    table: QuoteTable, name: str, beside: str, reading: Reading
) -> tuple[list[object], list[tuple[int, str]], list[str]]:
    """A column of dates, which writes day and month as the one beside it does; its faults, and how it was read."""
    cells, other = table.cells(name), [cell for _, cell in table.cells(beside)]
    asked = fitting_format((cell for _, cell in cells), reading)
    dating = replace(dating_of(table.file, [cell for _, cell in cells], asked, other), mixed=True)
    days, wrong, said = days_of(table.file, cells, dating, reading.tz, one_a_day=False, name=name)
    # Two quotes of a table side by side share a row.
    return [days.get(row) for row, _ in cells], list(dict.fromkeys(wrong)), said


def _unquoted(table: QuoteTable, cells: list[str], style: NumberStyle) -> bool:
    """Tell an option that nobody quotes: both sides, or its price, blank or 0."""
    names = ("bid", "ask") if {"bid", "ask"} <= set(table.columns) else ("price",)
    return all(is_nothing(cells[table.columns.index(name)], style) for name in names)


def look_between(parsed: pd.DataFrame, faults: Faults) -> None:
    """Find what is wrong between the cells of a row, or between rows."""
    for place, row, kind, fault in fault_between_cells(parsed):
        if kind == "price":
            faults.prices.setdefault(place, []).append(fault)
        else:
            faults.file.append((row, fault))
    faults.file.extend(repeats(parsed))
    faults.file.extend(shared_value_faults(parsed))
