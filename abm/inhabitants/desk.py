"""The user's hedge desk inside the market: the hedging engine's own book, closed once a day.

The desk is long the index plus a tilt to the crowded book, or a book of its own as listed, and short index futures. By
default it is too small to move prices.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from abm.inhabitants.base import Inhabitant, Opening
from abm.sections.base import Section, known_contract, known_policy, quantity
from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError
from hedging import FuturesContract, HedgeBook, HedgeResult, Terms, WhenExhausted, contract, parse_policy

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings
    from abm.state import StockState


DEFAULT_SIZE = 0.00125  # days of the market's value
MILLION = 1e6


class NamedContract(NamedTuple):
    """The futures contract in which the desk's position is told."""

    name: str
    worth: float  # of one at the start, in money


class Desk(Section):
    """The user's hedge desk: long the index plus a tilt to the crowded book, short index futures."""

    size: float | None = quantity(
        DEFAULT_SIZE,
        0,
        1e3,
        "its stock book; 0: no desk; left out beside a book: its worth",
        "days of the market's value",
    )
    tilt: float | None = quantity(
        1.0, -10, 10, "units of the crowded book carried per unit of stock book; none beside a book", "a ratio"
    )
    book: Path | None = Field(
        None, description="CSV, Parquet or Excel list of what the desk holds; `example`: a synthetic book"
    )
    history: Path | None = Field(
        None, description="prices or returns of the book's stocks, a row a day and a column a ticker"
    )
    overlap: float | None = quantity(
        None, -1, 1, "of the book's active part with the crowd's common book; default: what its tilts show", "a cosine"
    )
    policy: Annotated[str, AfterValidator(known_policy)] = Field(
        "full", description="hedge policy, as full or partial:gain=betadyn,lock_rule=daily"
    )
    reserve: float = quantity(0.12, 0, 5, "cash behind the futures", "a ratio to the book, not percent")
    margin: float = quantity(0.10, 1e-4, 1, "initial margin of the futures", "a ratio, not percent")
    starts: date | None = Field(None, description="close at which the hedge is put on; default: the first day's")
    when_exhausted: WhenExhausted = Field(
        "top_up", description="a call that the reserve cannot meet: outside money (top_up), or both legs cut (reduce)"
    )
    price_taker: bool = Field(
        True, description="false: its trades move prices, done over the day after they are decided"
    )
    gains_fund_margin: bool = Field(True, description="whether futures gains add to the reserve")
    contract: Annotated[str | None, AfterValidator(known_contract)] = Field(
        None, description="futures contract that its position is told in, as IF; default: one worth a million"
    )
    index_level: float | None = quantity(None, 1e-6, 1e9, "of the index at the start, for that contract", "points")

    @model_validator(mode="after")
    def _a_contract_has_an_index(self) -> Self:
        if self.contract is not None and self.index_level is None:
            raise ValueError(f"desk.contract = {self.contract}: needs desk.index_level, its points at the start")
        return self

    @model_validator(mode="after")
    def _is_held_one_way(self) -> Self:
        if self.book is None:
            for name, value in {"history": self.history, "overlap": self.overlap}.items():
                if value is not None:
                    raise ValueError(f"desk.{name} = {value}: needs a book of the desk's own (desk.book)")
            for name in ("size", "tilt"):
                if getattr(self, name) is None:
                    raise ValueError(f"desk.{name}: must be a number where there is no desk.book")
            return self
        for name in {"size", "tilt"} - self.model_fields_set:
            self.__dict__[name] = None  # the book has its own
        if self.tilt is not None:
            raise ValueError(f"desk.tilt = {self.tilt:g}: must not stand beside desk.book, which is held as listed")
        return self

    def named_contract(self, currency: str) -> NamedContract:
        """The contract in which its position is told; one worth a million where none of this currency is named."""
        if self.contract is not None and self.index_level is not None:
            named = contract(self.contract)
            if named.currency == currency:
                return NamedContract(named.name, named.multiplier * self.index_level)
        return NamedContract(f"index future worth {currency} {MILLION:,.0f} at the start", MILLION)

    def terms(self, currency: str) -> Terms:
        """On what terms it holds its futures, a unit of the index each."""
        return Terms(
            contract=FuturesContract("index future", 1.0, self.margin, currency),
            execution="close" if self.price_taker else "over_day",
            when_exhausted=self.when_exhausted,
            gains_fund_margin=self.gains_fund_margin,
            reserve=self.reserve,
        )


class Closes(NamedTuple):
    """What a close tells the desk, arrays of shape (paths,)."""

    index_value: FloatArray
    crowded_book: FloatArray  # value of a unit
    futures: FloatArray | None  # if they have a price of their own
    price: FloatArray  # of the stocks of the desk's own book, (paths, stocks)


class DeskBook:
    """Feeds the market's closes to a `HedgeBook`, from the close at which the hedge is put on.

    `start_day` is the index of that close among the trading days; -1 is the eve of the first. `past` (paths, days) is
    the index before the first day, for policies that look back; `crowded_book` (paths,) the value of a unit on the eve.
    """

    def __init__(self, settings: Settings, paths: int, past: FloatArray, crowded_book: FloatArray) -> None:
        self.settings, self.paths = settings, paths
        self.size, self._listed = settings.desk_size, settings.listed
        starts = settings.desk.starts
        self.start_day = (
            -1 if starts is None else int(np.searchsorted(settings.clock.dates, np.datetime64(starts, "D")))
        )
        self._book: HedgeBook | None = None
        self._past = np.concatenate([past, np.ones((paths, 1))], axis=1)  # up to the eve
        self._sold: FloatArray = np.zeros(paths)  # share of the stocks sold so far
        if self.start_day < 0:
            futures = np.full(paths, 1 + settings.futures.start_basis) if settings.has_futures else None
            count = 0 if self._listed is None else self._listed.count
            self._open(Closes(np.ones(paths), crowded_book, futures, np.ones((paths, count))), 1.0)

    def close(self, day: int, closes: Closes, fill: FloatArray, margin_level: FloatArray | float) -> None:
        """Take in a close.

        `fill` (paths,) is the average price over the day at which a desk that moves the market traded futures,
        `margin_level` what margins are multiplied by.
        """
        if day == self.start_day:
            self._open(closes, margin_level)
        elif self._book is not None:
            own_fill = None if self.settings.desk.price_taker else fill
            self._book.close(
                closes.index_value,
                self._spot(closes),
                futures=closes.futures,
                fill=own_fill,
                margin_rate=self._margin(margin_level),
            )
        elif day < self.start_day:
            self._past = np.concatenate([self._past, closes.index_value[:, None]], axis=1)

    def _spot(self, closes: Closes) -> FloatArray:
        """Value of the stock book over that at the start, shape (paths,)."""
        start = self._start
        if self._listed is not None:
            return closes.price / start.price @ self._listed.weight + self._listed.cash
        tilt = self.settings.desk.tilt or 0.0
        return closes.index_value / start.index_value + tilt * (closes.crowded_book - start.crowded_book)

    def weights(self, stocks: StockState, crowded_book: FloatArray) -> FloatArray:
        """Stocks in a unit of the stock book as it starts, (paths, stocks), money; `crowded_book` (paths, stocks)."""
        if self._listed is None:
            return stocks.index_shares + (self.settings.desk.tilt or 0.0) * crowded_book
        held = np.zeros_like(stocks.price)
        held[:, : self._listed.count] = self._listed.weight
        return held

    def shares(self, stocks: StockState, crowded_book: FloatArray) -> FloatArray:
        """Shares in a unit of the stock book, (paths, stocks)."""
        held = self.weights(stocks, crowded_book)
        if self._listed is not None:
            held[:, : self._listed.count] /= self._start.price
        return held

    def orders(self, short: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What has to be traded over the next day: units of the stock book and futures, (paths,) each, bought net.

        `short` is what the desk is short in the market, in index units. A forced cut is dealt at the close, and worked
        off by the dealer over the next day with the desk's own orders.
        """
        if self._book is None:
            return np.zeros(self.paths), np.zeros(self.paths)
        sold = 1 - self._book.held
        stocks = -(sold - self._sold) * self.size
        self._sold = sold
        return stocks, short - self._book.wanted / self.settings.market.daily_value

    def result(self) -> HedgeResult | None:
        """The accounts so far; None before the hedge is on."""
        return None if self._book is None else self._book.result()

    def _margin(self, level: FloatArray | float) -> FloatArray | float:
        return np.minimum(self.settings.desk.margin * level, 1.0)

    def _open(self, closes: Closes, level: FloatArray | float) -> None:
        desk, market = self.settings.desk, self.settings.market
        self._start = closes
        self._book = HedgeBook(
            parse_policy(desk.policy)[1],
            terms=desk.terms(market.currency),
            start_price=closes.index_value,
            start_futures=closes.futures,
            start_value=self.size * market.daily_value,
            days=self.settings.clock.days - 1 - self.start_day,
            margin_rate=self._margin(level),
            history=self._past if self.start_day >= 0 else self._past[:, :-1],
        )


class HedgeDeskInMarket(Inhabitant):
    """Settles the desk at every close; one that moves the market has its trades done over the next day."""

    name = "desk"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = opening.settings
        # Drawn books are worth nothing net, but for rounding; given ones may be net long.
        eve = np.zeros(opening.paths) if opening.exposure is None else opening.baskets.value[:, 0].copy()
        self.book = DeskBook(opening.settings, opening.paths, opening.past, eve)
        self.lost = np.zeros(opening.paths)  # on stocks traded so far, against the closes at which that was decided
        self._ordered = self._left = self._decided_at = np.zeros_like(opening.stocks.price)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.desk_size > 0

    def move_in(self, market: Market) -> None:
        self._trade(market)

    def close(self, market: Market) -> None:
        self._count_costs(market)
        state, listed = market.state, self.settings.listed
        closes = Closes(
            state.tape.index_value.copy(),
            state.baskets.value[:, 0].copy(),
            state.futures.price if self.settings.has_futures else None,
            state.stocks.price[:, : 0 if listed is None else listed.count].copy(),
        )
        self.book.close(market.day, closes, market.outside.futures_fill, market.margin_level)
        self._trade(market)

    def _count_costs(self, market: Market) -> None:
        """Add what yesterday's orders brought less than at the close at which they were decided, spread included."""
        traded = (self._ordered != 0).any(axis=1)
        if traded.any():
            fill, ordered = market.outside.fill_price, self._ordered * market.outside.filled
            lost = ordered * (fill - self._decided_at) + np.abs(ordered) * self.settings.impact.half_spread
            self.lost += np.where(traded, lost.sum(axis=1), 0.0)
            self._left = self._ordered - ordered  # could not be traded: the dealer tries again
            self._ordered = np.zeros_like(ordered)

    def _trade(self, market: Market) -> None:
        """Have the orders of a desk that moves the market done over the next day."""
        if not self.settings.desk.price_taker and market.day < market.dates.size - 1:
            outside, stocks = market.state.outside, market.state.stocks
            stock_units, futures_units = self.book.orders(-outside.futures_units)
            new = stock_units[:, None] * self.book.shares(stocks, market.state.baskets.shares[:, 0])
            self._ordered, self._left = self._left + new, np.zeros_like(new)
            self._decided_at = stocks.price.copy()
            market.submit(self._ordered)
            market.submit_futures(futures_units)


def desk_weights(market: Market) -> FloatArray:
    """Each stock's share of the hedge desk's book as it starts, (paths, stocks); CrowdquakeError without a desk."""
    desk = market.inhabitants.get("desk")
    if not isinstance(desk, HedgeDeskInMarket):
        raise CrowdquakeError("there is no hedge desk here: desk.size must be above 0")
    return desk.book.weights(market.state.stocks, market.state.baskets.shares[:, 0])
