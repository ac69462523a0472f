"""A sweep of 1,000 tasks, the whole command: what it takes beyond trading the same markets, seconds a task."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Figures, seconds_of

from abm import Market, run_together, warm_up
from scenarios import load_scenario
from scenarios.dials import market_at
from scenarios.studies.sweep import BLOCK

SCENARIO, POINTS, BATCH = "quake-2007", 1000, 16
SET = {"market.stocks": 300, "funds.count": 60}  # tasks of 50 ms or more
CROWDING = (0.4, 0.9)


def command(folder: Path) -> list[str]:
    """The command line."""
    vary = f"funds.crowding={CROWDING[0]}:{CROWDING[1]}:{POINTS}"
    changed = [word for key, value in SET.items() for word in ("--set", f"{key}={value}")]
    asked = ["--vary", vary, "--no-baseline", "--paths", str(BLOCK), *changed, "--out", str(folder)]
    return [sys.executable, "-m", "crowdquake", "sweep", SCENARIO, *asked]


def measure(rounds: int) -> Figures:
    """Seconds a task of the command, and of bare trading of the same markets on as many threads."""
    scenario = load_scenario(SCENARIO, SET)
    warm_up(scenario.settings)
    places = [CROWDING[0] + (CROWDING[1] - CROWDING[0]) * n / (POINTS - 1) for n in range(POINTS)]
    settings = [market_at(scenario, {"funds.crowding": place}) for place in places]

    def bare() -> None:
        for first in range(0, POINTS, BATCH):
            run_together([Market(one, 1, BLOCK) for one in settings[first : first + BATCH]])

    whole, traded = [], []
    for _ in range(max(1, rounds // 2)):
        traded.append(seconds_of(bare) / POINTS)
        with tempfile.TemporaryDirectory() as folder:
            work = command(Path(folder) / "sweep")
            whole.append(seconds_of(lambda work=work: subprocess.run(work, check=True, capture_output=True)) / POINTS)
    overheads = [spent / least - 1 for spent, least in zip(whole, traded, strict=True)]
    return {
        "tasks": POINTS,
        "seconds_a_task": {"engine on two threads": min(whole), "trading alone": min(traded)},
        "overhead": min(whole) / min(traded) - 1,
        "noise": (max(overheads) - min(overheads)) / 2,
    }
