"""A sweep of 1,000 tasks, the whole command: what it takes beyond trading the same markets, seconds a task.

What it takes to start, and to draw, is what a sweep of few tasks takes beyond trading.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measuring import Figures, seconds_of

from abm import Market, available_workers, run_together, warm_up
from scenarios import load_scenario
from scenarios.dials import market_at
from scenarios.studies.sweep import BLOCK

SCENARIO, POINTS, FEW, BATCH = "quake-2007", 1000, 4, 16
SET = {"market.stocks": 360, "funds.count": 72}  # tasks of 50 ms or more
CROWDING = (0.4, 0.9)


def command(folder: Path, points: int) -> list[str]:
    """The command line."""
    vary = f"funds.crowding={CROWDING[0]}:{CROWDING[1]}:{points}"
    changed = [word for key, value in SET.items() for word in ("--set", f"{key}={value}")]
    asked = ["--vary", vary, "--no-baseline", "--paths", str(BLOCK), *changed, "--out", str(folder)]
    return [sys.executable, "-m", "crowdquake", "sweep", SCENARIO, *asked]


def measure(rounds: int) -> Figures:
    """Seconds a task of the command, and of bare trading of the same markets, a batch a thread, on as many threads."""
    scenario = load_scenario(SCENARIO, SET)
    warm_up(scenario.settings)
    places = [CROWDING[0] + (CROWDING[1] - CROWDING[0]) * n / (POINTS - 1) for n in range(POINTS)]
    settings = [market_at(scenario, {"funds.crowding": place}) for place in places]

    def trade(first: int) -> None:
        run_together([Market(one, 1, BLOCK) for one in settings[first : first + BATCH]], workers=1)

    def bare() -> None:
        with ThreadPoolExecutor(available_workers()) as pool:
            list(pool.map(trade, range(0, POINTS, BATCH)))

    whole, traded, started = [], [], []
    for _ in range(max(1, rounds // 2)):
        traded.append(seconds_of(bare) / POINTS)
        whole.append(command_seconds(POINTS) / POINTS)
        started.append(command_seconds(FEW) - FEW * traded[-1])
    overheads = [spent / least - 1 for spent, least in zip(whole, traded, strict=True)]
    return {
        "tasks": POINTS,
        "seconds_a_task": {"engine on two threads": min(whole), "trading alone": min(traded)},
        "seconds_to_start": min(started),
        "overhead": min(whole) / min(traded) - 1,
        "overhead_a_task": (min(whole) - min(started) / POINTS) / min(traded) - 1,
        "noise": (max(overheads) - min(overheads)) / 2,
    }


def command_seconds(points: int) -> float:
    """Time that the whole command takes, from the start of Python to its charts."""
    with tempfile.TemporaryDirectory() as folder:
        work = command(Path(folder) / "sweep", points)
        return seconds_of(lambda: subprocess.run(work, check=True, capture_output=True))
