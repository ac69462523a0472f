"""How results move with the parameters that matter: sensitivities, counterfactuals, crowding."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crowdquake.report.hedges import RESERVES, RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder
from scenarios import TargetResult

FIGURES = ("fund_trough", "forced_share", "desk_hedge_loss", "desk_margin_call", "desk_shortfall")


@section("sensitivity", place=130)
def sensitivity(pack: Pack) -> Sequence[Part]:
    """Counterfactuals and sensitivities of runs, and reserves at other crowding."""
    parts: list[Part] = []
    for result in pack.of(RUN):
        parts += [table for table in (_counterfactuals(pack, result), _targets(pack, result)) if table is not None]
    for result in pack.of(RESERVES):
        if result.has("crowding"):
            parts.append(_crowding(pack, result))
    return [*parts, Text(pack.words("sensitivity.note"), small=True)] if parts else []


def _counterfactuals(pack: Pack, result: ResultFolder) -> Table | None:
    words, numbers = pack.words, pack.numbers
    others = result.run.counterfactual()
    if not others:
        return None
    main = result.run.summary()["figures"]
    shown = [name for name in FIGURES if name in main]
    rows = [(words("sensitivity.as_is"), numbers.count(result.run.manifest["paths"]), *_cells(pack, main, shown))]
    rows += [
        (
            _title(pack, result, name, str(entry["title"])),
            numbers.count(entry["paths"]),
            *_cells(pack, entry["figures"], shown),
        )
        for name, entry in others.items()
    ]
    heads = [words("sensitivity.run"), words("paths"), *(words(f"sensitivity.figures.{name}") for name in shown)]
    return Table.of(words("sensitivity.counterfactuals", label=result.label), heads, rows, marked=[0])


def _title(pack: Pack, result: ResultFolder, name: str, title: str) -> str:
    return pack.baseline(result) if name == "twin" else pack.words.either(f"counterfactuals.{name}", title or name)


def _cells(pack: Pack, figures: dict[str, dict[str, float | None]], shown: Sequence[str]) -> list[str]:
    cells = []
    for name in shown:
        item = figures.get(name, {})
        cells.append(pack.numbers.percent(item.get("share", item.get("median"))))
    return cells


def _targets(pack: Pack, result: ResultFolder) -> Table | None:
    """Targets that a sensitivity moves, those moved most (as a share of the allowed range) first."""
    words, numbers = pack.words, pack.numbers
    names = [variant.name for variant in result.run.scenario.sensitivity]
    moved = [target for target in result.run.targets if target.sensitivity and target.measured is not None]
    if not names or not moved:
        return None

    def how_far(target: TargetResult) -> float:
        measured, width = target.measured or 0.0, max(target.high - target.low, 1e-12)
        return max(abs(value - measured) / width for value in target.sensitivity.values())

    moved.sort(key=how_far, reverse=True)
    rows = [
        (
            target.name,
            numbers.plain(target.measured),
            *(numbers.plain(target.sensitivity[name]) if name in target.sensitivity else "" for name in names),
            numbers.between(numbers.plain(target.low), numbers.plain(target.high)),
        )
        for target in moved
    ]
    heads = [words("history.heads.target"), words("sensitivity.as_is"), *names, words("history.heads.allowed")]
    return Table.of(words("sensitivity.targets", label=result.label), heads, rows)


def _crowding(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    frame: pd.DataFrame = result.table("crowding")
    needed = [name for name in frame.columns if name.startswith("reserve_") and frame[name].notna().any()]
    rows = [
        (
            f"{row['policy']} / {row['source']}",
            numbers.plain(row["crowding"], 2),
            numbers.percent(row["probability"]),
            numbers.span(row["low"], row["high"]),
            *(numbers.percent(row[name]) for name in needed),
            numbers.percent(row["shortfall_expected"]),
        )
        for row in frame.to_dict("records")
    ]
    heads = [words("limits.whose"), words("sensitivity.crowding"), words("reserve.heads.chance")]
    heads += [words("limits.interval")]
    heads += [words("reserve.enough", confidence=name.removeprefix("reserve_")) for name in needed]
    heads += [words("reserve.heads.expected")]
    return Table.of(words("sensitivity.by_crowding", label=result.label), heads, rows)
