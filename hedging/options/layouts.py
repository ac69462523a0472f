"""The shapes that tables of option quotes come in, each turned into one row a quote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from types import MappingProxyType
from typing import Final

from cqkit.errors import InputError, raise_faults
from cqkit.plain import first_few, shown
from cqkit.readers import Cells
from hedging.series import columns as names
from hedging.series.frames import cells_of
from hedging.series.opening import cut
from hedging.series.reading import TOLD_BY_THE_FILE, Reading

_OTHER_NAMES: Final = {
    "date": ("quote_date", "quotedate", "quote date", "trade_date", "trade date", "data_date", "timestamp", "交易日期",
             "日期"),
    "expiry": ("expiration", "expiration_date", "expiration date", "expiry_date", "expiry date", "expire_date",
               "exdate", "expirydate", "expir_date", "maturity", "到期日", "到期日期", "行权日"),
    "strike": ("strike_price", "strike price", "strikeprice", "行权价", "行权价格", "执行价", "执行价格",
               "履約價"),
    "type": ("option_type", "option type", "optiontype", "cp_flag", "call_put", "call/put", "callput", "put/call",
             "right", "类型", "期权类型", "认购认沽", "认购/认沽", "合约类型", "買賣權"),
    "bid": ("best_bid", "bid_price", "bid price", "买价", "买一价", "买入价", "買價"),
    "ask": ("best_offer", "best_ask", "ask_price", "ask price", "offer", "卖价", "卖一价", "卖出价",
            "賣價"),
    "price": ("mid", "close", "settle", "settlement", "settlement_price", "last", "last_price", "收盘价", "结算价"),
    "spot": ("underlying", "underlying_price", "underlying price", "underlying_last", "underlying_value",
             "underlying value", "spot_price", "stock_price", "index_price", "标的价格", "标的收盘价", "標的價格"),
    "forward": ("forward_price", "futures", "futures_price"),
    "rate": ("interest_rate", "interest rate", "risk_free_rate", "r", "利率"),
    "root": ("option_root", "trading_class", "tradingclass", "class", "symbol", "contractsymbol", "contract_symbol",
             "option_symbol", "contract", "合约代码"),
}  # fmt: skip
_CODE = re.compile(r"[.]?(?P<root>[A-Z^]{1,6})\s*(?P<expiry>\d{6})(?P<type>[CP])(?P<strike>\d{4,8})(?:-[A-Z])?")
# An expiry in the name of a file, as NSE names its chains: option-chain-ED-NIFTY-28-Mar-2024.csv.
_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{1,2}-[a-z]{3}-\d{4}|\d{4}-\d\d-\d\d)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class QuoteTable:
    """Cells of a file of quotes.

    Attributes
    ----------
    file : str
        The file's name without its folder.
    columns : tuple of str
        By the names of `load_quotes` where they are known.
    rows : list of (int, list of str)
        The row of the file that each quote stands in, and its cells.
    notes : tuple of str
        What was read as something else.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    notes: tuple[str, ...] = ()
    found: tuple[str, ...] = ()  # the columns as the file has them
    delimiter: str = ""
    how: tuple[str, ...] = ()  # it was read, a few words each

    def cells(self, name: str) -> list[tuple[int, str]]:
        """A column's cells with their rows."""
        place = self.columns.index(name)
        return [(row, cells[place]) for row, cells in self.rows]


def read_quote_table(
    path: str | PathLike[str], reading: Reading = TOLD_BY_THE_FILE, said: Mapping[str, str] = MappingProxyType({})
) -> QuoteTable:
    """Read a file of quotes, one row a quote or calls and puts side by side, as CBOE and NSE have them.

    Parameters
    ----------
    path : path
        The file.
    reading : Reading
        What the user says of it.
    said : mapping
        `date`, `expiry` or `spot` of all its quotes, where the file does not have them.

    Raises
    ------
    InputError
        When it cannot be read, or a table side by side lacks what is neither in it, nor above it, nor said.
    """
    file, cells = cells_of(path, "quotes")
    in_name = _DAY_IN_NAME.findall(file)
    if "expiry" not in said and len(in_name) == 1:
        said = {**said, "name": in_name[0]}
    table = _side_by_side(file, cells, reading, said) or _filled(_row_by_row(file, cells, reading), said)
    has = {_ours(column) for column in table.found}
    unused = [name for name in ("date", "expiry", "spot") if name in said and name in has]
    raise_faults([f"{name} = {said[name]}: must be left out: {file} has a column {name}" for name in unused])
    return table


def _row_by_row(file: str, cells: Cells, reading: Reading) -> QuoteTable:
    """Read a table with a row a quote."""
    layout = cut(file, cells, reading, also_dates=lambda name: _ours(name) == "expiry")
    columns = tuple(name.lower() for name in layout.columns)
    raise_faults(
        [
            f"{file}: column {name} occurs {columns.count(name)} times: must occur once"
            for name in sorted({name for name in columns if name and columns.count(name) > 1})
        ]
    )
    rows = [(row, list(found)) for row, found in layout.rows]
    table = QuoteTable(file, columns, rows, delimiter=layout.delimiter, how=layout.notes)
    return _with_roots(_renamed(table, layout.columns, reading))


def _ours(name: str) -> str:
    """What a column goes by here; empty if it is none of ours."""
    low = name.strip().lower()
    return next((ours for ours, others in _OTHER_NAMES.items() if low == ours or low in others), "")


def _renamed(table: QuoteTable, found: tuple[str, ...], reading: Reading) -> QuoteTable:
    """Give columns the names that they go by here, where a file has another one for them."""
    columns = list(table.columns)
    notes = []
    if reading.column is not None:
        asked = names.places(found, reading.column)
        if not asked:
            listed = first_few(columns, 20, lambda name: shown(name, "(unnamed)"))
            raise InputError(f"{table.file}: columns found: {listed}: must have {reading.column}, as --column says")
        # What is asked for is the price, whatever else is quoted.
        columns = ["" if name in {"bid", "ask", "price"} or _ours(name) in {"bid", "ask"} else name for name in columns]
        columns[asked[0]] = "price"
        notes.append(f"{table.columns[asked[0]]} as price")
    has_quotes = False
    for ours, others in _OTHER_NAMES.items():
        if ours == "price" and (has_quotes or "strike" not in columns):
            continue  # bid and ask are better than a last price, and a close without a strike is no option's
        known = next((name for name in others if name in columns), None)
        if ours not in columns and known is not None:
            columns[columns.index(known)] = ours
            if ours != "root":
                notes.append(f"{known} as {ours}")
        has_quotes = {"bid", "ask"} <= set(columns)
    said = (f"{table.file}: read {', '.join(notes)}",) if notes else ()
    return replace(table, columns=tuple(columns), notes=said, found=table.columns)


def _with_roots(table: QuoteTable) -> QuoteTable:
    """Keep of an option's code (SPXW240315C05100000) its root, and what else the table does not say."""
    if "root" not in table.columns:
        return table
    place = table.columns.index("root")
    codes = [_CODE.fullmatch(cells[place].strip().upper()) for _, cells in table.rows]
    for (_, cells), code in zip(table.rows, codes, strict=True):
        cells[place] = code["root"] if code else cells[place].strip().upper()
    more: dict[str, list[str]] = {}
    for name in ("expiry", "type", "strike"):
        if name not in table.columns and all(code is not None for code in codes):
            more[name] = [_of_code(code, name) for code in codes if code is not None]
    note = (f"{table.file}: {', '.join(more)} as the options' codes say",) if more else ()
    rows = [(row, [*cells, *(more[name][at] for name in more)]) for at, (row, cells) in enumerate(table.rows)]
    return replace(table, columns=(*table.columns, *more), rows=rows, notes=(*table.notes, *note))


def _of_code(code: re.Match[str], name: str) -> str:
    """A part of an option's code as a cell."""
    if name == "expiry":
        return f"20{code[name][:2]}-{code[name][2:4]}-{code[name][4:]}"
    return f"{int(code[name]) / 1000:g}" if name == "strike" and len(code[name]) == 8 else code[name]


def _filled(table: QuoteTable, said: Mapping[str, str]) -> QuoteTable:
    """A table with columns for what the user says of all its quotes, or its name of their expiry."""
    given = {name: said[name] for name in ("date", "expiry", "spot") if name in said and name not in table.columns}
    notes = table.notes
    if "name" in said and "expiry" not in table.columns:
        given["expiry"] = said["name"]
        notes = (*notes, f"{table.file}: expiry {said['name']}, as its name says")
    rows = [(row, [*cells, *given.values()]) for row, cells in table.rows]
    return replace(table, columns=(*table.columns, *given), rows=rows, notes=notes)


def _side_by_side(file: str, cells: Cells, reading: Reading, said: Mapping[str, str]) -> QuoteTable | None:
    """Read a table with calls at the left of the strikes and puts at the right; None if it is no such table."""
    for place, row in enumerate(cells.rows[:20]):
        header = [_ours(cell) or cell.lower() for cell in row]
        if header.count("strike") == 1 and header.count("bid") == header.count("ask") == 2:
            return _both_sides(file, cells, place, header, reading, said)
    return None


def _both_sides(
    file: str, table: Cells, place: int, header: list[str], reading: Reading, said: Mapping[str, str]
) -> QuoteTable:
    """Turn every row below the header into a call and a put; what it has no column for stands above it, or is said."""
    first_row, middle = table.first_row, header.index("strike")
    above = [cell for row in table.rows[:place] for cell in row]
    known = {
        "date": said.get("date") or _after("date", above),
        "expiry": said.get("expiry") or said.get("name"),
        "spot": said.get("spot") or _after("last", above),
    }
    common = {name: header.index(name) if name in header else None for name in known}
    missing = [name for name, at in common.items() if at is None and known[name] is None]
    if missing:
        options = ", ".join(f"--{name}" for name in missing)
        raise InputError(
            f"{file}: row {first_row + place}: calls and puts side by side, without {', '.join(missing)}: must have a "
            f"column for each, or say it with {options}"
        )
    asked = _asked_on_both_sides(file, table.rows[place], reading)
    priced = ("bid", "ask") if asked is None else (asked,)
    quotes: list[tuple[int, list[str]]] = []
    for row, cells in enumerate(table.rows[place + 1 :], first_row + place + 1):
        if not any(cells):
            continue
        if len(cells) < len(header):
            raise InputError(f"{file}: row {row}: {len(cells)} cells: must have {len(header)}, as the header has")
        shared = [known[name] or "" if at is None else cells[at] for name, at in common.items()]
        for kind, first in (("call", 0), ("put", middle + 1)):
            prices = [cells[header.index(name, first)] for name in priced]
            root = cells[header.index(f"{kind}s")] if f"{kind}s" in header else ""
            quotes.append((row, [*shared, cells[middle], kind, *prices, root]))
    if not quotes:
        raise InputError(f"{file}: has no rows of data: must have at least one")
    columns = (*known, "strike", "type", *(priced if asked is None else ("price",)), "root")
    date, spot = (quotes[0][1][columns.index(name)] for name in ("date", "spot"))
    kind = "CBOE table" if "calls" in header else "chain"
    note = f"{file}: read as a {kind}, calls and puts side by side, of {date} with the index at {spot}"
    found = tuple(header)
    return _with_roots(QuoteTable(file, columns, quotes, (note,), found, delimiter=table.delimiter, how=table.notes))


def _asked_on_both_sides(file: str, header: list[str], reading: Reading) -> str | None:
    """The column of prices that is asked for, as the header is read here."""
    if reading.column is None:
        return None
    found = names.places(header, reading.column)
    if len(found) != 2:
        raise InputError(
            f"{file}: column {reading.column} occurs {len(found)} times: must occur for calls and for puts"
        )
    return _ours(header[found[0]]) or header[found[0]].lower()


def _after(word: str, cells: list[str]) -> str | None:
    """Find what stands after `word:` in the cells above a table."""
    for cell in cells:
        name, colon, value = cell.partition(":")
        if colon and name.strip().lower() == word and value.strip():
            return re.sub(r"\s+at\s.*$", "", value.strip(), flags=re.IGNORECASE)
    return None
