"""The first page: the question, the answer in three sentences, one picture, and the decision asked for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crowdquake.report.hedges import RUN, HedgeFacts, hedge_facts, leading
from crowdquake.report.limits import figure_words, held
from crowdquake.report.parts import Chart, Front, Part
from crowdquake.report.results import ResultFolder

if TYPE_CHECKING:
    from crowdquake.report.making import Pack

ENOUGH = 0.05  # chance of a call up to which a reserve is put up for confirmation, where the committee gives no limit


def front_of(pack: Pack, parts: dict[str, tuple[Part, ...]]) -> Front:
    """The first page of a pack, whose sections are `parts` by name."""
    facts = leading(hedge_facts(pack.results))
    run = next(iter(pack.of(RUN)), None)
    question = _question(pack, facts, run)
    if facts is not None:
        answer, decision = _hedge_answer(pack, facts, run), _hedge_decision(pack, facts)
    elif run is not None:
        answer, decision = _crowd_answer(pack, run), (pack.words("front.decide_crowd"),)
    elif pack.of("Comparison"):
        answer, decision = _replayed(pack), (pack.words("front.decide_found"),)
    else:
        answer, decision = _found(pack), (pack.words("front.decide_found"),)
    return Front(
        question, answer, _picture(pack, parts), decision, tuple(_provenance(pack, item) for item in pack.results)
    )


def _question(pack: Pack, facts: HedgeFacts | None, run: ResultFolder | None) -> str:
    words, numbers = pack.words, pack.numbers
    if facts is not None:
        return words(
            "front.is_it_enough", reserve=numbers.percent(facts.reserve), policy=facts.policy, source=facts.source
        )
    if run is not None and run.run.scenario.question:
        return run.run.scenario.question
    for result in pack.of("Comparison"):
        content = result.content
        return words("front.replay", index=content["index"], start=content["start"], end=content["end"])
    return words("front.what_was_found", title=pack.results[0].label)


def _hedge_answer(pack: Pack, facts: HedgeFacts, run: ResultFolder | None) -> tuple[str, ...]:
    """Whether it is called, what is lost or has to be raised, and what would be enough."""
    words, numbers = pack.words, pack.numbers
    without = "" if np.isnan(facts.without) else words("front.without", chance=numbers.percent(facts.without))
    key = "front.called" if facts.probability > 0 else "front.never_called"
    called = words(
        key,
        reserve=numbers.percent(facts.reserve),
        money=numbers.money(facts.reserve * facts.book_money, facts.currency),
        chance=numbers.percent(facts.probability),
        span=numbers.span(facts.low, facts.high),
        without=without,
        paths=numbers.count(facts.paths),
        first=facts.first,
    )
    return (called, _lost(pack, facts, run), _enough(pack, facts))


def _lost(pack: Pack, facts: HedgeFacts, run: ResultFolder | None) -> str:
    words, numbers = pack.words, pack.numbers
    asked = ""
    if facts.probability > 0:
        asked = words(
            "front.new_money",
            mean=numbers.money(facts.new_money, facts.currency),
            most=numbers.money(facts.new_money_most, facts.currency),
        )
    if run is None or facts.result is not run:  # another book's loss is none of this one's
        return words("front.alone", told=asked[:1].upper() + asked[1:]) if asked else words("front.no_money")
    figures = run.run.summary()["figures"]
    loss, money = figures["desk_hedge_loss"], figures["desk_hedge_loss_money"]
    told = words(
        "front.loses",
        days=str(run.run.scenario.clock.horizon),
        loss=numbers.percent(loss["median"]),
        span=numbers.span(loss["p10"], loss["p90"]),
        money=numbers.money(money["median"], facts.currency),
        without=""
        if loss.get("twin") is None
        else words("front.loses_without", baseline=pack.baseline(run), loss=numbers.percent(loss["twin"])),
    )
    return words("front.alone", told=words("join", one=told, other=asked) if asked else told)


def _enough(pack: Pack, facts: HedgeFacts) -> str:
    words, numbers = pack.words, pack.numbers
    sure = facts.sure
    if sure is None:
        if facts.reduced:
            return words(
                "front.cut",
                worst=numbers.money(facts.worst, facts.currency),
                expected=numbers.money(facts.expected, facts.currency),
            )
        needed = facts.needed[0].paths_needed if facts.needed else np.nan
        return words("front.too_few", paths=numbers.count(facts.paths), needed=numbers.count(needed))
    return words(
        "front.enough",
        reserve=numbers.percent(sure.reserve),
        span=numbers.span(sure.low, sure.high),
        money=numbers.money(sure.reserve * facts.book_money, facts.currency),
        confidence=f"{100 * sure.confidence:g}",
    )


def _hedge_decision(pack: Pack, facts: HedgeFacts) -> tuple[str, ...]:
    """Confirm, raise or accept: against the committee's limit of a call's chance, or a twentieth without one."""
    words, numbers = pack.words, pack.numbers
    limit = pack.limits["call_probability"].value if "call_probability" in pack.limits else ENOUGH
    told = {
        "reserve": numbers.percent(facts.reserve),
        "chance": numbers.percent(facts.probability),
        "span": numbers.span(facts.low, facts.high),
        "limit": numbers.percent(limit),
    }
    broken = [
        words("front.broken", figure=figure_words(words, other.figure), limit=numbers.percent(other.value))
        for other in pack.limits.values()
        if other.figure != "call_probability" and other.verdict(held(facts, other.figure)) == "beyond"
    ]
    if facts.high <= limit and not broken:
        return (words("front.confirm", **told),)
    sure = facts.sure
    options = []
    if sure is not None and sure.reserve > facts.reserve:
        more = (sure.reserve - facts.reserve) * facts.book_money
        options.append(
            words(
                "front.raise",
                reserve=numbers.percent(sure.reserve),
                money=numbers.money(more, facts.currency),
                confidence=f"{100 * sure.confidence:g}",
            )
        )
    elif facts.worst > 0:
        options.append(words("front.raise_by", money=numbers.money(facts.worst, facts.currency)))
    better = _better_policy(facts)
    if better is not None:
        options.append(
            words(
                "front.change",
                policy=better.policy,
                chance=numbers.percent(better.probability),
                span=numbers.span(better.low, better.high),
            )
        )
    key = "front.decide" if facts.low > limit else "front.decide_open"
    first = words("front.decide_broken" if facts.high <= limit else key, **told)
    return (first, *broken, *options, words("front.accept", **told))


def _better_policy(facts: HedgeFacts) -> HedgeFacts | None:
    """A policy on the same source that is called less, beyond what may be chance."""
    others = [
        one
        for one in hedge_facts([facts.result])
        if one.source == facts.source and one.policy != facts.policy and one.high < facts.low
    ]
    return min(others, key=lambda one: one.probability, default=None)


def _crowd_answer(pack: Pack, result: ResultFolder) -> tuple[str, ...]:
    """Of a run without a desk: the crowd, forced sales, the index."""
    words, numbers = pack.words, pack.numbers
    figures = result.run.summary()["figures"]
    days = str(result.run.scenario.clock.horizon)
    told = [_large_fund(pack, result, days)] if "large_fund_equity" in figures else []
    for name in ("fund_trough", "forced_share", "index_trough"):
        item = figures.get(name)
        if item is None or item["median"] is None:
            continue
        twin = item.get("twin")
        told.append(
            words(
                f"front.{name}",
                days=days,
                value=numbers.percent(abs(item["median"])),
                span=numbers.span(*sorted((abs(item["p10"]), abs(item["p90"])))),
                without=""
                if twin is None
                else words("front.loses_without", baseline=pack.baseline(result), loss=numbers.percent(abs(twin))),
            )
        )
    return tuple(told[:3])


def _large_fund(pack: Pack, result: ResultFolder, days: str) -> str:
    numbers, figures = pack.numbers, result.run.summary()["figures"]
    equity, currency = figures["large_fund_equity"], result.run.scenario.market.currency
    return pack.words(
        "front.large_fund_equity",
        days=days,
        value=numbers.money(equity["median"], currency),
        span=numbers.money_span(equity["p10"], equity["p90"], currency),
        twin=numbers.money(equity.get("twin"), currency),
        ruined=numbers.percent(figures["large_fund_ruined"]["share"]),
    )


def _replayed(pack: Pack) -> tuple[str, ...]:
    """What the first policies came to on the series."""
    words, numbers = pack.words, pack.numbers
    told = []
    for name, figures in list(pack.of("Comparison")[0].content["policies"].items())[:3]:
        currency, days = figures["currency"], figures["margin_call_days"]
        told.append(
            words(
                "front.replayed" if days else "front.replayed_uncalled",
                policy=name,
                needed=numbers.percent(figures["required_reserve"]),
                reserve=numbers.percent(figures["reserve"]),
                days=numbers.count(days),
                first=numbers.date(figures["first_margin_call"]),
                called=numbers.money(figures["called_money"], currency),
                earned=numbers.percent(figures["return"], sign="+"),
            )
        )
    return tuple(told)


def _found(pack: Pack) -> tuple[str, ...]:
    """What other studies say of themselves, up to three sentences."""
    told = []
    for result in pack.results:
        said = result.content.get("finding") or result.content.get("sentence")
        study = pack.words.either(f"studies.{result.study}", result.study)
        told.append(str(said) if said else pack.words("front.see", study=study, label=result.label))
    return tuple(told[:3])


def _picture(pack: Pack, parts: dict[str, tuple[Part, ...]]) -> Chart | None:
    """Reserves needed where there are several, else the cash by day, else the first chart there is."""
    several = sum(one.sure is not None for one in hedge_facts(pack.results)) > 1
    order = ["reserve", "ladder", *parts] if several else ["ladder", "reserve", *parts]
    charts = [part for name in order for part in parts.get(name, ()) if isinstance(part, Chart)]
    if not charts:
        return None
    return replace(charts[0], svg=re.sub(r'(\bid="|#)c\d+-', r"\1front-", charts[0].svg))  # it stands twice in a page


def _provenance(pack: Pack, result: ResultFolder) -> str:
    made = result.manifest
    study = pack.words.either(f"studies.{result.study}", result.study)
    told = [f"{result.label}: {study}"]
    for name in ("scenario", "paths", "seed"):
        value = made.get(name, result.content.get(name))
        if value is not None and not isinstance(value, dict | list):
            told.append(f"{pack.words(name)} {value}")
    told.append(result.written)
    return ", ".join(told)
