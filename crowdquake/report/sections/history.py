"""History beside simulation, misses first."""

from __future__ import annotations

from collections.abc import Sequence

from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

# What proves most comes first; an input's target proves little, as a dial of the model sets it.
KINDS = ("history", "held-out", "design", "input", "context")


@section("history", place=120)
def history(pack: Pack) -> Sequence[Part]:
    """Every target of a run: what history gave, what is allowed, what was simulated; misses first."""
    parts: list[Part] = []
    for result in pack.of(RUN):
        if result.run.targets:
            parts += [Text(_count(pack, result)), _table(pack, result)]
    return [*parts, Text(pack.words("history.note"), small=True)] if parts else []


def _count(pack: Pack, result: ResultFolder) -> str:
    words = pack.words
    told = []
    for kind in KINDS:
        met = [target.met for target in result.run.targets if target.kind == kind]
        if met:
            name = words(f"history.kinds.{kind.replace('-', '_')}")
            told.append(words("history.of_kind", kind=name, met=str(sum(met)), all=str(len(met))))
    return words("history.count", label=result.label, told=words("list_comma").join(told))


def _table(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    ordered = sorted(result.run.targets, key=lambda target: (target.met, KINDS.index(target.kind)))
    rows = []
    for target in ordered:
        low, high = target.interval or (None, None)
        rows.append(
            (
                target.name,
                words(f"history.kinds.{target.kind.replace('-', '_')}"),
                "" if target.history is None else numbers.plain(target.history),
                numbers.between(numbers.plain(target.low), numbers.plain(target.high)),
                "" if target.measured is None else numbers.plain(target.measured),
                "" if low is None else numbers.between(numbers.plain(low), numbers.plain(high)),
                words("history.met" if target.met else "history.missed"),
            )
        )
    heads = [
        words(f"history.heads.{name}")
        for name in ("target", "kind", "history", "allowed", "simulated", "interval", "verdict")
    ]
    missed = [place for place, target in enumerate(ordered) if not target.met]
    return Table.of(words("history.table", label=result.label), heads, rows, left=2, marked=missed)
