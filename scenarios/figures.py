"""Key figures of an outcome, one value a path: what a risk manager asks of any run."""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np

from abm import FundKind
from cqkit.arrays import FloatArray
from cqkit.statistics import Interval, wilson
from scenarios.measures import CrowdTrough, ForcedShare, Outcome, margin_calls
from scenarios.measures.crowd import Kind


class Figure(NamedTuple):
    """A figure by path; a yes-or-no figure is 1 or 0 and told as a share of paths."""

    values: FloatArray
    unit: str
    yes_or_no: bool = False

    def share(self) -> Interval:
        """Share of paths and its 95 % Wilson interval."""
        return wilson(int(self.values.sum()), self.values.size)


def figures(outcome: Outcome) -> dict[str, Figure]:
    """All key figures; money in the scenario's currency."""
    event, days = outcome.event_day, outcome.settings.clock.horizon
    window = f"first {days} days"
    book = np.cumsum(outcome.record["crowded_book"][:, event:], axis=1)
    called = margin_calls(outcome)[:, event:].sum(axis=1)
    found = {
        "fund_trough": Figure(
            CrowdTrough(days=days).values(outcome), f"ratio to NAV on the eve, median fund, {window}"
        ),
        "fund_end": Figure(outcome.median_fund_at_end(), "ratio to NAV on the eve, median fund, last day"),
        "crowded_book_trough": Figure(
            np.minimum(book[:, :days].min(axis=1), 0), f"ratio to the book per side, {window}"
        ),
        "forced_share": Figure(ForcedShare().values(outcome), "ratio to the crowd's book"),
        "funds_called": Figure(called, "margin calls of funds since the eve"),
        "index_trough": Figure(
            np.minimum((np.cumprod(1 + outcome.record["index"][:, event:], axis=1) - 1)[:, :days].min(axis=1), 0),
            f"ratio to the index on the eve, {window}",
        ),
    }
    return found | _kind_figures(outcome, window) | _desk_figures(outcome) | _credit_figures(outcome)


def _kind_figures(outcome: Outcome, window: str) -> dict[str, Figure]:
    """Troughs of the median fund of each kind, and both legs of futures funds, where there are any."""
    record, event, days = outcome.record, outcome.event_day, outcome.settings.clock.horizon
    if not record.has_futures:
        return {}
    found = {
        f"{name}_fund_trough": Figure(
            CrowdTrough(days=days, kind=name).values(outcome),
            f"ratio to NAV on the eve, median fund of the kind, {window}",
        )
        for name in get_args(Kind)
        if (record.kinds == FundKind[name.upper()]).any()
    }
    for name, column in (("crowd_stocks", record["crowd_stock_gain"]), ("crowd_futures", record["crowd_futures_gain"])):
        gained = column[:, event : event + days].sum(axis=1)
        found[name] = Figure(gained, f"ratio to the futures funds' starting stock book, {window}")
    peak = record["basis"][:, event : event + days].max(axis=1)
    return found | {"basis_peak": Figure(peak, f"futures over index less 1, highest, {window}")}


def _desk_figures(outcome: Outcome) -> dict[str, Figure]:
    desk = outcome.desk
    if desk is None:
        return {}
    currency = outcome.settings.market.currency
    money, window = desk.start_value, outcome.settings.clock.horizon
    days = desk.hedged_pnl.shape[1]
    # closes are counted back from the last day: a hedge put on late has fewer of them
    eve = max(days - 1 - (outcome.settings.clock.days - outcome.event_day), 0)
    since = (desk.hedged_pnl[:, eve:] - desk.hedged_pnl[:, eve : eve + 1])[:, : window + 1] / money
    loss = -since.min(axis=1)
    calls = desk.called > 0
    used = desk.reserve_used if outcome.settings.desk.reserve > 0 else np.full(desk.paths, np.nan)
    return {
        "desk_hedge_loss": Figure(loss, f"ratio to the book, largest since the eve, first {window} days"),
        "desk_hedge_loss_money": Figure(loss * money, currency),
        "desk_margin_call": Figure(calls.any(axis=1).astype(float), "share of paths, whole run", yes_or_no=True),
        "desk_margin_call_after_eve": Figure(
            calls[:, eve + 1 :].any(axis=1).astype(float), "share of paths, since the eve", yes_or_no=True
        ),
        "desk_first_call_day": Figure(
            np.where(desk.first_call_day < 0, np.nan, desk.first_call_day), "days since the hedge was put on"
        ),
        "desk_reserve_used": Figure(used, "ratio to the reserve, largest"),
        "desk_shortfall": Figure(desk.shortfall_max, "ratio to the book, largest"),
        "desk_shortfall_money": Figure(desk.shortfall_max * money, currency),
    }


def _credit_figures(outcome: Outcome) -> dict[str, Figure]:
    """The large fund over the window from the eve of the event, and over the event's calendar month."""
    settings, more = outcome.settings, outcome.record
    if settings.large_fund.book == 0:
        return {}
    money, currency = settings.market.daily_value, settings.market.currency
    eve, days = outcome.event_day - 1, settings.clock.horizon
    window, last = f"first {days} days", min(outcome.event_day + days, settings.clock.days) - 1
    equity = np.column_stack(
        [np.full(len(outcome.record["index"]), settings.large_fund.equity), more["large_fund_equity"]]
    )
    chosen = slice(outcome.event_day, last + 1)

    def lost(name: str) -> Figure:
        return Figure(-money * more[name][:, chosen].sum(axis=1), f"{currency}, {window}")

    def called(name: str) -> Figure:
        return Figure(money * more[name][:, chosen].sum(axis=1), f"{currency}, sum over the {window}")

    months = settings.clock.dates.astype("datetime64[M]")
    month = np.flatnonzero(months == months[outcome.event_day])
    before, after = equity[:, month[0]], equity[:, month[-1] + 1]  # column 0 is the start
    monthly = np.divide(after, before, out=np.full_like(after, np.nan), where=before > 0) - 1
    return {
        "large_fund_month": Figure(monthly, f"ratio to its equity, calendar month of the event ({months[month[0]]})"),
        "large_fund_equity": Figure(money * equity[:, last + 1], f"{currency}, end of the {window}"),
        "large_fund_assets": Figure(money * more["large_fund_assets"][:, last], f"{currency}, end of the {window}"),
        "large_fund_ruined": Figure(
            (equity[:, : last + 2].min(axis=1) <= 0).astype(float), f"share of paths, to the end of the {window}", True
        ),
        "large_fund_haircut": Figure(more["large_fund_haircut"][:, last], "ratio to its book, end of the window"),
        "large_fund_long_leg_loss": lost("large_fund_long_leg"),
        "large_fund_short_leg_loss": lost("large_fund_short_leg"),
        "large_fund_long_leg_calls": called("large_fund_long_call"),
        "large_fund_short_leg_calls": called("large_fund_short_call"),
        "predators_profit": Figure(
            money * (more["predators_profit"][:, last] - (more["predators_profit"][:, eve] if eve >= 0 else 0.0)),
            f"{currency}, {window}",
        ),
        "spread_trough": Figure(
            np.minimum(outcome.record["mispricing"][:, outcome.event_day :].min(axis=1), 0),
            "displacement of the average spread, ratio to the book, from the event to the end of the run",
        ),
    }
