"""The answer in one sentence, made from the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cqkit.plain import percent
from hedging.holdings import Holdings
from scenarios.reserves.answers import Answer
from scenarios.reserves.mixing import MIXTURE

NAMED = 3  # stocks


def sentence_of(answers: Sequence[Answer], book: Holdings | None = None, *, named: bool = True) -> str:
    """The first policy where `chosen` says, in one sentence; stocks only if `named`."""
    told = chosen(answers)
    needs = told.needs
    held = f"{percent(needs.reserve)} of the book ({money(needs.reserve * needs.start_value, needs.currency)})"
    return (
        f"With a reserve of {held}, {told.policy} in {told.source} {_called(told, book, named)}; {_enough(told)}, and "
        f"{_kept(told)}."
    )


def chosen(answers: Sequence[Answer]) -> Answer:
    """The first policy in the mixture, else in the scenario where a call is likeliest, else in such a source.

    Path models and series stand beside the scenarios that were asked about. Among equals the largest need is first.
    """
    first = [answer for answer in answers if answer.policy == answers[0].policy]
    mixed = [answer for answer in first if answer.source == MIXTURE]
    asked = mixed or [answer for answer in first if answer.has_crowd] or first
    return max(asked, key=lambda one: (one.needs.called.size / one.needs.paths, one.needs.required.mean()))


def money(amount: float, currency: str) -> str:
    """An amount with its unit, to three digits: CNY 1.23m."""
    for size, unit in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if abs(amount) >= 0.9995 * size:
            return f"{currency} {amount / size:.3g}{unit}"
    return f"{currency} {amount:,.0f}"


def _called(told: Answer, book: Holdings | None, named: bool) -> str:
    """How likely a call is, when the first comes, and for how much."""
    found, needs = told.needs.calls_found(told.when), told.needs
    alone = needs.paths == 1
    if not needs.called.size:
        return (
            "is not called in its one history"
            if alone
            else f"is never called in {needs.paths:,} paths (a chance of at most {percent(found['high'])})"
        )
    mean, most = (
        money(found[name] * needs.start_value, needs.currency) for name in ("new_money_mean", "new_money_most")
    )
    first, sold = found["first_most_frequent"], _sold(told, book, named)
    if alone:
        return f"is called in its one history, first on {first}, for {mean} of new money in all{sold}"
    twin = "" if told.twin is None else f"; {percent(told.chance_without)} without the liquidator"
    chance = f"{percent(found['probability'])} of paths ({percent(found['low'])} to {percent(found['high'])}{twin})"
    return (
        f"is called in {chance}, first most often on {first}, for {mean} of new money on average and {most} at worst"
        f"{sold}"
    )


def _sold(told: Answer, book: Holdings | None, named: bool) -> str:
    """How the money is raised, and what that costs, if that is known."""
    sales = told.sales(book)
    if book is None or not sales:
        raised = float(told.needs.new_money[told.needs.called].mean())
        if not np.isfinite(told.mean_cost):
            return ""
        return f", which the cheapest sale raises at a cost of {percent(told.mean_cost / raised, 2)} of it"
    sale, missing = sales["average"], sales["worst"].missing
    order = np.argsort(-sale.sold, kind="stable")[: min(NAMED, int((sale.sold > 0).sum()))]
    names = f" ({', '.join(book.tickers[place] for place in order)} first)" if named else ""
    unknown = not np.isfinite(sale.total_cost)
    cost = "that is not known" if unknown else f"of {percent(sale.total_cost / sale.total, 2)} of it"
    beyond = f" (at worst all of the book leaves {money(missing, told.needs.currency)})" if missing else ""
    return f", which the cheapest sale{names} raises at a cost {cost}{beyond}"


def _enough(told: Answer) -> str:
    """The reserve that would be enough: at the level asked for, else as surely as the paths can tell up to 99 %."""
    most = told.level or 0.99
    rows = [row for row in told.needed() if row["confidence"] <= most]
    known = [row for row in rows if np.isfinite(row["reserve"])]
    if known:
        row = known[-1]
        span = f"{percent(row['low'])} to {percent(row['high'])}"
        return f"{percent(row['reserve'])} ({span}) would be enough in {100 * row['confidence']:g} cases of 100"
    if told.needs.paths == 1:
        return f"it needed {percent(float(told.needs.required[0]))}"
    return f"what would be enough in 95 cases of 100 needs at least {rows[0]['paths_needed']:.0f} paths"


def _kept(told: Answer) -> str:
    """What the reserve leaves of the return."""
    kept = percent(1 / (1 + told.needs.reserve), 0)
    return f"holding {percent(told.needs.reserve)} leaves {kept} of the return on the book"
