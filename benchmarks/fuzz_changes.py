"""Changes of a file at random: of bytes, cells, rows, columns, numbers and dates."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from fuzz_files import DAYS

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
