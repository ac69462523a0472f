"""Key figures of runs side by side: what each scenario does to the crowd, the index and the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

MONEY = ("desk_hedge_loss_money", "desk_shortfall_money")
COUNTS = ("funds_called", "desk_first_call_day")


@section("figures", place=15)
def figures(pack: Pack) -> Sequence[Part]:
    """Medians with 10-90 % of paths, beside the baseline without the liquidator; several runs side by side."""
    runs = pack.of(RUN)
    if not runs:
        return []
    words = pack.words
    several = len(runs) > 1
    names = list(dict.fromkeys(name for result in runs for name in _figures(result)))
    heads = [words("figures.figure")]
    for result in runs:
        heads.append(result.label if several else words("figures.median"))
        heads += [] if several else [words("figures.spread")]
        heads.append(f"{result.label}: {pack.baseline(result)}" if several else pack.baseline(result))
    if len(runs) == 2:
        heads.append(words("figures.change"))
    rows = []
    for name in names:
        found = [_figures(result).get(name) for result in runs]
        if all(item is None or _middle(item) is None for item in found):
            continue
        row = [_label(pack, name, runs[0])]
        for result, item in zip(runs, found, strict=True):
            row += _cells(pack, result, name, item, several)
        if len(runs) == 2:
            row.append(_change(pack, runs[0], name, found))
        rows.append(row)
    return [Table.of(words("figures.table"), heads, rows), Text(words("figures.note"), small=True)]


def _figures(result: ResultFolder) -> Mapping[str, Any]:
    found: Mapping[str, Any] = result.run.summary()["figures"]
    return found


def _label(pack: Pack, name: str, result: ResultFolder) -> str:
    told = pack.words.either(f"figures.names.{name}", name.replace("_", " "))
    return told.replace("{days}", str(result.run.scenario.clock.horizon))


def _middle(item: Mapping[str, Any]) -> float | None:
    value: float | None = item["share"] if "share" in item else item["median"]
    return value


def _cells(pack: Pack, result: ResultFolder, name: str, item: Mapping[str, Any] | None, several: bool) -> list[str]:
    if item is None:
        return ["", ""] if several else ["", "", ""]
    ends = item["interval"] if "share" in item else (item["p10"], item["p90"])
    told = _number(pack, result, name, _middle(item))
    low, high = (_number(pack, result, name, value) for value in ends)
    spread = pack.numbers.between(low, high) if low else ""
    twin = _number(pack, result, name, item.get("twin"))
    return [f"{told} ({spread})" if spread else told, twin] if several else [told, spread, twin]


def _change(pack: Pack, result: ResultFolder, name: str, found: Sequence[Mapping[str, Any] | None]) -> str:
    values = [None if item is None else _middle(item) for item in found]
    if values[0] is None or values[1] is None:
        return ""
    told = _number(pack, result, name, values[0] - values[1])
    return told if told.startswith("-") or values[0] == values[1] else f"+{told}"


def _number(pack: Pack, result: ResultFolder, name: str, value: float | None) -> str:
    numbers = pack.numbers
    if value is None:
        return ""
    unit = str(result.run.summary()["figures"].get(name, {}).get("unit", ""))
    currency = result.run.scenario.market.currency
    if unit.startswith(currency):
        return numbers.money(value, currency)
    if name in COUNTS:
        return numbers.plain(value)
    return numbers.percent(value)
