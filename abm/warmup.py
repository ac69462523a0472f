"""Compile the kernels ahead of a run, so that a first run can say what it is waiting for."""

from __future__ import annotations

import pickle
import subprocess
import sys

from abm import laws
from abm.compile import cache_folder, is_ours
from abm.inhabitants.base import INHABITANTS
from abm.market import Market
from abm.settings import Clock, Desk, Settings


def is_warm(settings: Settings) -> bool:
    """Whether the day that these settings need is compiled already, in this process or by an earlier one."""
    name = _day_of(settings)
    return name in _COMPILED or (cache_folder() / f"{name}.warm").is_file()


def warm_up(settings: Settings) -> None:
    """Compile the day that these settings need.

    Our own is compiled by a process of its own, and found in the cache by this one: machine code that a process has
    compiled itself may differ in a last bit from what it is for all later processes, since functions that are not
    inlined are then taken from another place. So the first run gives what every later one gives.
    """
    name = _day_of(settings)
    kept = is_ours(laws.get(settings.impact.law)) and not _own(settings)  # others' machine code is not kept
    if not (kept and _compile_elsewhere(settings)):
        compile_day(settings)
    _COMPILED.add(name)
    if kept:
        (cache_folder() / f"{name}.warm").touch()


def compile_day(settings: Settings) -> None:
    """Compile in this process, by trading a day in the smallest market with the same inhabitants."""
    Market(_smallest(settings)).step()


def _compile_elsewhere(settings: Settings) -> bool:
    """Whether another process could do it."""
    code = "import pickle, sys; from abm.warmup import compile_day; compile_day(pickle.load(sys.stdin.buffer))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], input=pickle.dumps(settings), capture_output=True, check=False
        )
    except (OSError, pickle.PicklingError):
        return False
    return done.returncode == 0


_COMPILED: set[str] = set()


def _day_of(settings: Settings) -> str:
    """Name of a compiled day: its impact law and who is in it; whoever may be None when a day is traded is named."""
    there = {
        "futures": settings.has_futures,
        "credit": settings.large_fund.book > 0,
        "opportunists": settings.opportunists.capital > 0,
        "exchange": settings.has_exchange,
    }
    return "-".join([settings.impact.law, *(name for name, is_there in there.items() if is_there), *_own(settings)])


def _own(settings: Settings) -> list[str]:
    return [name for name, kind in INHABITANTS.items() if kind.lives_in(settings)]


def _smallest(settings: Settings) -> Settings:
    """A market of a few stocks for a day, with the same inhabitants in the same kinds of arrays."""
    limited = {"price_limit": 0.1} if settings.has_exchange else {}  # an exchange, whichever rules it has
    small = {
        "clock": Clock(start="2007-08-03", days=2, bars=1, event="2007-08-06"),
        "market": settings.market.model_copy(update={"stocks": 4, "factors": 1, "index_path": None, **limited}),
        "funds": settings.funds.model_copy(update={"count": 2, "styles": 1, "holdings": None}),
        "liquidator": settings.liquidator.model_copy(update={"begins": None, "schedule": "twap"}),
        "large_fund": settings.large_fund.model_copy(update={"unwinds": None}),
        "rescue": settings.rescue.model_copy(update={"injection": 0.0, "date": None}),
        "news": (),
        "halt": (),
        "futures_demand": (),
        "desk": Desk(size=0),
    }
    return settings.model_copy(update=small)
