"""What a market is made of: every parameter with its meaning, unit and admissible range.

Each inhabitant brings its section, the market itself has the rest. The symbols in brackets are those of docs/model.md.
Settings are frozen: a run is a function of its settings and its seed. Percentages are never used: a volatility of 0.7 %
a day reads 0.007.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Self, get_args

import numpy as np
from pydantic import (
    BeforeValidator,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from abm.inhabitants.base import INHABITANTS, TAKEN
from abm.inhabitants.desk import DEFAULT_SIZE, Desk
from abm.inhabitants.futures_funds.settings import FuturesFunds, Lines, Redemptions
from abm.inhabitants.futures_market import Futures
from abm.inhabitants.large_fund.settings import LargeFund, Predators
from abm.inhabitants.lenders import Brokers
from abm.inhabitants.liquidator import Liquidator
from abm.inhabitants.makers import Makers
from abm.inhabitants.opportunists import Opportunists
from abm.inhabitants.rescuers import Rescue
from abm.inhabitants.sector import IndexSector
from abm.listed import ListedStocks, listed_stocks
from abm.sections.base import Section, quantity
from abm.sections.clock import Clock
from abm.sections.crowd import Funds, shares
from abm.sections.exchange import FuturesDemand, Halt
from abm.sections.index import VolatilityIndex
from abm.sections.stocks import Cause, Impact, News, Stocks

__all__ = [
    "Brokers",
    "Cause",
    "Clock",
    "Desk",
    "Funds",
    "Futures",
    "FuturesDemand",
    "FuturesFunds",
    "Halt",
    "Impact",
    "IndexSector",
    "LargeFund",
    "Lines",
    "Liquidator",
    "Makers",
    "News",
    "Opportunists",
    "Predators",
    "Redemptions",
    "Rescue",
    "Section",
    "Settings",
    "Stocks",
    "VolatilityIndex",
    "quantity",
    "sections",
    "shares",
]


def gather_own(table: Mapping[str, Any]) -> dict[str, Any]:
    """Put the tables of the user's own inhabitants, each under its own name, where `Settings` reads them: `others`."""
    named = {name: table[name] for name in INHABITANTS.names() if name in table}
    rest = {key: value for key, value in table.items() if key not in named}
    return rest | {"others": [*dict(rest.get("others", ())).items(), *named.items()]} if named else rest


def _sections(found: Any) -> Any:
    """Read the sections of the user's own inhabitants; the latest of a name holds."""
    return tuple({name: _section(name, inner) for name, inner in found}.items())


def _section(name: str, found: Any) -> Section:
    """Read a user's section, strictly; ValueError names the keys at fault."""
    section = INHABITANTS[name].section
    if isinstance(found, section):
        return found
    if not isinstance(found, Mapping):
        raise ValueError(f"{name} = {found}: must be a table, [{name}]")
    try:
        return section.model_validate_json(json.dumps(found, default=str), strict=True)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in (name, *fault['loc']))} = {fault['input']}: {fault['msg'].lower()}"
            for fault in error.errors()
        ]
        raise ValueError("; ".join(lines)) from None


class Settings(Section):
    """Everything that a market needs to know."""

    clock: Clock = Clock()
    market: Stocks = Stocks()
    impact: Impact = Impact()
    funds: Funds = Funds()
    futures_funds: FuturesFunds = FuturesFunds()
    lines: Lines = Lines()
    redemptions: Redemptions = Redemptions()
    futures: Futures = Futures()
    liquidator: Liquidator = Liquidator()
    opportunists: Opportunists = Opportunists()
    index_sector: IndexSector = IndexSector()
    volatility_index: VolatilityIndex = VolatilityIndex()
    news: tuple[News, ...] = ()
    halt: tuple[Halt, ...] = ()
    futures_demand: tuple[FuturesDemand, ...] = ()
    desk: Desk = Desk()
    large_fund: LargeFund = LargeFund()
    brokers: Brokers = Brokers()
    predators: Predators = Predators()
    makers: Makers = Makers()
    rescue: Rescue = Rescue()
    others: SkipJsonSchema[Annotated[tuple[tuple[str, SerializeAsAny[Section]], ...], BeforeValidator(_sections)]] = ()

    def own(self, name: str) -> Section | None:
        """The section of a user's own inhabitant; None if these settings have none."""
        return dict(self.others).get(name)

    def __hash__(self) -> int:
        """Of what is in it: a share of funds may be given as a table, which by itself has no hash."""
        return hash(self.model_dump_json())

    @property
    def listed(self) -> ListedStocks | None:
        """The stocks of the desk's own book; None without one. InputError as of `listed_stocks`."""
        return listed_stocks(self.desk, self.market)

    @property
    def desk_size(self) -> float:
        """The desk's stock book in days of the market's value; 0: no desk."""
        if self.desk.size is not None:
            return self.desk.size
        listed = self.listed
        return DEFAULT_SIZE if listed is None else listed.worth

    @property
    def books_are_active(self) -> bool:
        """Whether the crowd's books are active ones, long stocks outside the index and short it, and not neutral."""
        return bool(self.futures_fund_count) or self.liquidator.kind == "futures"

    @property
    def has_credit(self) -> bool:
        """Whether anybody is here who lives on credit: a large fund, moving haircuts, tiring makers or a rescue."""
        moving = self.brokers.volatility_weight > 0 or self.brokers.credit_weight > 0
        return self.large_fund.book > 0 or moving or self.makers.capital > 0 or self.rescue.injection > 0

    @property
    def has_futures(self) -> bool:
        """Whether index futures have a price of their own."""
        return self.futures.volume > 0

    @property
    def has_stock_rules(self) -> bool:
        """Whether there are times at which a stock may not trade: price limits or halts."""
        market = self.market
        limited = market.price_limit > 0 or (market.wide_limit > 0 and market.wide_share > 0)
        return limited or bool(self.halt)

    @property
    def has_exchange(self) -> bool:
        """Whether an exchange or its brokers have any rules of their own, or outsiders come to it."""
        futures = self.futures.price_limit > 0 or bool(self.futures_demand)
        return self.has_stock_rules or futures or self.has_late_cash

    @property
    def has_futures_buyers(self) -> bool:
        """Whether anybody from outside comes for the futures."""
        diverted = self.has_stock_rules and self.futures.diverted > 0
        return self.has_futures and (diverted or bool(self.futures_demand))

    @property
    def has_late_cash(self) -> bool:
        """Whether deadlines, cash on its way or brokers who close one leg tell funds' accounts apart."""
        funds = self.futures_funds
        rules = funds.top_up_days > 0 or funds.transfer_days > 0 or funds.broker_closes == "futures"
        return rules and self.has_futures

    @property
    def futures_fund_count(self) -> int:
        """How many of the crowd's funds are futures funds."""
        return round(self.funds.count * shares(self.funds.kind).get("futures", 0.0))

    @model_serializer(mode="wrap")
    def _write_own_inhabitants(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Each under its own name, as it is read."""
        written: dict[str, Any] = serialise(self)
        return written | dict(written.pop("others", ()))

    @model_validator(mode="after")
    def _those_who_trade_futures_have_a_market(self) -> Self:
        if not self.has_futures:
            users = {
                'funds.kind = "futures"': self.futures_fund_count > 0,
                'liquidator.kind = "futures"': self.liquidator.kind == "futures",
                "desk.price_taker = false": not self.desk.price_taker,
                "futures_demand": bool(self.futures_demand),
            }
            for user, wanted in users.items():
                if wanted:
                    raise ValueError(f"{user}: needs a futures market: futures.volume must be above 0")
        if self.futures_fund_count and self.funds.holdings is not None:
            raise ValueError("funds.holdings: books of the user's own are for long-short funds only")
        return self

    @model_validator(mode="after")
    def _dates_are_simulated(self) -> Self:
        days, simulated = self.clock.dates, self.clock.dates.tolist()
        for item in self.news:
            left = len(simulated) - bisect_left(simulated, item.date)
            if item.date not in simulated:
                raise ValueError(f"news.date = {item.date}: not a trading day of the run ({days[0]} to {days[-1]})")
            if item.days > left:
                raise ValueError(f"news.days = {item.days}: from {item.date} the run has {left} days left")
        for name, entries in (("halt", self.halt), ("futures_demand", self.futures_demand)):
            for entry in entries:
                if entry.date not in simulated:
                    raise ValueError(
                        f"{name}.date = {entry.date}: not a trading day of the run ({days[0]} to {days[-1]})"
                    )
        starts = self.desk.starts
        if starts is not None and np.datetime64(starts, "D") not in days[:-1]:
            raise ValueError(f"desk.starts = {starts}: must be a trading day before the last ({days[0]} to {days[-2]})")
        return self

    @model_validator(mode="after")
    def _credit_is_dated_within_the_run(self) -> Self:
        days = self.clock.dates
        named = {
            "liquidator.begins": (self.liquidator.begins, days[1:]),
            "large_fund.unwinds": (self.large_fund.unwinds, days[1:]),
            "rescue.date": (self.rescue.date, days[1:]),
        }
        for key, (when, allowed) in named.items():
            if when is not None and np.datetime64(when, "D") not in allowed:
                raise ValueError(f"{key} = {when}: must be a trading day of the run from {allowed[0]} to {allowed[-1]}")
        return self

    @model_validator(mode="after")
    def _somebody_is_there_to_be_seen_or_saved(self) -> Self:
        only_futures_funds = self.futures_fund_count == self.funds.count
        if self.rescue.injection > 0 and self.rescue.receiver == "funds" and only_futures_funds:
            raise ValueError("rescue.receiver = 'funds': is for long-short funds, and this crowd has none")
        if self.large_fund.book == 0:
            if self.predators.size > 0:
                raise ValueError(
                    f"predators.size = {self.predators.size:g}: needs a large fund to prey on (large_fund.book > 0)"
                )
            if self.rescue.injection > 0 and self.rescue.receiver == "large_fund":
                raise ValueError("rescue.receiver = 'large_fund': there is none: must be funds, or large_fund.book > 0")
        elif self.large_fund.book * self.brokers.haircut > self.large_fund.equity:
            raise ValueError(
                f"large_fund.equity = {self.large_fund.equity:g}: must cover the haircut on its book at the start, "
                f"{self.large_fund.book * self.brokers.haircut:g} (large_fund.book x brokers.haircut)"
            )
        return self

    @model_validator(mode="after")
    def _spreads_have_room_for_styles(self) -> Self:
        if self.market.instruments == "spreads" and self.funds.styles >= self.market.stocks:
            raise ValueError(
                f"funds.styles = {self.funds.styles}: must be below {self.market.stocks}, the number of spread trades "
                "(market.stocks)"
            )
        return self


def sections() -> dict[str, type[Section]]:
    """The tables of settings by name, those of the user's own inhabitants last; `news` is a list of such tables."""
    return _our_sections() | {name: kind.section for name, kind in INHABITANTS.items()}


@lru_cache(maxsize=1)
def _our_sections() -> dict[str, type[Section]]:
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Section):
                found[name] = kind
    return found


TAKEN.update(Settings.model_fields)
