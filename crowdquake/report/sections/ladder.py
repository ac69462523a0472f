"""Calls day by day against unencumbered cash: a cash ladder, initial and variation margin apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cqkit.arrays import FloatArray
from crowdquake.report import drawing
from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder
from hedging import HedgeResult

STRESS = 0.95  # which of the paths the ladder shows, by largest need
MOST_ROWS = 45


@section("ladder", place=30)
def ladder(pack: Pack) -> Sequence[Part]:
    """Initial and variation margin by day, cash that is free, and calls."""
    parts: list[Part] = []
    for result in pack.of(RUN):
        if result.accounts:
            parts += [cash_chart(pack, result), _table(pack, result)]
    return [*parts, Text(pack.words("ladder.note"), small=True)] if parts else []


def free_cash(account: HedgeResult) -> FloatArray:
    """Reserve less what the position needs, as the close finds it, in money, (paths, days + 1); below 0: missing."""
    return (account.reserve or 0.0) * account.start_value - account.capital_need


def cash_chart(pack: Pack, result: ResultFolder) -> Chart:
    """Unencumbered cash by day over all paths, the baseline without the liquidator, and when calls come first."""
    words, numbers = pack.words, pack.numbers
    account, dates = result.accounts["main"], list(result.account_dates)
    unit, scale = numbers.unit((account.reserve or 1.0) * account.start_value, account.currency)
    figure, (axes,) = pack.drawing.figure()
    x = np.arange(len(dates))
    table = drawing.quantiles(free_cash(account) / scale)
    drawing.fan(axes, x, table, drawing.BLUE)
    labels = [(float(table["q50"].iloc[-1]), words("ladder.median"), drawing.BLUE)]
    liquidates = result.run.scenario.liquidator.size > 0 or result.run.scenario.large_fund.book > 0
    if liquidates and "twin" in result.accounts:
        twin = drawing.quantiles(free_cash(result.accounts["twin"]) / scale)
        axes.plot(x, twin["q50"], color=drawing.INK, lw=1.4, ls="--")
        labels.append((float(twin["q50"].iloc[-1]), pack.baseline(result), drawing.INK))
    axes.axhline(0, color=drawing.ORANGE, lw=1.6)
    low, high = axes.get_ylim()
    places = drawing.spread_labels([place for place, _, _ in labels], 0.07 * (high - low))
    for place, (_, text, colour) in zip(places, labels, strict=True):
        drawing.label_end(axes, x[-1], place, text, colour)
    needs = result.needs["main"]
    if needs.called.size:
        usual = int(np.bincount(needs.first_day[needs.called]).argmax())
        drawing.mark(axes, usual, words("ladder.first"), lw=0.9)
    axes.set_ylabel(words("ladder.axis", unit=unit))
    drawing.date_ticks(axes, dates)
    chance = needs.called.size / needs.paths
    lowest = float(np.median(free_cash(account).min(axis=1)))
    title = words(
        "ladder.chart",
        chance=numbers.percent(chance),
        lowest=numbers.money(lowest, account.currency),
        label=result.label,
    )
    return pack.chart(title, figure, words("ladder.chart_foot"))


def stressed_path(account: HedgeResult) -> int:
    """The path whose largest need is the 95 % quantile of all."""
    order = np.argsort(account.required_reserve, kind="stable")
    return int(order[min(int(np.ceil(STRESS * account.paths)), account.paths) - 1])


def _table(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    account, dates = result.accounts["main"], result.account_dates
    path = stressed_path(account)
    free = free_cash(account)[path]
    names = ("date", "initial", "change", "variation", "variation_sum", "need", "free", "called")
    initial = account.margin[path]
    columns = (
        initial,
        np.diff(initial, prepend=0.0),
        account.variation[path],
        account.futures_pnl[path],
        account.capital_need[path],
        free,
        account.called[path],
    )
    days = shown_days(account.called[path] > 0, MOST_ROWS)
    unit, scale = numbers.unit((account.reserve or 1.0) * account.start_value, account.currency)
    rows = [
        (numbers.date(dates[day]), *(f"{round(float(column[day]) / scale, 2) + 0.0:,.2f}" for column in columns))
        for day in days
    ]
    marked = [place for place, day in enumerate(days) if account.called[path, day] > 0]
    title = words("ladder.table", path=path, share=f"{100 * STRESS:g}", unit=unit, label=result.label)
    return Table.of(title, [words(f"ladder.heads.{name}") for name in names], rows, marked=marked)


def shown_days(called: np.ndarray, most: int) -> list[int]:
    """All days; of very many those with a call, up to `most`, and others at equal distances."""
    if called.size <= most:
        return list(range(called.size))
    calls = np.flatnonzero(called)[: most // 2]
    others = np.linspace(0, called.size - 1, most - calls.size).round().astype(int)
    return sorted({*calls.tolist(), *others.tolist()})
