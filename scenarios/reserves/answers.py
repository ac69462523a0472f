"""What one policy came to on one source, and the rows of the tables that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.liquidation import Sale, cheapest_sale
from abm.settings import Impact
from cqkit.arrays import FloatArray
from hedging.holdings import Holdings
from hedging.reserves import CONFIDENCES, HedgeNeeds
from scenarios.desk import stock_rows
from scenarios.reserves.steering import PLAIN, Tail

MONEY = ("reserve", "first_call", "new_money_mean", "new_money_most", "shortfall_expected", "shortfall_worst")
CASES = {"average": "new_money_mean", "worst": "new_money_most"}


@dataclass(frozen=True, eq=False)
class Answer:
    """One policy on one source.

    Attributes
    ----------
    policy, source
        Their labels.
    needs
        By path.
    dates
        Of the days 0..T; None where a source has days and no dates.
    sale_cost
        What it costs to raise each path's new money from the desk's own stocks, a ratio to the book, shape (paths,);
        None where nothing is known of the stocks.
    impact
        Under which stocks are sold.
    crowding
        The crowd's, where it was varied.
    has_crowd
        Whether its source is a scenario, whose market answers back.
    twin
        The same on the same noise where nobody has to liquidate; None without anybody who has to.
    level
        How surely the reserve has to be enough, where that is asked.
    tail
        What paths steered to that level tell; None where none are.
    """

    policy: str
    source: str
    needs: HedgeNeeds
    dates: pd.DatetimeIndex | None = None
    sale_cost: FloatArray | None = None
    impact: Impact | None = None
    crowding: float | None = None
    has_crowd: bool = False
    twin: HedgeNeeds | None = None
    level: float | None = None
    tail: Tail | None = None

    def when(self, day: int) -> str:
        """A day's date; its number from the start where there are no dates."""
        return f"day {day}" if self.dates is None else f"{self.dates[day]:%Y-%m-%d}"

    @property
    def named(self) -> dict[str, Any]:
        """Whose answer it is."""
        return {"policy": self.policy, "source": self.source}

    def needed(self) -> list[dict[str, Any]]:
        """Reserve needed by confidence, a ratio, a row each: from plain paths, or steered ones where they tell it.

        `plain_paths` would tell it as surely; `factor` is that over all paths that it took.
        """
        needs = self.needs
        confidences = sorted({*CONFIDENCES, *(() if self.level is None else (self.level,))})
        rows: list[dict[str, Any]] = [
            row | {"sampling": PLAIN, "paths": needs.paths, "plain_paths": float(needs.paths), "factor": 1.0}
            for row in needs.reserves(confidences)
        ]
        return [
            self.tail.row(row) if self.tail is not None and self.tail.told and row["confidence"] == self.level else row
            for row in rows
        ]

    def reserve_rows(self) -> list[dict[str, Any]]:
        """Reserve needed by confidence, as a ratio and in money."""
        worth, currency = self.needs.start_value, self.needs.currency
        money = ("reserve", "low", "high")
        return [
            {**self.named, **row, **{f"{name}_money": row[name] * worth for name in money}, "currency": currency}
            for row in self.needed()
        ]

    def call_row(self) -> dict[str, Any]:
        """Figures of the calls at the reserve held, as ratios and in money."""
        needs = self.needs
        found = {"reserve": needs.reserve, **needs.calls_found(self.when)}
        money = {f"{name}_money": found[name] * needs.start_value for name in MONEY}
        told = {"paths": needs.paths, "days": needs.days, "book_money": needs.start_value, "currency": needs.currency}
        twin = {
            "probability_without_liquidator": self.chance_without,
            "shortfall_expected_without_liquidator": np.nan if self.twin is None else float(self.twin.shortfall.mean()),
        }
        return {**self.named, **found, **money, **told, **twin}

    @property
    def chance_without(self) -> float:
        """Chance of a call where nobody has to liquidate; NaN where it is not known."""
        return np.nan if self.twin is None else self.twin.called.size / self.twin.paths

    def path_rows(self) -> pd.DataFrame:
        """Every path's need, first call, calls, new money and shortfall; ratios to the book, the day -1 without one."""
        needs = self.needs
        names = ("required", "first_day", "first_call", "calls", "new_money", "shortfall")
        columns = {name: getattr(needs, name) for name in names}
        return pd.DataFrame({**self.named, "path": np.arange(needs.paths), **columns})

    def crowding_row(self) -> dict[str, Any]:
        """How all of it stands at one crowding, in ratios."""
        found = self.needs.calls_found(self.when)
        needed = {f"reserve_{100 * row['confidence']:g}": row["reserve"] for row in self.needed()}
        told = ("probability", "low", "high", "first_q50", "first_most_frequent", "first_call", "calls_mean")
        money = ("new_money_mean", "new_money_most", "shortfall_expected", "shortfall_worst")
        return {
            "policy": self.policy,
            "source": self.source,
            "crowding": self.crowding,
            **needed,
            **{name: found[name] for name in (*told, *money)},
            "sale_cost_mean": self.mean_cost,
            "paths": self.needs.paths,
        }

    @property
    def mean_cost(self) -> float:
        """What the sale costs on average where something is called, a ratio to the book; NaN if not known."""
        called = self.needs.called
        return float(self.sale_cost[called].mean()) if self.sale_cost is not None and called.size else np.nan

    def sales(self, book: Holdings | None) -> dict[str, Sale]:
        """What is sold of a book to raise the new money, on average and at worst, by case; none without a book."""
        if book is None or not self.needs.called.size:
            return {}
        found, worth = self.needs.calls_found(self.when), self.needs.start_value
        return {
            case: cheapest_sale(found[name] * worth, book.value, book.adv, book.volatility, self.impact)
            for case, name in CASES.items()
        }

    def sale_rows(self, book: Holdings | None) -> list[dict[str, Any]]:
        """What has to be sold, in money: by stock where a book is given, the largest first, else in all."""
        if book is None:
            return self._sold_in_all()
        currency = self.needs.currency
        return [
            {**self.named, "case": case, **row}
            for case, sale in self.sales(book).items()
            for _, row in stock_rows(sale.sold, sale.cost, book.value, book, currency, self.impact)
        ]

    def _sold_in_all(self) -> list[dict[str, Any]]:
        needs, called = self.needs, self.needs.called
        if not called.size:
            return []
        worst = int(np.argmax(needs.new_money))
        amounts = {"average": float(needs.new_money[called].mean()), "worst": float(needs.new_money[worst])}
        costs = {"average": self.mean_cost, "worst": np.nan if self.sale_cost is None else float(self.sale_cost[worst])}
        return [
            {
                **self.named,
                "case": case,
                "ticker": "",
                "title": "in all",
                "sold": amount * needs.start_value,
                "of_position": amount,
                "days_of_volume": np.nan,
                "cost": costs[case] * needs.start_value,
                "cost_stressed": np.nan,
                "currency": needs.currency,
            }
            for case, amount in amounts.items()
        ]


def frame_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame."""
    return pd.DataFrame(list(rows))
