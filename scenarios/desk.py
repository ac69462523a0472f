"""What befell the hedge desk: its first call by date, what it sold, by stock, and what that cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm import Market, Settings
from abm.inhabitants.desk import HedgeDeskInMarket, desk_weights
from abm.liquidation import cheapest_sale, sale_cost
from abm.record import DESK_KINDS, Events
from abm.settings import Impact
from cqkit.arrays import FloatArray
from hedging import HedgeResult
from hedging.holdings import Holdings
from hedging.reserves import HedgeNeeds
from scenarios.stressed import stressed_cost

HOW = {
    "raised": (
        "calls were met with outside money and nothing was sold: what raising it sells, cheapest stocks first, and "
        "what that costs by the market's law of impact"
    ),
    "estimated": "both legs were cut in proportion; the desk takes prices: the cost is the law's estimate",
    "moved": (
        "both legs were cut in proportion, over the day after each call; the cost is what the sales brought less "
        "than at the closes at which they were decided, by stock the law's estimate"
    ),
}
SALES = (
    *("case", "ticker", "title", "held", "sold", "of_position"),
    *("days_of_volume", "cost", "cost_stressed", "currency"),
)
CALLS = ("date", "paths", "share", "share_so_far")


class DeskSold(NamedTuple):
    """What a market's desk sold, shape (paths,), ratios to its book at the start."""

    share: FloatArray  # of every position, by forced cuts; 0 where outside money meets calls
    cost: FloatArray  # of selling that, or of raising the new money

    @classmethod
    def of(cls, market: Market) -> DeskSold | None:
        """Read it off a market whose days are traded; None without a desk whose hedge is on."""
        result, settings = market.desk_result, market.settings
        if result is None:
            return None
        share = 1 - result.held[:, -1]
        if how_sold(settings) == "raised":
            return cls(share, desk_sale_costs(market, HedgeNeeds.of(result)))
        if how_sold(settings) == "moved":
            desk = market.inhabitants["desk"]
            lost = desk.lost if isinstance(desk, HedgeDeskInMarket) else np.zeros(market.paths)
            return cls(share, lost / settings.desk_size)
        stocks, worth = market.state.stocks, settings.desk_size
        sold = share[:, None] * np.abs(desk_weights(market)) * worth
        cost = sale_cost(sold, stocks.adv, stocks.volatility, settings.impact).sum(axis=1)
        return cls(share, cost / worth)


def how_sold(settings: Settings) -> str:
    """How a desk sells: a key of `HOW`."""
    if settings.desk.when_exhausted == "top_up":
        return "raised"
    return "estimated" if settings.desk.price_taker else "moved"


def desk_sale_costs(market: Market, needs: HedgeNeeds) -> FloatArray:
    """What raising each path's new money costs the desk, from its stocks at the start, ratios to the book, (paths,)."""
    settings, stocks = market.settings, market.state.stocks
    held, size = desk_weights(market), settings.desk_size
    costs = np.zeros(needs.paths)
    for path in needs.called:
        adv = stocks.adv[path] / size
        sale = cheapest_sale(needs.new_money[path], held[path], adv, stocks.volatility[path], settings.impact)
        costs[path] = sale.total_cost
    return costs


def stock_rows(
    sold: FloatArray, cost: FloatArray, held: FloatArray, book: Holdings, currency: str, impact: Impact | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Places of the stocks of a book that are sold, the largest sale first, and what a table says of each; in money.

    Costs are by the law of `impact`, in an ordinary market and in a stressed one.
    """
    stressed = stressed_cost(np.abs(sold), cost, book.adv, impact)
    for place in np.argsort(-np.abs(sold), kind="stable")[: int((sold != 0).sum())]:
        yield (
            int(place),
            {
                "ticker": book.tickers[place],
                "title": book.title[place],
                "sold": float(sold[place]),
                "of_position": float(sold[place] / held[place]),
                "days_of_volume": float(abs(sold[place]) / book.adv[place]),
                "cost": float(cost[place]),
                "cost_stressed": float(stressed[place]),
                "currency": currency,
            },
        )


def closing_dates(settings: Settings) -> pd.DatetimeIndex:
    """Dates of a run's closes, the eve of its first day first."""
    clock = settings.clock
    holidays = np.array(clock.holidays, dtype="datetime64[D]")
    eve = np.busday_offset(clock.dates[0], -1, roll="backward", holidays=holidays)
    return pd.DatetimeIndex(np.concatenate([[eve], clock.dates]))


def desk_dates(settings: Settings) -> pd.DatetimeIndex:
    """Dates of the closes that the desk's accounts know, the one at which the hedge is put on first."""
    clock, starts = settings.clock, settings.desk.starts
    first = 0 if starts is None else 1 + int(np.searchsorted(clock.dates, np.datetime64(starts, "D")))
    return closing_dates(settings)[first:]


@dataclass(frozen=True)
class DeskAccount:
    """The calls and sales of a run's desk; tables are told in money of the scenario.

    Attributes
    ----------
    settings
        Of the market.
    result
        The desk's accounts.
    sold
        What it sold.
    """

    settings: Settings
    result: HedgeResult
    sold: DeskSold

    @property
    def needs(self) -> HedgeNeeds:
        """What was needed and called, by path."""
        return HedgeNeeds.of(self.result)

    def calls(self) -> pd.DataFrame:
        """First margin calls by date: paths, their share of all, and the share called by then; columns `CALLS`."""
        needs, dates = self.needs, desk_dates(self.settings)
        counted = Counter(needs.first_day[needs.called].tolist())
        days = sorted(counted)
        paths = np.array([counted[day] for day in days], dtype=int)
        share, when = paths / needs.paths, dates[days].astype("datetime64[s]")
        return pd.DataFrame(dict(zip(CALLS, (when, paths, share, share.cumsum()), strict=True)))

    def sales(self) -> pd.DataFrame:
        """What was sold, or raising the new money sells, by stock, the largest first; columns `SALES`.

        `average` is over the paths with a sale, `worst` the path that sold most. Without a book of its own: in all.
        """
        listed = self.settings.listed
        rows = [
            row
            for case, amount, cost in self._cases()
            for row in (
                self._in_all(case, amount, cost) if listed is None else self._by_stock(case, amount, listed.book)
            )
        ]
        return pd.DataFrame(rows, columns=list(SALES))

    def as_json(self) -> dict[str, Any]:
        """Plain values: no stock is named."""
        needs, dates, money = self.needs, desk_dates(self.settings), self.result.start_value
        found = needs.calls_found(lambda day: f"{dates[day]:%Y-%m-%d}")
        first = {key: found[key] or None for key in ("first_q10", "first_q50", "first_q90", "first_most_frequent")}
        selling = self._selling
        share = self._amounts
        told = {
            "paths": needs.paths,
            "book_money": money,
            "currency": needs.currency,
            "call_probability": found["probability"],
            "interval": [found["low"], found["high"]],
            "first_call": first,
            "new_money_mean_money": found["new_money_mean"] * money,
            "new_money_most_money": found["new_money_most"] * money,
            "paths_selling": int(selling.sum()),
            "sold_mean_money": _mean(share[selling]) * money,
            "sold_most_money": float(share.max()) * money,
            "sale_cost_mean_money": _mean(self.sold.cost[selling]) * money,
            "sale": HOW[how_sold(self.settings)],
        }
        contract = self.settings.desk.named_contract(self.settings.market.currency)
        return {**told, "contract": contract._asdict()}

    def events(self) -> Events:
        """Calls and forced sales as events of fund -1, amounts in money; day -1 is the eve of the first day."""
        result, found = self.result, []
        first_day = self.settings.clock.days - 1 - result.days
        for kind, amounts in zip(DESK_KINDS, (result.called, result.forced_sales), strict=True):
            path, day = np.nonzero(amounts > 0)
            found.append(Events.of(path, day + first_day, np.full(path.size, -1), kind, amounts[path, day]))
        return Events.joined(found)

    @property
    def _amounts(self) -> FloatArray:
        """What each path sells, a ratio to the book: the share cut, or the new money."""
        return self.needs.new_money if how_sold(self.settings) == "raised" else self.sold.share

    @property
    def _selling(self) -> Any:
        return self._amounts > 0

    def _cases(self) -> list[tuple[str, float, float]]:
        """Average and worst sale: its name, amount and cost, ratios to the book."""
        amounts, selling = self._amounts, self._selling
        if not selling.any():
            return []
        worst = int(np.argmax(amounts))
        return [
            ("average", float(amounts[selling].mean()), float(self.sold.cost[selling].mean())),
            ("worst", float(amounts[worst]), float(self.sold.cost[worst])),
        ]

    def _in_all(self, case: str, amount: float, cost: float) -> list[dict[str, Any]]:
        money, currency = self.result.start_value, self.result.currency
        row = {"case": case, "ticker": "", "title": "in all", "held": money, "sold": amount * money}
        unknown = {"days_of_volume": np.nan, "cost_stressed": np.nan}  # of no stock by itself
        return [row | unknown | {"of_position": amount, "cost": cost * money, "currency": currency}]

    def _by_stock(self, case: str, amount: float, book: Holdings) -> list[dict[str, Any]]:
        """Rows of the book's stocks; the cost of each is the law's."""
        scale = self.result.start_value / book.total
        held = book.value * scale
        if how_sold(self.settings) == "raised":
            impact = self.settings.impact
            sale = cheapest_sale(amount * self.result.start_value, held, book.adv, book.volatility, impact)
            sold, cost = sale.sold, sale.cost
        else:
            sold = amount * held
            cost = sale_cost(np.abs(sold), book.adv, book.volatility, self.settings.impact)
        rows = stock_rows(sold, cost, held, book, self.result.currency, self.settings.impact)
        return [{"case": case, "held": float(held[place]), **row} for place, row in rows]


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else 0.0
