"""Reserve adequacy by policy: what is needed, how likely and when a call comes, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np

from crowdquake.report import drawing
from crowdquake.report.hedges import HedgeFacts, hedge_facts, named
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section

MOST_BARS = 12
LINE = 40  # letters


@section("reserve", place=20)
def reserve(pack: Pack) -> Sequence[Part]:
    """Reserve needed and calls at the one held, policy by policy, in ratios and money."""
    facts = hedge_facts(pack.results)
    if not facts:
        return []
    parts: list[Part] = [_needed(pack, facts), _calls(pack, facts)]
    if any(one.sure for one in facts):
        parts.insert(0, needed_chart(pack, facts))
    parts.append(Text(pack.words("reserve.note"), small=True))
    return parts


def _needed(pack: Pack, facts: Sequence[HedgeFacts]) -> Table:
    words, numbers = pack.words, pack.numbers
    told = [item for one in facts for item in one.needed if not np.isnan(item.reserve)]
    confidences = sorted({item.confidence for item in told or facts[0].needed})
    heads = [words("limits.whose"), words("reserve.held")]
    for confidence in confidences:
        heads += [words("reserve.enough", confidence=f"{100 * confidence:g}"), words("limits.interval"), words("money")]
    rows = []
    for one in facts:
        row = [named(one, pack.results), numbers.percent(one.reserve)]
        for item in one.needed:
            if item.confidence not in confidences:
                continue
            if one.beyond_held(item.reserve):
                row += [f">\u00a0{numbers.percent(one.reserve)}", "", ""]
            elif np.isnan(item.reserve):
                row += ["", words("reserve.too_few", paths=numbers.count(item.paths_needed)), ""]
            else:
                money = numbers.money(item.reserve * one.book_money, one.currency)
                row += [numbers.percent(item.reserve), numbers.span(item.low, item.high), money]
        rows.append(row)
    return Table.of(words("reserve.table"), heads, rows)


def _calls(pack: Pack, facts: Sequence[HedgeFacts]) -> Table:
    words, numbers = pack.words, pack.numbers
    twin = any(not np.isnan(one.without) for one in facts)
    names = ["chance", "interval", *(["without"] if twin else []), "first", "first_span", "first_call"]
    names += ["new_money", "most", "expected", "worst"]
    rows = []
    for one in facts:
        row = [
            named(one, pack.results),
            numbers.percent(one.probability),
            numbers.span(one.low, one.high),
            *([numbers.percent(one.without)] if twin else []),
            one.first,
            numbers.between(one.first_early, one.first_late) if one.first else "",
            *(
                numbers.money(amount, one.currency)
                for amount in (one.first_call, one.new_money, one.new_money_most, one.expected, one.worst)
            ),
        ]
        rows.append(row)
    heads = [words("limits.whose"), *(words(f"reserve.heads.{name}") for name in names)]
    return Table.of(words("reserve.calls"), heads, rows)


def needed_chart(pack: Pack, facts: Sequence[HedgeFacts]) -> Chart:
    """Reserve needed with its interval, against the one held."""
    shown = [one for one in facts if one.sure][:MOST_BARS]
    names = [_wrapped(named(one, pack.results)) for one in reversed(shown)]
    figure, (axes,) = pack.drawing.figure(height=1.1 + 0.34 * len(shown) + 0.14 * "".join(names).count("\n"))
    for place, one in enumerate(reversed(shown)):
        sure = one.sure
        assert sure is not None
        top = sure.high if np.isfinite(sure.high) else sure.reserve
        axes.plot(
            [100 * sure.low, 100 * top], [place, place], color=drawing.BLUE, lw=5, alpha=0.35, solid_capstyle="butt"
        )
        axes.plot(100 * sure.reserve, place, "o", color=drawing.BLUE, ms=6)
        axes.plot([100 * one.reserve] * 2, [place - 0.38, place + 0.38], color=drawing.ORANGE, lw=2.2)
    axes.set_yticks(range(len(shown)), names)
    axes.set_xlim(left=0)
    axes.grid(visible=False)
    axes.set_xlabel(pack.words("reserve.axis"))
    confidence = f"{100 * max(one.sure.confidence for one in shown if one.sure):g}"
    return pack.chart(pack.words("reserve.chart", confidence=confidence), figure, pack.words("reserve.chart_foot"))


def _wrapped(name: str) -> str:
    """A name on two lines where it is long: nothing of it is cut."""
    return fill(name, LINE, max_lines=3, placeholder=" ...")
