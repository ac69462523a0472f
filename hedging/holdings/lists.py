"""A list of holdings, a row a holding, as funds, custodians and form 13F have it: from cells to rows of numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from cqkit.numbers import NumberStyle, doubtful_point, is_missing, like_a_number, parse_number, style_of
from cqkit.plain import first_few, shown
from cqkit.readers import Cells
from hedging.holdings.columns import SIZES, cut_mark, kind_of, places_of, unit_of, words
from hedging.series.columns import key

_HEAD = 60  # rows in which a header is looked for
NUMBERS: Final = ("value", "shares", "weight", "price", "adv", "adv_shares", "volatility", "beta", "index_weight")
_CASH: Final = words(
    "cash usd cny cnh rmb hkd eur gbp jpy sgd aud cad chf usdcash cnycash moneymarket 现金 银行存款 备付金 结算备付金 "
    "清算备付金 存出保证金 保证金 货币资金 现金及等价物"
)
_CASH_WORDS = re.compile(r"\bcash\b|现金|银行存款|备付金|保证金|\bmoney market\b", re.IGNORECASE)
_TOTAL = re.compile(r"(grand|sub)?\s*-?totals?\b.*|sum|合\s*计.*|小\s*计.*|总\s*计.*|gesamt|summe", re.IGNORECASE)
_NO_STOCK = re.compile(
    r".*(future|forward|option|warrant|swap|bond|fixed income|fx\b|期货|期权|债|回购|\bput\b|\bcall\b).*", re.IGNORECASE
)
_SHORT: Final = words("short s sell 空 空头 卖 卖出 融券 做空")
_LONG: Final = words("long l buy b 多 多头 买 买入 做多")


@dataclass
class Row:
    """One holding as a file has it."""

    number: int
    fund: str
    ticker: str
    title: str
    sector: str
    currency: str
    cash: bool
    wrong: bool  # something in it has been told
    sizes: dict[str, float] = field(default_factory=dict)  # of NUMBERS; NaN where blank


@dataclass
class HoldingsList:
    """All holdings of a file, with what was said and what was wrong on the way."""

    file: str
    named: frozenset[str]  # kinds of columns that the header has
    rows: list[Row]
    notes: list[str]
    faults: list[str]


def header_of(cells: Cells) -> int | None:
    """The place of the header of a list: the row that names most of the known columns; None if there is no list."""
    best, found = 1, None
    for place, row in enumerate(cells.rows[:_HEAD]):
        kinds = places_of(row)
        numbers = sum(like_a_number(cell) for cell in row if not is_missing(cell))
        # One name makes a header only where there is no room for a matrix.
        lone = "ticker" in kinds and sum(map(bool, row)) <= 3
        named = len(kinds) + lone if {"ticker", "title"} & set(kinds) and numbers <= len(kinds) // 3 else 0
        if named > best:
            best, found = named, place
    return found


def read_list(file: str, cells: Cells, header: int) -> HoldingsList:
    """Turn rows into holdings; what is no holding is left out and said, what cannot be read is kept as a fault."""
    names = cells.rows[header]
    places = places_of(names)
    found = HoldingsList(file, frozenset(places), [], [f"{file}: {note}" for note in cells.notes], [])
    if header:
        found.notes.append(f"{file}: names of columns are in row {cells.first_row + header}")
    body = [
        (number, [*row, *[""] * (len(names) - len(row))])
        for number, row in enumerate(cells.rows[header + 1 :], cells.first_row + header + 1)
        if any(row)
    ]
    known = Counter(key(name) for name in names if kind_of(name) in (*NUMBERS, "ticker", "fund"))
    twice = [name for name in names if known.pop(key(name), 1) > 1]
    found.faults += [f"{file}: column {name} occurs more than once: must occur once" for name in twice]
    numeric = [places[kind] for kind in NUMBERS if kind in places]
    columns = [[(number, cut_mark(row[place])[0]) for number, row in body] for place in numeric]
    style = _style(found, columns, cells.delimiter)
    left: dict[str, list[int]] = {}
    for number, row in body:
        reason = _no_holding(row, names, places)
        if reason:
            left.setdefault(reason, []).append(number)
        elif len(row) > len(names) and any(row[len(names) :]):
            found.faults.append(
                f"{file}: row {number}: {len(row)} cells: must have {len(names)}, as the header has: a comma between "
                "thousands without quotation marks?"
            )
        else:
            found.rows.append(_row(found, number, row, names, places, style))
    for reason, numbers in left.items():
        found.notes.append(f"{file}: {_rows(numbers)} left out: {reason}")
    _fill_funds(found)
    _pad_codes(found, "ticker" in places and bool(re.search("[一-鿿]", names[places["ticker"]])))
    _percent(found, names, places)
    return found


def _style(found: HoldingsList, columns: Sequence[Sequence[tuple[int, str]]], delimiter: str) -> NumberStyle:
    """How numbers are written; where every point has three digits behind it, what is taken for so is said."""
    doubt = doubtful_point(columns)
    if doubt is None:
        return style_of(found.file, columns, [], delimiter)
    (row, cell), decimal = doubt, "," if delimiter == ";" else "."
    taken, otherwise = (parse_number(cell, NumberStyle(mark)) for mark in (decimal, "." if decimal == "," else ","))
    found.notes.append(
        f"{found.file}: row {row}: {cell} is taken for {taken:.10g}, not {otherwise:.10g}: no number in the file tells "
        "which its point is; 1500.0 would"
    )
    return NumberStyle(decimal)


def _fill_funds(found: HoldingsList) -> None:
    """A blank fund below a named one is the same: as of cells that are merged."""
    filled, fund = [], ""
    for row in found.rows:
        if not is_missing(row.fund):
            fund = row.fund
        elif fund:
            row.fund = fund
            filled.append(row.number)
    if filled:
        found.notes.append(f"{found.file}: {_rows(filled)}: no fund: taken for that of the row above")


def _no_holding(row: list[str], names: list[str], places: dict[str, int]) -> str:
    """Why a row is no holding; empty if it is one."""
    if row[: len(names)] == names:
        return "the header again"
    known = [row[place] for kind, place in places.items() if kind in NUMBERS]
    filled = [cell for cell in row if not is_missing(cell)]
    if not filled:
        return "blank"
    if any(_TOTAL.fullmatch(row[places[kind]]) for kind in ("ticker", "title", "fund") if kind in places):
        return "a total"
    if _TOTAL.fullmatch(filled[0]):
        return "a total"
    if len(filled) == 1 and not any(like_a_number(cell) for cell in known):
        return "a line of words"
    if "kind" in places and _NO_STOCK.fullmatch(row[places["kind"]]):
        return "futures, options, bonds and the like are no stocks"
    if all(is_missing(row[places[kind]]) for kind in SIZES if kind in places) and any(k in places for k in SIZES):
        return "no size in it"
    return ""


def _row(
    found: HoldingsList, number: int, row: list[str], names: list[str], places: dict[str, int], style: NumberStyle
) -> Row:
    """One row as a holding; its faults go to the list."""
    before = len(found.faults)
    cell = {kind: row[place] for kind, place in places.items()}
    ticker, title = cell.get("ticker", ""), cell.get("title", "")
    ticker = "" if is_missing(ticker) else ticker
    kind = cell.get("kind", "")
    cash = (
        key(ticker) in _CASH
        or bool(_CASH_WORDS.search(kind))
        or (not ticker and (key(title) in _CASH or bool(_CASH_WORDS.search(title))))
    )
    if not ticker and not cash:
        if "ticker" in places:
            found.faults.append(f"{found.file}: row {number}: no {names[places['ticker']]}: must name the stock")
        ticker = title
    sizes: dict[str, float] = {
        kind: _number(found, number, names[places[kind]], cell[kind], style) for kind in NUMBERS if kind in places
    }
    _check(found, number, sizes, cash)
    if "side" in cell and not is_missing(cell["side"]):
        _turn(found, number, cell["side"], sizes)
    fund = cell.get("fund", "")
    wrong = len(found.faults) > before
    return Row(number, fund, ticker, title, cell.get("sector", ""), cell.get("currency", ""), cash, wrong, sizes)


def _number(found: HoldingsList, number: int, name: str, cell: str, style: NumberStyle) -> float:
    """A cell as a number in its column's unit; NaN where it is blank, or wrong and told."""
    if is_missing(cell):
        return np.nan
    text, mark = cut_mark(cell.strip())
    try:
        return parse_number(text, style) * (mark if mark != 1.0 else unit_of(name))
    except ValueError as error:
        allowed = str(error).replace("a price, not a percentage or volume", "a number")
        found.faults.append(f"{found.file}: row {number}: {name} = {shown(cell)}: {allowed}")
        return np.nan


def _check(found: HoldingsList, number: int, sizes: dict[str, float], cash: bool) -> None:
    """Tell what cannot be; 0 for a price, an ADV or a volatility is not known."""
    bounds = {"price": 1e9, "adv": 1e18, "adv_shares": 1e18, "volatility": 1e4, "index_weight": 100.0}
    for kind, most in bounds.items():
        size = sizes.get(kind, np.nan)
        if size < 0 and not cash:
            found.faults.append(f"{found.file}: row {number}: {kind.replace('_', ' ')} = {size:g}: must be positive")
        elif size > most:
            found.faults.append(f"{found.file}: row {number}: {kind.replace('_', ' ')} = {size:g}: at most {most:g}")
        elif size == 0 and kind != "index_weight":
            sizes[kind] = np.nan
    if abs(sizes.get("beta", 0.0)) > 10:
        found.faults.append(f"{found.file}: row {number}: beta = {sizes['beta']:g}: must lie in -10..10")
    for kind in SIZES:
        if abs(sizes.get(kind, 0.0)) > 1e18:
            found.faults.append(f"{found.file}: row {number}: {kind} = {sizes[kind]:g}: at most 1e18")


def _turn(found: HoldingsList, number: int, side: str, sizes: dict[str, float]) -> None:
    """Give sizes the sign that a column of sides says."""
    word = key(side)
    if word not in (*_SHORT, *_LONG) and side.strip() not in {"-1", "+1", "1"}:
        found.faults.append(f"{found.file}: row {number}: side = {shown(side)}: must be long or short")
    elif word in _SHORT or side.strip() == "-1":
        for kind in SIZES:
            if kind in sizes:
                sizes[kind] = -abs(sizes[kind])


def _pad_codes(found: HoldingsList, chinese: bool) -> None:
    """Give Chinese codes back the zeros that a spreadsheet has cut: 1 is 000001."""
    codes = [row for row in found.rows if not row.cash and re.fullmatch(r"\d{1,6}", row.ticker, re.ASCII)]
    whole = sum(len(row.ticker) == 6 for row in codes)
    cut = [row for row in codes if len(row.ticker) < 6]
    if not cut or not (chinese or 2 * whole > len(codes)):
        return
    for row in cut:
        row.ticker = row.ticker.zfill(6)
    numbers = [row.number for row in cut]
    found.notes.append(f"{found.file}: {_rows(numbers)}: codes of six digits had lost their zeros, which are put back")


def _percent(found: HoldingsList, names: list[str], places: dict[str, int]) -> None:
    """Tell percent by the sum of a column where nothing names its unit."""
    for kind, most in (("weight", 10.0), ("index_weight", 1.5)):
        funds = {row.fund for row in found.rows}
        sizes = [abs(row.sizes[kind]) for row in found.rows if kind in row.sizes and not np.isnan(row.sizes[kind])]
        if kind not in places or unit_of(names[places[kind]]) != 1.0 or sum(sizes) <= most * len(funds):
            continue
        for row in found.rows:
            row.sizes[kind] = row.sizes[kind] / 100
        found.notes.append(f"{found.file}: column {names[places[kind]]} adds up to {sum(sizes):.4g}: read as percent")


def _rows(numbers: list[int]) -> str:
    return ("row " if len(numbers) == 1 else "rows ") + first_few(numbers, 5)
