"""Measure named workloads, each in a process of its own: a file each in `workloads/`, found by folder.

Beside the engine stand, in the same run, a plain per-agent model in Mesa (`agents.py`), NumPy without compilation
(`arrays.py`), which give the same prices, and the floor (`bar.py`).

    python benchmarks/bench.py                                       all, written to outputs/bench.json
    python benchmarks/bench.py small sector --rounds 6               some of them
    python benchmarks/bench.py --compare before.json                 what has got slower by more than noise
    python benchmarks/bench.py --read outputs/bench.json --table README.md    the table, from what was measured
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "workloads"))
NAMES = sorted(path.stem for path in (HERE / "workloads").glob("*.py"))
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
LEAST = 0.05  # a change this small is never told
FAR = 100  # times the floor at which it tells nothing: what takes the time is not in it
TITLES = {"mesa": "per-agent Mesa", "mesa_rows": "Mesa, NumPy rows", "numpy": "NumPy"}

Found = dict[str, Any]


def measure(names: list[str], rounds: int, file: Path) -> Found:
    """Measure workloads in turn; the figures by name, and on what machine they came about. Each is written at once."""
    found: Found = {"machine": machine(), "rounds": rounds, "workloads": {}}
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        work = [sys.executable, str(Path(__file__)), "--alone", name, "--rounds", str(rounds)]
        ended = subprocess.run(work, check=True, stdout=subprocess.PIPE, text=True)
        found["workloads"][name] = json.loads(ended.stdout.splitlines()[-1])
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


def machine() -> Found:
    """What figures depend on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": numba.config.CPU_NAME or model_of_cpu(),
        "cores": cores,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def model_of_cpu() -> str:
    """As the system calls it."""
    try:
        said = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        said = None
    return said[1] if said else platform.processor() or platform.machine()


def measured(found: Found) -> tuple[str, float]:
    """What a workload is compared by, and that: times the floor where it has one, which is much the same elsewhere."""
    if "times_the_floor" in found:
        return "times the floor", float(found["times_the_floor"])
    if "overhead" in found:
        return "overhead", 1.0 + float(found["overhead"])
    return "seconds", float(min(found["seconds_a_path"].values()))


def compared(before: Found, now: Found) -> tuple[list[str], bool]:
    """A line a workload that both have, and whether any got slower by more than the noise of both."""
    lines, slower = [], False
    for name, found in now["workloads"].items():
        old = before["workloads"].get(name)
        if old is None:
            continue
        (what, was), (_, here) = measured(old), measured(found)
        change = here / was - 1
        noise = max(LEAST, 2 * (old.get("noise", 0.0) + found.get("noise", 0.0)))
        verdict = "slower" if change > noise else "faster" if change < -noise else "the same within noise"
        slower |= change > noise
        lines.append(
            f"{name}: {what} {was:.3g} -> {here:.3g} ({100 * change:+.0f} %, noise {100 * noise:.0f} %): {verdict}"
        )
    return lines, slower


def table(found: Found) -> str:
    """Rows of a Markdown table, and under it where they were measured."""
    rows = [
        "| workload | a path on one thread | on two threads | peak memory | "
        + " | ".join(TITLES.values())
        + " | floor |",
        "|---|---|---|---|" + "---|" * (len(TITLES) + 1),
    ]
    for name, one in found["workloads"].items():
        if "times_the_floor" not in one:
            continue
        seconds, times = one["seconds_a_path"], one["times_the_engine"]
        beside = [f"{times[key]:,.0f} x" if key in times else "" for key in TITLES]
        cells = [
            f"{name.replace('_', ' ')}",
            in_time(seconds["engine"]),
            in_time(seconds["engine on two threads"]),
            f"{one['gigabytes']:.2f} GB",
            *beside,
            f"1/{one['times_the_floor']:.1f}" if one["times_the_floor"] < FAR else "",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join([*rows, "", *(f"- {note}" for note in notes(found))])


def notes(found: Found) -> list[str]:
    """What the table leaves out: what is extrapolated, dense books, the sweep, and the machine."""
    lines = []
    for name, one in found["workloads"].items():
        for which, far in one.get("extrapolated", {}).items():
            funds, stocks = far["measured_at"]
            lines.append(
                f"{TITLES[which]} on {name}: extrapolated from {funds:,} funds x {stocks:,} stocks "
                f"({in_time(far['seconds_there'])} a path) by exponents of {far['exponent_in_funds']:.2f} in funds and "
                f"{far['exponent_in_stocks']:.2f} in stocks, none counted for more than 1."
            )
    dense = found["workloads"].get("dense", {})
    if "share_of_bandwidth" in dense:
        share, speed = dense["share_of_bandwidth"], dense["gigabytes_a_second"]
        lines.append(
            f"Dense books are read at {100 * share:.0f} % of the {speed:.0f} GB/s at which a bare loop reads memory, "
            "over a whole run with its closes, if a bar reads them once."
        )
    sweep = found["workloads"].get("sweep")
    if sweep is not None:
        spent = in_time(sweep["seconds_a_task"]["trading alone"])
        lines.append(
            f"A sweep of {sweep['tasks']:,} tasks of {spent} takes {100 * sweep['overhead']:+.1f} % over trading "
            f"alone, a batch of tasks a thread; {100 * sweep['overhead_a_task']:+.1f} % but for the "
            f"{sweep['seconds_to_start']:.1f} s in which it starts and draws."
        )
    made = found["machine"]
    lines.append(
        f"Measured by `make bench` on {made['cores']} cores ({made['cpu']}), Python {made['python']}, NumPy "
        f"{made['numpy']}, numba {made['numba']}."
    )
    return lines


def in_time(seconds: float) -> str:
    """A time as it is read best."""
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= 2 * size or (unit == "s" and seconds >= size):
            return f"{seconds / size:.3g} {unit}"
    return f"{1e6 * seconds:,.0f} us"


def write_table(file: Path, found: Found) -> None:
    """Put the table between its marks in a file."""
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{file}: must have {BEGIN} and {END}, between which the table goes")
    file.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Measure, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", help=f"names; all without any: {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=4, help="times that each is measured, the best of which counts")
    parser.add_argument("--out", type=Path, default=Path("outputs/bench.json"), help="where the figures are written")
    parser.add_argument("--read", type=Path, help="figures of an earlier run, in place of measuring")
    parser.add_argument("--compare", type=Path, help="figures of an earlier run; fails if anything got slower")
    parser.add_argument("--table", type=Path, help="a Markdown file in which the table is put between its marks")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(importlib.import_module(asked.alone).measure(asked.rounds)))
        return
    if unknown := sorted(set(asked.workloads) - set(NAMES)):
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(NAMES)}")
    if asked.read is None:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        found = measure(asked.workloads or NAMES, asked.rounds, asked.out)
    else:
        found = json.loads(asked.read.read_text(encoding="utf-8"))
    print(table(found))
    if asked.table is not None:
        write_table(asked.table, found)
    if asked.compare is not None:
        lines, slower = compared(json.loads(asked.compare.read_text(encoding="utf-8")), found)
        print("\n".join(["", *lines]))
        raise SystemExit(int(slower))


if __name__ == "__main__":
    main()
