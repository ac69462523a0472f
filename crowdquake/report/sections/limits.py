"""Limit and result side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crowdquake.report.hedges import HedgeFacts, hedge_facts, named
from crowdquake.report.limits import Limit, confidence_of, figure_words, held, reserve_figure
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section


@section("limits", place=10)
def limits(pack: Pack) -> Sequence[Part]:
    """The reserve held against the reserve needed, and the committee's own limits against the results."""
    facts = hedge_facts(pack.results)
    if not facts:
        return []
    words = pack.words
    rows: list[tuple[str, ...]] = []
    beyond: list[int] = []
    for one in facts:
        for limit in _limits(pack, one):
            row, verdict = _row(pack, one, limit)
            if verdict == "beyond":
                beyond.append(len(rows))
            rows.append(row)
    heads = [words(f"limits.{name}") for name in ("whose", "figure", "limit", "result", "interval", "verdict")]
    parts: list[Part] = [Table.of(words("limits.table"), heads, rows, left=2, marked=beyond)]
    parts.append(Text(words("limits.own" if pack.limits else "limits.none"), small=True))
    if any(one.reduced for one in facts):
        parts.append(Text(words("reserve.reduced"), small=True))
    return parts


def _limits(pack: Pack, facts: HedgeFacts) -> list[Limit]:
    """The reserve held limits what may be needed; then the committee's own."""
    own = [Limit(reserve_figure(item.confidence), facts.reserve) for item in facts.needed]
    return [limit for limit in own if held(facts, limit.figure)] + list(pack.limits.values())


def _row(pack: Pack, facts: HedgeFacts, limit: Limit) -> tuple[tuple[str, ...], str]:
    words, numbers = pack.words, pack.numbers
    found, confidence = held(facts, limit.figure), confidence_of(limit.figure)
    verdict = limit.verdict(found)

    def told(value: float) -> str:
        held_at_most = confidence is not None and facts.beyond_held(value)
        return f">\u00a0{numbers.percent(facts.reserve)}" if held_at_most else numbers.percent(value)

    spread = found is not None and not math.isnan(found.low)
    interval = numbers.between(told(found.low), told(found.high)) if found is not None and spread else ""
    if found is not None and facts.beyond_held(found.low) and confidence is not None:
        interval = told(found.low)
    row = (
        named(facts, pack.results),
        figure_words(pack.words, limit.figure),
        numbers.percent(limit.value),
        "" if found is None else told(found.value),
        interval,
        words(f"limits.verdicts.{verdict}"),
    )
    return row, verdict
