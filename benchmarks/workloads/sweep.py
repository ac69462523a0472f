"""A sweep of 1,000 tasks, the whole command: what it takes beyond trading the same markets, seconds a task.

Both are done by processes of their own, in turn: where a process has its memory makes a difference of a twentieth. What
it takes to start, and to draw, is what a sweep of few tasks takes beyond trading.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from measuring import Figures, seconds_of

from abm import Market, available_workers, run_together, warm_up
from scenarios import load_scenario
from scenarios.dials import market_at
from scenarios.studies.sweep import BLOCK

SCENARIO, POINTS, FEW, BATCH = "quake-2007", 1000, 4, 16
SET = {"market.stocks": 600, "funds.count": 120}  # tasks of about 50 ms
CROWDING = (0.4, 0.9)


def command(folder: Path, points: int) -> list[str]:
    """The command line."""
    vary = f"funds.crowding={CROWDING[0]}:{CROWDING[1]}:{points}"
    changed = [word for key, value in SET.items() for word in ("--set", f"{key}={value}")]
    asked = ["--vary", vary, "--no-baseline", "--paths", str(BLOCK), *changed, "--out", str(folder)]
    return [sys.executable, "-m", "crowdquake", "sweep", SCENARIO, *asked]


def measure(rounds: int) -> Figures:
    """Seconds a task of the command, and of bare trading of the same markets, a batch a thread, on as many threads."""
    warm_up(load_scenario(SCENARIO, SET).settings)
    whole, traded = [], []
    for _ in range(max(1, rounds // 2)):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            traded.append(alone.submit(bare_seconds).result() / POINTS)
        whole.append(command_seconds(POINTS) / POINTS)
    started = min(command_seconds(FEW) for _ in range(rounds)) - FEW * min(traded)
    overheads = [spent / least - 1 for spent, least in zip(whole, traded, strict=True)]
    return {
        "tasks": POINTS,
        "seconds_a_task": {"engine on two threads": min(whole), "trading alone": min(traded)},
        "seconds_to_start": started,
        "overhead": sum(whole) / sum(traded) - 1,
        "overhead_a_task": (sum(whole) - len(whole) * started / POINTS) / sum(traded) - 1,
        "noise": (max(overheads) - min(overheads)) / 2,
    }


def bare_seconds() -> float:
    """Time to trade the markets, a batch a thread, cut so that all threads end alike, once machine code is loaded."""
    scenario = load_scenario(SCENARIO, SET)
    places = [CROWDING[0] + (CROWDING[1] - CROWDING[0]) * n / (POINTS - 1) for n in range(POINTS)]
    settings = [market_at(scenario, {"funds.crowding": place}) for place in places]
    threads = available_workers()
    parts = threads * math.ceil(POINTS / (threads * BATCH))

    def trade(part: int) -> None:
        run_together([Market(one, 1, BLOCK) for one in settings[part::parts]], workers=1)

    run_together([Market(settings[0], 1, 1)], workers=1)
    with ThreadPoolExecutor(threads) as pool:
        return seconds_of(lambda: list(pool.map(trade, range(parts))))


def command_seconds(points: int) -> float:
    """Time that the whole command takes, from the start of Python to its charts."""
    with tempfile.TemporaryDirectory() as folder:
        work = command(Path(folder) / "sweep", points)
        return seconds_of(lambda: subprocess.run(work, check=True, capture_output=True))
