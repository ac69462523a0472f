"""Golden digests: what results are made of, how they are kept, and what counts as the same.

A case gives arrays by name. Of each the record keeps, in `digests.json`, the SHA-256 of all its bytes and its size, and
in `values.npz` its summary and a fixed sample of its values. On the CPU target and library versions that the record was
made with, digests must be equal; elsewhere, where the compiler may fuse and order sums differently, summary and sample
must agree to `ELSEWHERE`.

`allowed.json` holds arrays whose last bit has moved for a reason that was looked into (as when kernels are merged): by
reason, a tolerance and the digests since. Those hold in place of the recorded ones, and on every machine the recorded
values do, to that tolerance.

Laws do not change on the way to another house: the record is made anew by `record.py` only when they do.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding
import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

Arrays = dict[str, npt.NDArray[Any]]
Case = Callable[[], Arrays]

FOLDER = Path(__file__).parent
DIGESTS, VALUES, ALLOWED = FOLDER / "digests.json", FOLDER / "values.npz", FOLDER / "allowed.json"
ELSEWHERE = 1e-10  # relative, where the CPU target or a library is another
SAMPLE = 24  # values kept of an array
SUMMARY = 5  # and before them: its NaNs, lowest, highest, sum, sum of sizes
MOST_TOLD = 20  # lines of a failure
_LIBRARIES = ("llvmlite", "numba", "numpy", "pandas", "scipy")


class Kept(NamedTuple):
    """What the record has of one array."""

    digest: str
    size: int
    values: npt.NDArray[np.float64]  # summary and sample


class Record(NamedTuple):
    """What was recorded: where, and of each case the arrays by name."""

    target: dict[str, str]
    cases: dict[str, dict[str, Kept]]


def target() -> dict[str, str]:
    """Whatever the last bit may depend on besides the code."""
    return {
        "cpu": numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name(),
        "libc": "-".join(platform.libc_ver()),
        **{name: version(name) for name in _LIBRARIES},
    }


# -- results as arrays -------------------------------------------------------------------------------------------------


def as_array(values: Any) -> npt.NDArray[Any]:
    """Any column as float64 or int64 in one order: no minus zero, one NaN, text as numbers, dates as seconds."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[s]").astype(np.int64)
    elif array.dtype.kind in "OUST":
        array = np.array([_code(value) for value in array.ravel()], dtype=np.float64).reshape(array.shape)
    wanted = np.int64 if array.dtype.kind in "biu" else np.float64
    array = np.array(array, dtype=wanted, order="C")
    if wanted is np.float64:
        array += 0.0
        array[np.isnan(array)] = np.nan
    return array


def _code(value: Any) -> float:
    """A number as itself, nothing as NaN, any other value as a number that stands for its text."""
    if value is None or value is pd.NA:
        return float("nan")
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return float(value)
    return float(int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:6], "big"))


def columns(name: str, frame: pd.DataFrame) -> Arrays:
    """A frame's columns by name."""
    return {f"{name}.{column}": as_array(frame[column]) for column in frame}


def plain(name: str, content: Any) -> Arrays:
    """Nested plain data as two arrays, what the values are called and the values, in the order of their names."""
    found = dict(sorted(_leaves("", content)))
    return {f"{name}.names": as_array(list(found)), f"{name}.values": as_array([_code(v) for v in found.values()])}


def _leaves(name: str, content: Any) -> list[tuple[str, Any]]:
    if isinstance(content, Mapping):
        return [leaf for key, value in content.items() for leaf in _leaves(f"{name}/{key}", value)]
    if isinstance(content, list | tuple | np.ndarray):
        return [leaf for number, value in enumerate(content) for leaf in _leaves(f"{name}/{number:04d}", value)]
    return [(name, content)]


# -- the record --------------------------------------------------------------------------------------------------------


def keep(array: npt.NDArray[Any]) -> Kept:
    """What the record keeps of an array."""
    array = as_array(array)
    digest = hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()
    return Kept(digest, array.size, np.concatenate([_summary(array), _sample(array)]))


def _summary(array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    values = array.ravel().astype(np.float64)
    known = values[np.isfinite(values)]
    if not known.size:
        return np.array([values.size, 0.0, 0.0, 0.0, 0.0])
    return np.array([values.size - known.size, known.min(), known.max(), known.sum(), np.abs(known).sum()])


def _sample(array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Values at places that depend on the size alone: steps of the golden ratio fall in with no period of days."""
    values = array.ravel().astype(np.float64)
    if values.size <= SAMPLE:
        return values
    return values[np.unique((values.size * (np.arange(1, SAMPLE + 1) * 0.6180339887498949 % 1.0)).astype(int))]


@cache
def read_record() -> Record:
    """Read the record; an empty one if there is none."""
    if not DIGESTS.exists():
        return Record({}, {})
    content = json.loads(DIGESTS.read_text(encoding="utf-8"))
    cases: dict[str, dict[str, Kept]] = {}
    with np.load(VALUES) as stored:
        for case, arrays in content["cases"].items():
            values, start = stored[case], 0
            cases[case] = {}
            for name, (digest, size, kept) in arrays.items():
                cases[case][name] = Kept(digest, size, values[start : start + kept])
                start += kept
    return Record(content["target"], cases)


def write_record(record: Record) -> None:
    """Write the record, one line a case's array."""
    cases = {
        case: {name: [kept.digest, kept.size, kept.values.size] for name, kept in sorted(arrays.items())}
        for case, arrays in sorted(record.cases.items())
    }
    told = ",\n".join(
        f'"{case}": {{\n' + ",\n".join(f'"{name}": {json.dumps(kept)}' for name, kept in arrays.items()) + "\n}"
        for case, arrays in cases.items()
    )
    DIGESTS.write_text(f'{{"target": {json.dumps(record.target)},\n"cases": {{\n{told}\n}}}}\n', encoding="utf-8")
    values = {case: np.concatenate([record.cases[case][name].values for name in cases[case]]) for case in cases}
    np.savez_compressed(VALUES, **values)


# -- comparing ---------------------------------------------------------------------------------------------------------


class Allowance(NamedTuple):
    """What an array may be other than recorded."""

    tolerance: float
    digest: str  # since


def read_allowances() -> dict[str, Allowance]:
    """Arrays whose last bit has moved, by case and name."""
    found = json.loads(ALLOWED.read_text(encoding="utf-8"))
    return {
        name: Allowance(item["tolerance"], digest)
        for item in found.values()
        for name, digest in item["digests"].items()
    }


def differences(
    case: str, arrays: Arrays, record: Record, *, exact: bool, allowed: Mapping[str, Allowance]
) -> list[str]:
    """Say what is not as recorded, a line an array; arrays that came later than the record are not held."""
    found = []
    for name, kept in record.cases[case].items():
        if name not in arrays:
            found.append(f"{case}/{name}: is gone")
            continue
        now = keep(arrays[name])
        moved = allowed.get(f"{case}/{name}")
        tolerance = ELSEWHERE if moved is None else moved.tolerance
        digest = kept.digest if moved is None else moved.digest
        if now.size != kept.size:
            found.append(f"{case}/{name}: {now.size} values, recorded {kept.size}")
        elif exact and now.digest != digest:
            found.append(f"{case}/{name}: another digest; {_distance(now, kept)}")
        elif (moved is not None or not exact) and not close(now, kept, tolerance):
            found.append(f"{case}/{name}: further than {tolerance:g}; {_distance(now, kept)}")
    return found


def close(now: Kept, kept: Kept, tolerance: float) -> bool:
    """Whether all values agree to a tolerance relative to each, or to the average size of the array's values."""
    size = kept.values[SUMMARY - 1]
    average = size / max(kept.size - kept.values[0], 1.0)
    scale = np.full(kept.values.size, average)
    scale[0], scale[3], scale[4] = 0.0, size, size  # NaNs are counted; sums may cancel
    with np.errstate(invalid="ignore"):
        near = np.abs(now.values - kept.values) <= tolerance * np.maximum(scale, np.abs(kept.values))
    both = (now.values == kept.values) | (np.isnan(now.values) & np.isnan(kept.values))
    return bool((near | both).all())


def _distance(now: Kept, kept: Kept) -> str:
    with np.errstate(invalid="ignore"):
        apart = np.abs(now.values - kept.values)[SUMMARY:]
    apart = apart[np.isfinite(apart)]
    largest = float(apart.max()) if apart.size else 0.0
    summary = ", ".join(
        f"{what} {new:.17g} (recorded {old:.17g})"
        for what, new, old in zip(("NaNs", "lowest", "highest", "sum", "sizes"), now.values, kept.values, strict=False)
        if new != old
    )
    return f"largest difference in the sample {largest:.3g}; {summary or 'same summary'}"


def check(case: str, arrays: Arrays) -> None:
    """Assert that a case gives what was recorded.

    Machine code that this process has compiled itself may differ in a last bit from the same code read from the cache:
    functions that are not inlined are then taken from another place, where they were optimised alone. The record was
    made with code from the cache, so where bits alone have moved the case is run once more in a fresh process.
    """
    found = not_as_recorded(case, arrays)
    if found and not not_as_recorded(case, arrays, exact=False):
        again = [sys.executable, str(FOLDER / "record.py"), "--check", case]
        done = subprocess.run(again, capture_output=True, text=True, check=False)
        found = [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()
    assert not found, "\n".join(
        [*found[:MOST_TOLD], *([f"and {len(found) - MOST_TOLD} more"] if found[MOST_TOLD:] else [])]
    )


def not_as_recorded(case: str, arrays: Arrays, *, exact: bool = True) -> list[str]:
    """Say what differs from the record; `exact` where the record was made on a machine like this one."""
    record = read_record()
    if case not in record.cases:
        return [f"{case}: not recorded yet (see record.py)"]
    exact = exact and record.target == target()
    return differences(case, arrays, record, exact=exact, allowed=read_allowances())
