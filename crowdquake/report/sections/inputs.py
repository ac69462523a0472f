"""What is model input, fitted, synthetic or from memory."""

from __future__ import annotations

from collections.abc import Sequence

from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Listing, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder
from scenarios.schema import Scenario


@section("inputs", place=140)
def inputs(pack: Pack) -> Sequence[Part]:
    """Where what goes in comes from, with how sure it is; anything made up is said first."""
    words = pack.words
    parts: list[Part] = []
    synthetic = [result.label for result in pack.results if _is_synthetic(result)]
    if synthetic:
        parts.append(Text(words("inputs.synthetic", labels=words("list_comma").join(synthetic))))
    for result in pack.results:
        outside = result.manifest.get("outside_tested") or []
        if outside:
            listed = words("list_comma").join(map(str, outside))
            parts.append(Text(words("inputs.outside_tested", label=result.label, outside=listed)))
    for result in pack.of(RUN):
        scenario = result.run.scenario
        parts.append(_settings(pack, result, scenario))
        if scenario.fact:
            parts.append(_facts(pack, result, scenario))
        if scenario.caution:
            parts += [Text(words("inputs.caution", label=result.label), small=True), Text(scenario.caution.strip())]
    files = [
        words("inputs.file", label=result.label, what=what, file=item.get("file", what), digest=item["sha256"][:12])
        for result in pack.results
        for what, item in _files(result).items()
    ]
    if files:
        parts.append(Listing(tuple(files)))
    return [*parts, Text(words("inputs.note"), small=True)] if parts else []


def _is_synthetic(result: ResultFolder) -> bool:
    made, content = result.manifest, result.content
    return bool(made.get("synthetic_index") or content.get("synthetic"))


def _files(result: ResultFolder) -> dict[str, dict[str, str]]:
    found = result.manifest.get("inputs") or {}
    return {what: item for what, item in found.items() if isinstance(item, dict) and "sha256" in item}


def _settings(pack: Pack, result: ResultFolder, scenario: Scenario) -> Table:
    """The figures that a committee asks for first, and whether the command line set them otherwise."""
    words, numbers = pack.words, pack.numbers
    desk, funds = scenario.desk, scenario.funds
    changed = result.manifest.get("overrides") or {}
    book = result.manifest.get("book")
    told = {
        "desk.policy": desk.policy,
        "desk.reserve": numbers.percent(desk.reserve),
        "desk.margin": numbers.percent(desk.margin),
        "desk.when_exhausted": words(f"inputs.when_exhausted.{desk.when_exhausted}"),
        "desk.book": words("inputs.index_book")
        if book is None
        else words("inputs.own_book", stocks=str(book["stocks"])),
        "funds.count": numbers.count(funds.count),
        "funds.crowding": numbers.plain(funds.crowding, 2),
        "funds.leverage": numbers.plain(funds.leverage, 2),
        "liquidator.size": numbers.plain(scenario.liquidator.size),
        "liquidator.days": numbers.plain(scenario.liquidator.days),
        "impact.strength": numbers.plain(scenario.impact.strength),
        "clock.days": numbers.count(scenario.clock.days),
    }
    rows = [
        (
            key,
            words(f"inputs.keys.{key.replace('.', '_')}"),
            value,
            words("inputs.set" if key in changed else "inputs.scenario"),
        )
        for key, value in told.items()
    ]
    rows += [(key, "", str(value), words("inputs.set")) for key, value in changed.items() if key not in told]
    heads = [words(f"inputs.heads.{name}") for name in ("key", "what", "value", "from")]
    return Table.of(words("inputs.table", label=result.label), heads, rows, left=2)


def _facts(pack: Pack, result: ResultFolder, scenario: Scenario) -> Table:
    words = pack.words
    order = ("memory", "secondary", "computed", "verified")
    rows = [
        (words(f"inputs.certainty.{fact.certainty}"), fact.text, scenario.sources.get(fact.source, fact.source))
        for fact in sorted(scenario.fact, key=lambda fact: order.index(fact.certainty))
    ]
    heads = [words(f"inputs.heads.{name}") for name in ("certainty", "fact", "source")]
    return Table.of(words("inputs.facts", label=result.label), heads, rows, left=3)
