"""Change files at random and see that each gives a result, or one line a fault: `python benchmarks/fuzz.py`.

Series, futures, option quotes, books of a crowd, contract and scenario files are changed in bytes, cells, rows,
columns, dates and numbers. Whatever comes of a file, it must be a result whose numbers are finite and whose notes are
lines, or an `InputError` of lines; never another exception, a hang or a NaN. A case is known by the seed and its
number: `--seed 1 --case 123` runs it again, `--keep FOLDER` keeps the files that failed.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.holdings import own_books
from cqkit.errors import InputError
from hedging import Terms, contract, example_contract, fear_gauge, hedge, load_quotes
from hedging.options.black76 import black_price
from scenarios import load_scenario

LONGEST = 20  # seconds that a case may take
DAYS = [day for day in (date(2024, 1, 2) + timedelta(days=n) for n in range(130)) if day.weekday() < 5]
FUNDS, STOCKS = 4, 6
WINDOW: dict[str, Any] = {"start": "2024-02-01", "end": "2024-04-30"}

NASTY = (
    *(
        "",
        " ",
        "0",
        "-0",
        "-1",
        "1",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e308",
        "1e309",
        "1e-320",
        "1_000",
        "１２３",
        "0x10",
    ),
    *(
        "1,234.5",
        "1.234,5",
        "1 234",
        "12 %",
        "$5",
        "(3)",
        ".",
        "-",
        "N/A",
        "#N/A N/A",
        "null",
        "None",
        "true",
        "²",
        "٣",
    ),
    *("2024-02-30", "2024/2/9", "20240209", "09.02.2024", "02/09/2024", "0001-01-01", "9999-12-31", "45000", "1e9"),
    *(
        "2024-02-09T16:00:00Z",
        "2024-02-09 15:00:00+08:00",
        "x" * 5000,
        '"',
        "'",
        "\n",
        "\r",
        "\x00",
        "\ufeff",
        "�",
        "日期",
    ),
    *("9" * 400, "1" + "0" * 30, "call", "认购", "=1+1", ";", "\t", "|", "[]", "{}", "\\", "../x", "/dev/null", "con"),
)
WORDS = (
    "date",
    "close",
    "open",
    "high",
    "low",
    "nav",
    "volume",
    "strike",
    "type",
    "bid",
    "ask",
    "IF2403",
    "日期",
    "收盘",
    "",
)


class Kind(NamedTuple):
    """A kind of file: texts to begin with, its ending, and what is done with it."""

    texts: list[str]
    ending: str
    use: Callable[[Path], Any]


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
    bars = [[day, close, close * 1.01, close * 0.99, close, 1e6] for day, close in zip(DAYS, closes, strict=True)]
    turned = [[f"{day:%d.%m.%Y}", f"{close:.2f}".replace(".", ",")] for day, close in zip(DAYS, closes, strict=True)]
    chinese = [[f"{day:%Y%m%d}", close] for day, close in zip(DAYS, closes, strict=True)]
    return [
        table(["date", "close"], [[day, close] for day, close in zip(DAYS, closes, strict=True)]),
        table(["date", "open", "high", "low", "close", "volume"], bars),
        table(["Datum", "Schluss"], turned, ";"),
        table(["日期", "收盘"], chinese[::-1]),
    ]


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
    ]


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
    head = ["Expiration Date", "Calls", "Bid", "Ask", "Strike", "Puts", "Bid", "Ask"]
    return [
        table(["date", "expiry", "strike", "type", "bid", "ask", "spot", "rate"], rows),
        f"\nSPX,Last: {spot}\nDate: 2024-03-01\n" + table(head, sides),
    ]


def holdings() -> list[str]:
    """Books of a crowd, plain and with names."""
    books = np.random.default_rng(2).normal(0, 100, (FUNDS, STOCKS)).round(2).tolist()
    named = [[f"FUND{number}", *book] for number, book in enumerate(books)]
    return [table([], books).lstrip("\n"), table(["fund", *(f"T{n}" for n in range(STOCKS))], named)]


def scenario() -> list[str]:
    """Scenario files."""
    return [
        'extends = "quake-2007"\ntitle = "x"\n[funds]\ncrowding = 0.5\ncount = 20\nheadroom = [0.1, 0.2]\n[market]\n'
        'stocks = 60\n[liquidator]\nsize = 0.2\n[desk]\npolicy = "full"\n',
        'extends = "china-2024"\n[funds]\npolicy = { full = 0.7, timing = 0.3 }\n[futures]\nvolume = 0.5\n',
    ]


class Trial:
    """What each kind of file is put to."""

    def __init__(self, folder: Path) -> None:
        self.index = folder / "the-index.csv"
        self.index.write_text(series()[0], encoding="utf-8")

    def kinds(self) -> dict[str, Kind]:
        """All kinds of files."""
        return {
            "index": Kind(series(), ".csv", self._hedged),
            "spot": Kind(series(), ".csv", lambda path: self._hedged(self.index, path)),
            "gauge": Kind(series(), ".csv", lambda path: self._hedged(self.index, gauge=path)),
            "futures": Kind(futures(), ".csv", lambda path: self._hedged(self.index, terms=Terms(futures=path))),
            "quotes": Kind(quotes(), ".csv", _gauged),
            "holdings": Kind(holdings(), ".csv", _held),
            "contract": Kind([example_contract()], ".toml", contract),
            "scenario": Kind(scenario(), ".toml", lambda path: load_scenario(str(path))),
        }

    def _hedged(self, index: Path, spot: Path | None = None, **more: Any) -> Any:
        found = hedge(index, spot, policies=["full", "partial"], **WINDOW, **more)
        _see_finite(found.as_json(), "json")
        _see_lines(found.series.notes)
        for name, frame in found.tables().items():
            numbers = frame.select_dtypes("number").to_numpy(np.float64)
            if not np.isfinite(numbers).all():
                raise AssertionError(f"table {name}: a number is not finite")
        return found


def _gauged(path: Path) -> Any:
    found = fear_gauge(load_quotes(path))
    _see_lines(found.notes)
    for row in found.daily.to_dict("records"):
        if not (math.isfinite(row["index"]) or row["reason"]):
            raise AssertionError("no index, and no reason")
    return found


def _held(path: Path) -> Any:
    found = own_books(path, FUNDS, STOCKS)
    _see_lines(found.notes)
    if not np.isfinite(found.matrix).all():
        raise AssertionError("a holding is not finite")
    return found


def _see_finite(value: Any, where: str) -> None:
    """See that no number is NaN or infinite."""
    if isinstance(value, dict):
        for key, item in value.items():
            _see_finite(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for item in value:
            _see_finite(item, where)
    elif isinstance(value, float) and not math.isfinite(value):
        raise AssertionError(f"{where} = {value}")


def _see_lines(lines: Any) -> None:
    """See that each is a line that says something, and not a page."""
    for line in lines:
        if not line.strip() or "\n" in line.strip() or len(line) > 2000:
            raise AssertionError(f"no line: {line[:80]!r}")


def mutated(text: str, rng: random.Random) -> bytes:
    """Change a file once to three times, and maybe its encoding."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice(CHANGES)(text, rng)
    data = text.encode(rng.choice(("utf-8",) * 12 + ("utf-8-sig", "gb18030", "utf-16", "latin-1")), errors="replace")
    if rng.random() < 0.15:
        data = _bytes(data, rng)
    return data


def _bytes(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.randint(0, 30))
        data = rng.choice(
            (
                data[:at] + bytes([rng.randrange(256)]) + data[at:],
                data[:at] + data[end:],
                data[:at],
                data[:end] + data[at:end] + data[end:],
                data[:at] + rng.randbytes(rng.randint(1, 8)) + data[end:],
            )
        )
    return data


def _grid(text: str) -> tuple[list[list[str]], str]:
    mark = max(",;\t", key=text.count)
    return [line.split(mark) for line in text.split("\n")], mark


def _text(grid: list[list[str]], mark: str) -> str:
    return "\n".join(mark.join(row) for row in grid)


def _cell(text: str, rng: random.Random) -> str:
    grid, mark = _grid(text)
    for _ in range(rng.choice((1, 1, 2, 5))):
        row = rng.choice(grid)
        row[rng.randrange(len(row))] = rng.choice(NASTY)
    return _text(grid, mark)


def _row(text: str, rng: random.Random) -> str:
    grid, mark = _grid(text)
    at = rng.randrange(len(grid))
    what = rng.randrange(6)
    if what == 0:
        del grid[at]
    elif what == 1:
        grid.insert(at, list(rng.choice(grid)))
    elif what == 2:
        grid.insert(at, [rng.choice(NASTY)] * rng.randint(1, 4))
    elif what == 3:
        grid[1:] = grid[:0:-1]
    elif what == 4:
        rng.shuffle(grid)
    else:
        del grid[at : at + rng.randint(1, 60)]
    return _text(grid or [[""]], mark)


def _column(text: str, rng: random.Random) -> str:
    grid, mark = _grid(text)
    at = rng.randrange(max(map(len, grid)))
    what = rng.randrange(5)
    for number, row in enumerate(grid):
        if at >= len(row):
            continue
        if what == 0:
            del row[at]
        elif what == 1:
            row.insert(at, row[at])
        elif what == 2:
            row.insert(at, rng.choice(WORDS) if number == 0 else str(rng.choice((0, 7, 1e12, ""))))
        elif what == 3 and number == 0:
            row[at] = rng.choice(WORDS)
        elif what == 4:
            row[at] = rng.choice(NASTY) if number and rng.random() < 0.1 else row[at]
    return _text(grid, mark)


def _number(text: str, rng: random.Random) -> str:
    """Multiply, shift or turn numbers of a column."""
    grid, mark = _grid(text)
    at = rng.randrange(max(map(len, grid)))
    factor = rng.choice((10, 100, 1000, 0.001, -1, 0, 0.5, 1e300, 1e-300, 7.3))
    share = rng.choice((0.02, 0.3, 1))
    for row in grid[1:]:
        if at < len(row) and rng.random() < share:
            try:
                row[at] = f"{float(row[at]) * factor:g}"
            except ValueError:
                continue
    return _text(grid, mark)


def _dates(text: str, rng: random.Random) -> str:
    """Write the dates in another way, or move them."""
    form = rng.choice(
        ("%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%dT16:00:00Z", "%Y-%m", "%b %d, %Y", "%y-%m-%d")
    )
    moved = timedelta(days=rng.choice((0, 0, 1, -1, 3, 400, 36500)))
    for day in DAYS:
        text = text.replace(f"{day:%Y-%m-%d}", (day + moved).strftime(form))
    return text


def _slice(text: str, rng: random.Random) -> str:
    """Cut, repeat or strew what does not belong here."""
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.randint(0, 200))
    return rng.choice(
        (
            text[:at],
            text[end:],
            text[:at] + text[end:],
            text[:end] + text[at:],
            text[:at] + rng.choice(NASTY) + text[at:],
        )
    )


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_cell, _cell, _cell, _row, _column, _number, _dates, _slice)


class TooLongError(Exception):
    """A case that hangs."""


def _too_long(*_: object) -> None:
    raise TooLongError(f"more than {LONGEST} s")


def tried(kind: Kind, path: Path) -> tuple[str, str]:
    """Put a file to use: `result` or `refused`, or `FAILED` with why."""
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            kind.use(path)
        return "result", ""
    except InputError as error:
        try:
            _see_lines(error.faults)
            if not 1 <= len(error.faults) <= 60:
                raise AssertionError(f"{len(error.faults)} faults")
        except AssertionError as wrong:
            return "FAILED", str(wrong)
        return "refused", error.faults[0]
    except Exception as error:  # whatever it is, it is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "FAILED", f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def cases(
    seed: int, chosen: str | None, only: int | None, kinds: dict[str, Kind]
) -> Iterator[tuple[int, str, Kind, bytes]]:
    """Cases one after another, each by a chance of its own."""
    number = 0 if only is None else only
    while True:
        rng = random.Random(f"{seed}/{number}")
        name = chosen or rng.choice(list(kinds))
        kind = kinds[name]
        yield number, name, kind, mutated(rng.choice(kind.texts), rng)
        number += 1
        if only is not None:
            return


def main() -> int:
    """Run cases until the count or the time is up; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10**9, help="cases at most")
    parser.add_argument("--seconds", type=float, default=math.inf, help="seconds at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this one only")
    parser.add_argument("--kind", help="this kind of file only")
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    asked = parser.parse_args()
    if asked.count == 10**9 and asked.seconds == math.inf and asked.case is None:
        asked.count = 2000
    signal.signal(signal.SIGALRM, _too_long)
    found: Counter[tuple[str, str]] = Counter()
    failed: list[str] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        for done, (number, name, kind, data) in enumerate(cases(asked.seed, asked.kind, asked.case, trial.kinds())):
            if done >= asked.count or time.monotonic() - started > asked.seconds:
                break
            path = Path(folder) / f"{name}{kind.ending}"
            path.write_bytes(data)
            verdict, why = tried(kind, path)
            found[name, verdict] += 1
            if asked.case is not None:
                print(verdict, why)
            if verdict == "FAILED":
                failed.append(f"--seed {asked.seed} --case {number} ({name}): {why}")
                print(failed[-1], file=sys.stderr)
                if asked.keep is not None:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    (asked.keep / f"{asked.seed}-{number}-{path.name}").write_bytes(data)
    for name in sorted({name for name, _ in found}):
        print(f"{name:10}", *(f"{verdict} {found[name, verdict]:7}" for verdict in ("result", "refused", "FAILED")))
    print(json.dumps({"seed": asked.seed, "cases": sum(found.values()), "failed": len(failed)}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
