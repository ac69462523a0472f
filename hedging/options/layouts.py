"""The shapes that tables of option quotes come in, each turned into one row a quote."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Final

from cqkit.errors import InputError
from cqkit.readers import Cells
from cqkit.tables import read_cells, table_of

_OTHER_NAMES: Final = {
    "date": ("quote_date", "quotedate", "quote date", "trade_date", "trade date", "data_date", "timestamp", "交易日期",
             "日期"),
    "expiry": ("expiration", "expiration_date", "expiration date", "expiry_date", "expiry date", "expire_date",
               "exdate", "expirydate", "expir_date", "maturity", "到期日", "到期日期", "行权日"),
    "strike": ("strike_price", "strike price", "strikeprice", "行权价", "行权价格", "执行价", "执行价格"),
    "type": ("option_type", "option type", "optiontype", "cp_flag", "call_put", "call/put", "callput", "put/call",
             "right", "类型", "期权类型", "认购认沽", "认购/认沽", "合约类型"),
    "bid": ("best_bid", "bid_price", "bid price", "买价", "买一价", "买入价"),
    "ask": ("best_offer", "best_ask", "ask_price", "ask price", "offer", "卖价", "卖一价", "卖出价"),
    "price": ("mid", "close", "settle", "settlement", "settlement_price", "last", "last_price", "收盘价", "结算价"),
    "spot": ("underlying", "underlying_price", "underlying price", "underlying_last", "underlying_value",
             "underlying value", "spot_price", "标的价格", "标的收盘价"),
    "forward": ("forward_price", "futures", "futures_price"),
    "rate": ("interest_rate", "interest rate", "risk_free_rate", "r", "利率"),
    "root": ("option_root", "trading_class", "tradingclass", "class", "symbol", "contractsymbol", "contract_symbol",
             "option_symbol", "contract", "合约代码"),
}  # fmt: skip
_CODE = re.compile(r"[.]?(?P<root>[A-Z^]{1,6})\s*\d{6}[CP]\d{4,8}(?:-[A-Z])?")


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


def read_quote_table(path: str | PathLike[str]) -> QuoteTable:
    """Read a file of quotes, one row a quote or CBOE's calls and puts side by side.

    Raises
    ------
    InputError
        When it cannot be read, or a table side by side lacks what stands above it.
    """
    path = Path(path)
    cells = read_cells(path)
    side_by_side = _side_by_side(path.name, cells)
    if side_by_side is not None:
        return side_by_side
    table = table_of(path.name, cells)
    rows = [(row, list(cells)) for row, cells in zip(table.numbers, table.rows, strict=True)]
    return _with_roots(_renamed(QuoteTable(table.file, table.columns, rows)))


def _renamed(table: QuoteTable) -> QuoteTable:
    """Give columns the names that they go by here, where a file has another one for them."""
    names = list(table.columns)
    notes = []
    has_quotes = False
    for ours, others in _OTHER_NAMES.items():
        if ours == "price" and (has_quotes or "strike" not in names):
            continue  # bid and ask are better than a last price, and a close without a strike is no option's
        known = next((name for name in others if name in names), None)
        if ours not in names and known is not None:
            names[names.index(known)] = ours
            if ours != "root":
                notes.append(f"{known} as {ours}")
        has_quotes = {"bid", "ask"} <= set(names)
    said = (f"{table.file}: read {', '.join(notes)}",) if notes else ()
    return replace(table, columns=tuple(names), notes=said, found=table.columns)


def _with_roots(table: QuoteTable) -> QuoteTable:
    """Keep of an option's code (SPXW240315C05100000) its root."""
    if "root" not in table.columns:
        return table
    place = table.columns.index("root")
    for _, cells in table.rows:
        code = _CODE.fullmatch(cells[place].strip().upper())
        cells[place] = code["root"] if code else cells[place].strip().upper()
    return table


def _side_by_side(file: str, cells: Cells) -> QuoteTable | None:
    """Read a table with calls at the left of the strikes and puts at the right; None if it is no such table."""
    for place, row in enumerate(cells.rows[:20]):
        header = [cell.lower() for cell in row]
        if header.count("strike") == 1 and header.count("bid") == header.count("ask") == 2:
            return _both_sides(file, cells, place, header)
    return None


def _both_sides(file: str, table: Cells, place: int, header: list[str]) -> QuoteTable:
    """Turn every row below the header into a call and a put."""
    first_row = table.first_row
    middle = header.index("strike")
    expiry = next((name for name in ("expiration date", "expiration", "expiry", "expiry date") if name in header), None)
    above = [cell for row in table.rows[:place] for cell in row]
    date = _after("date", above)
    spot = _after("last", above)
    missing = [
        said
        for said, found in (("a column Expiration Date", expiry), ("Date: above it", date), ("Last: above it", spot))
        if found is None
    ]
    if missing or expiry is None or date is None or spot is None:
        raise InputError(
            f"{file}: row {first_row + place}: calls and puts side by side: must also have {'; '.join(missing)}"
        )
    quotes: list[tuple[int, list[str]]] = []
    for row, cells in enumerate(table.rows[place + 1 :], first_row + place + 1):
        if not any(cells):
            continue
        if len(cells) < len(header):
            raise InputError(f"{file}: row {row}: {len(cells)} cells: must have {len(header)}, as the header has")
        for kind, first in (("call", 0), ("put", middle + 1)):
            bid, ask = header.index("bid", first), header.index("ask", first)
            name = f"{kind}s"
            root = cells[header.index(name)] if name in header else ""
            quotes.append((row, [date, cells[header.index(expiry)], cells[middle], kind, cells[bid], cells[ask], spot,
                                 root]))  # fmt: skip
    if not quotes:
        raise InputError(f"{file}: has no rows of data: must have at least one")
    columns = ("date", "expiry", "strike", "type", "bid", "ask", "spot", "root")
    note = f"{file}: read as a CBOE table, calls and puts side by side, of {date} with the index at {spot}"
    return _with_roots(QuoteTable(file, columns, quotes, (note,)))


def _after(word: str, cells: list[str]) -> str | None:
    """Find what stands after `word:` in the cells above a table."""
    for cell in cells:
        name, colon, value = cell.partition(":")
        if colon and name.strip().lower() == word and value.strip():
            return re.sub(r"\s+at\s.*$", "", value.strip(), flags=re.IGNORECASE)
    return None
