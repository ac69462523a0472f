"""Sound files of each kind, that changes begin with."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np

from hedging.options.black76 import black_price

DAYS = [day for day in (date(2024, 1, 2) + timedelta(days=n) for n in range(130)) if day.weekday() < 5]
FUNDS, STOCKS = 4, 6


def table(header: list[str], rows: list[list[Any]], mark: str = ",") -> str:
    """A table as text."""
    return "\n".join(mark.join(str(cell) for cell in row) for row in [header, *rows]) + "\n"


def walk(seed: int, volatility: float = 0.012) -> list[float]:
    """Closes of a random walk."""
    moves = volatility * np.random.default_rng(seed).standard_normal(len(DAYS))
    return [round(float(close), 2) for close in 3500 * np.exp(np.cumsum(moves))]


def series() -> list[str]:
    """Price series in some of their shapes."""
    closes = walk(1)
    plain: list[list[Any]] = [[day, close] for day, close in zip(DAYS, closes, strict=True)]
    bars = [[day, close, close * 1.01, close * 0.99, close, 1e6] for day, close in zip(DAYS, closes, strict=True)]
    turned = [[f"{day:%d.%m.%Y}", f"{close:.2f}".replace(".", ",")] for day, close in zip(DAYS, closes, strict=True)]
    chinese = [[f"{day:%Y%m%d}", close] for day, close in zip(DAYS, closes, strict=True)]
    return [
        table(["date", "close"], [[day, close] for day, close in zip(DAYS, closes, strict=True)]),
        table(["date", "open", "high", "low", "close", "volume"], bars),
        table(["Datum", "Schluss"], turned, ";"),
        table(["日期", "收盘"], chinese[::-1]),
        table(
            ["ts_code", "trade_date", "close"], [[code, *row] for code in ("000300.SH", "000905.SH") for row in plain]
        ),
        table(
            ["Price", "Close", "Close"], [["Ticker", "A", "B"], ["Date", "", ""], *([*row, row[1]] for row in plain)]
        ),
        table(["date", "close"], [[f"{day:%d/%m/%Y}", close] for day, close in plain], " "),
        table(["日期", "收盤價"], [[f"{day.year - 1911}/{day:%m/%d}", close] for day, close in plain]),
        table(["date", "close"], [[(day - date(1904, 1, 1)).days, close] for day, close in plain]),
    ]


def payments() -> list[str]:
    """What a fund paid out."""
    paid = [[day, 0.1 if number % 30 == 5 else 0] for number, day in enumerate(DAYS)]
    return [table(["date", "dividends"], paid), table(["日期", "每份分红"], [[f"{DAYS[40]:%Y%m%d}", "0,05"]], ";")]


def rates() -> list[str]:
    """Money of the contract for one unit of the fund's."""
    moving = [7 + 0.01 * (number % 9) for number in range(len(DAYS))]
    return [
        table(["date", "rate"], [[day, rate] for day, rate in zip(DAYS, moving, strict=True)]),
        table(["Datum", "Kurs"], [[f"{day:%d.%m.%Y}", f"{rate:.2f}".replace(".", ",")]
                                  for day, rate in zip(DAYS, moving, strict=True)], ";"),
    ]  # fmt: skip


def futures() -> list[str]:
    """Futures series, spliced and contract by contract."""
    closes = walk(1)
    months = {
        "IF2402": date(2024, 2, 16),
        "IF2403": date(2024, 3, 15),
        "IF2404": date(2024, 4, 19),
        "IF2405": date(2024, 5, 17),
    }
    priced = [
        {name: round(close * (1 - 0.1 * (end - day).days / 365), 2) for name, end in months.items() if end >= day}
        for day, close in zip(DAYS, closes, strict=True)
    ]
    wide = [[day, *(row.get(name, "") for name in months)] for day, row in zip(DAYS, priced, strict=True)]
    long = [[day, name, price, price] for day, row in zip(DAYS, priced, strict=True) for name, price in row.items()]
    nearest = [[day, next(iter(row.values()), 3500)] for day, row in zip(DAYS, priced, strict=True)]
    return [
        table(["date", *months], wide),
        table(["date", "contract", "close", "settle"], long),
        table(["date", "close"], nearest),
        table(["Datum", *months], [[f"{day:%d.%m.%Y}", *map(_comma, prices)] for day, *prices in wide], ";"),
        table(["trade_date", "ts_code", "settle"], [[f"{row[0]:%Y%m%d}", row[1].replace("IF", product), row[2]]
                                                    for product in ("IF", "IC") for row in long]),
    ]  # fmt: skip


def _comma(cell: Any) -> str:
    """A cell with a decimal comma."""
    return str(cell).replace(".", ",")


def quotes() -> list[str]:
    """Option quotes, one a row and side by side."""
    rows, sides = [], []
    day, spot = date(2024, 3, 1), 5137.0
    for expiry in (date(2024, 3, 15), date(2024, 4, 19)):
        years = (expiry - day).days / 365
        for strike in range(5000, 5300, 25):
            pair = [
                float(black_price(call, spot * math.exp(0.05 * years), strike, 0.15, years, 0.05))
                for call in (True, False)
            ]
            bids = [(round(0.99 * price, 2), round(1.01 * price, 2)) for price in pair]
            rows += [[day, expiry, strike, word, *bid, spot, 0.05] for word, bid in zip("CP", bids, strict=True)]
            sides.append([f"{expiry:%Y-%m-%d}", "SPX", *bids[0], strike, "SPX", *bids[1]])
    european = [[f"{day:%d/%m/%Y}", f"{end:%d/%m/%Y}", *kind, *map(_comma, more)] for day, end, *kind, more in
                ((*row[:4], row[4:]) for row in rows)]  # fmt: skip
    head = ["Expiration Date", "Calls", "Bid", "Ask", "Strike", "Puts", "Bid", "Ask"]
    return [
        table(["date", "expiry", "strike", "type", "bid", "ask", "spot", "rate"], rows),
        table(["date", "expiry", "strike", "type", "bid", "ask", "spot", "rate"], european, ";"),
        f"\nSPX,Last: {spot}\nDate: 2024-03-01\n" + table(head, sides),
    ]


def holdings() -> list[str]:
    """Books of a crowd, plain and with names."""
    books = np.random.default_rng(2).normal(0, 100, (FUNDS, STOCKS)).round(2).tolist()
    named = [[f"FUND{number}", *book] for number, book in enumerate(books)]
    return [table([], books).lstrip("\n"), table(["fund", *(f"T{n}" for n in range(STOCKS))], named)]


def books() -> list[str]:
    """Lists of holdings: a fund's, one with weights and commas, several funds in one."""
    names = [f"T{number}" for number in range(12)]
    held = [
        [name, "A company", 100 * (number + 1), 10.5 + number, 1e5 * (number + 1)] for number, name in enumerate(names)
    ]
    chinese = [[f"60{number:04d}", f"公司{number}", f"{2 + number / 10:.2f}".replace(".", ",")] for number in range(12)]
    funds = [
        [fund, f"2024-01-{day:02d}", name, 1000 * (day - 15)] for fund in "AB" for day, name in enumerate(names, 5)
    ]
    return [
        'Fund Holdings as of,"Jan 02, 2024"\n\n' + table(["Ticker", "Name", "Shares", "Price", "Market Value"], held),
        table(["股票代码", "股票名称", "占净值比例(%)"], chinese, ";"),
        table(["fund", "date", "ticker", "shares"], funds),
    ]


def scenario() -> list[str]:
    """Scenario files."""
    return [
        'extends = "quake-2007"\ntitle = "x"\n[funds]\ncrowding = 0.5\ncount = 20\nheadroom = [0.1, 0.2]\n[market]\n'
        'stocks = 60\n[liquidator]\nsize = 0.2\n[desk]\npolicy = "full"\n',
        'extends = "china-2024"\n[funds]\npolicy = { full = 0.7, timing = 0.3 }\n[futures]\nvolume = 0.5\n',
    ]
