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
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from fuzz_changes import mutated
from fuzz_files import FUNDS, STOCKS, books, futures, holdings, payments, quotes, rates, scenario, series

from abm.holdings import own_books
from cqkit.errors import InputError
from hedging import Terms, contract, example_contract, fear_gauge, hedge, load_quotes
from hedging.holdings import read_books
from hedging.series.reading import Reading
from scenarios import load_scenario

# What is said of a file, mostly nothing.
SAID: tuple[dict[str, str], ...] = (
    *({},) * 10,
    *({"column": name} for name in ("close", "Close", "B", "000905.SH", "settle", "IF", "ask", "")),
    *({"date_format": form} for form in ("DD/MM/YYYY", "%Y%m%d", "YYMMDD", "excel-1904")),
    *({"decimal": mark} for mark in ".,"),
    {"tz": "Asia/Shanghai"},
)
LONGEST = 20  # seconds that a case may take
WINDOW: dict[str, Any] = {"start": "2024-02-01", "end": "2024-04-30"}


class Kind(NamedTuple):
    """A kind of file: texts to begin with, its ending, and what is done with it."""

    texts: list[str]
    ending: str
    use: Callable[..., Any]  # of the file and what is said of it
    can_be_told: bool = True  # how it is read


class Trial:
    """What each kind of file is put to."""

    def __init__(self, folder: Path) -> None:
        self.index = folder / "the-index.csv"
        self.index.write_text(series()[0], encoding="utf-8")
        self.fund = folder / "the-fund.csv"
        self.fund.write_text(series()[0].replace("close", "nav USD", 1), encoding="utf-8")

    def kinds(self) -> dict[str, Kind]:
        """All kinds of files."""
        return {
            "index": Kind(series(), ".csv", self._as("index", lambda path: {"index": path})),
            "spot": Kind(series(), ".csv", self._as("spot", lambda path: {"spot": path})),
            "gauge": Kind(series(), ".csv", self._as("gauge", lambda path: {"gauge": path})),
            "futures": Kind(futures(), ".csv", self._as("futures", lambda path: {"terms": Terms(futures=path)})),
            "paid": Kind(
                payments(),
                ".csv",
                self._as("distributions", lambda path: {"spot": self.index, "distributions": path}),
            ),
            "rate": Kind(
                rates(), ".csv", self._as("exchange_rate", lambda path: {"spot": self.fund, "exchange_rate": path})
            ),
            "quotes": Kind(quotes(), ".csv", _gauged),
            "holdings": Kind(holdings(), ".csv", _held, False),
            "book": Kind(books(), ".csv", _booked, False),
            "contract": Kind([example_contract()], ".toml", contract, False),
            "scenario": Kind(scenario(), ".toml", lambda path: load_scenario(str(path)), False),
        }

    def _as(self, file: str, files: Callable[[Path], dict[str, Any]]) -> Callable[..., Any]:
        """Hedge with the file as this one, and what is said of it."""

        def use(path: Path, **said: str) -> Any:
            given: dict[str, Any] = {"index": self.index} | files(path)
            given |= {name: {file: value} for name, value in said.items()}
            return self._hedged(**given)

        return use

    def _hedged(self, index: Path, spot: Path | None = None, **more: Any) -> Any:
        found = hedge(index, spot, policies=["full", "partial"], **WINDOW, **more)
        _see_finite(found.as_json(), "json")
        _see_lines(found.series.notes)
        for name, frame in found.tables().items():
            numbers = frame.select_dtypes("number").to_numpy(np.float64)
            if not np.isfinite(numbers).all():
                raise AssertionError(f"table {name}: a number is not finite")
        return found


def _gauged(path: Path, **said: Any) -> Any:
    found = fear_gauge(load_quotes(path, reading=Reading(**said)))
    _see_lines(found.notes)
    for row in found.daily.to_dict("records"):
        if not (math.isfinite(row["index"]) or row["reason"]):
            raise AssertionError("no index, and no reason")
    return found


def _booked(path: Path) -> Any:
    found = read_books([path], value=1e8)
    for book in found:
        _see_lines(book.notes)
        if not np.isfinite(book.value).all():
            raise AssertionError("a holding is not finite")
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


class TooLongError(Exception):
    """A case that hangs."""


def _too_long(*_: object) -> None:
    raise TooLongError(f"more than {LONGEST} s")


def tried(kind: Kind, path: Path, said: dict[str, str]) -> tuple[str, str]:
    """Put a file to use: `result` or `refused`, or `FAILED` with why."""
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            kind.use(path, **said)
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
    seed: int, chosen: str | None, only: int | None, kinds: dict[str, Kind], first: int = 0
) -> Iterator[tuple[int, str, Kind, bytes, dict[str, str]]]:
    """Cases one after another, each by a chance of its own."""
    number = first if only is None else only
    while True:
        rng = random.Random(f"{seed}/{number}")
        name = chosen or rng.choice(list(kinds))
        kind = kinds[name]
        data = mutated(rng.choice(kind.texts), rng)
        yield number, name, kind, data, rng.choice(SAID) if kind.can_be_told else {}
        number += 1
        if only is not None:
            return


def main() -> int:
    """Run cases until the count or the time is up; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10**9, help="cases at most")
    parser.add_argument("--seconds", type=float, default=math.inf, help="seconds at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to go on where a run ended")
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
        kinds = Trial(Path(folder)).kinds()
        chosen = cases(asked.seed, asked.kind, asked.case, kinds, asked.first)
        for done, (number, name, kind, data, said) in enumerate(chosen):
            if done >= asked.count or time.monotonic() - started > asked.seconds:
                break
            path = Path(folder) / f"{name}{kind.ending}"
            path.write_bytes(data)
            verdict, why = tried(kind, path, said)
            found[name, verdict] += 1
            if asked.case is not None:
                print(verdict, why)
            if verdict == "FAILED":
                failed.append(f"--seed {asked.seed} --case {number} ({name}, {said}): {why}")
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
