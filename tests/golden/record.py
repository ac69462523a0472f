"""Make the golden record anew, by hand: `python tests/golden/record.py [case ...]`.

Only when laws change: a new law, another default, a mended error in a result. Never to make a test pass while code is
moved about; then the test is right and the move is wrong. Where a last bit has moved because kernels were merged, say
so with `--allow REASON` instead, which writes `allowed.json`. Without names all cases are recorded; with names those
only, which needs the CPU target and the versions of the record. After an edit of kernels run it twice: a process that
compiles them may differ in a last bit from those that find them compiled. A commit that renews the record says which
law changed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from golden import ALLOWED, Record, close, keep, not_as_recorded, read_record, target, write_record
from golden_hedges import HEDGES
from golden_runs import MARKETS, SCENARIOS
from golden_studies import STUDIES

MOVED = 1e-12  # relative, a last bit that has moved
CASES = {**SCENARIOS, **MARKETS, **STUDIES, **HEDGES}


def main() -> None:
    """Record the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cases", nargs="*", help="names of cases; all without any")
    parser.add_argument("--check", action="store_true", help="record nothing: say what is not as recorded, and fail")
    parser.add_argument(
        "--allow", metavar="REASON", help="record nothing: allow the last bits that have moved, and why"
    )
    asked = parser.parse_args()
    named = asked.cases
    if unknown := sorted(set(named) - set(CASES)):
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(CASES))}")
    if asked.check:
        told = [line for name in named or CASES for line in not_as_recorded(name, CASES[name]())]
        sys.exit("\n".join(told) or 0)
    if asked.allow:
        allow(asked.allow, named or list(CASES))
        return
    before = read_record()
    if named and before.target != target():
        parser.error("the record was made on another CPU target or with other versions: record all cases")
    found = {name: arrays for name, arrays in before.cases.items() if named and name in CASES}
    for name in named or CASES:
        started = time.perf_counter()
        found[name] = {array: keep(values) for array, values in CASES[name]().items()}
        print(f"{time.perf_counter() - started:6.2f} s  {name}: {len(found[name])} arrays", flush=True)
    write_record(Record(target(), found))


def allow(reason: str, names: list[str]) -> None:
    """Write down the digests of arrays that are within `MOVED` of what was recorded; further ones stay faults."""
    record, digests = read_record(), {}
    for case in names:
        arrays = CASES[case]()
        for name, kept in record.cases[case].items():
            now = keep(arrays[name])
            if now.digest != kept.digest and close(now, kept, MOVED):
                digests[f"{case}/{name}"] = now.digest
    content = json.loads(ALLOWED.read_text(encoding="utf-8"))
    content[reason] = {"tolerance": MOVED, "digests": digests}
    ALLOWED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
