"""Mechanisms that can be switched off, one small class each: what `explain` takes a hedge loss apart into.

A mechanism says whether it is on under given settings, and gives the settings without it. `is_on` judges by the
settings alone, and must not say no where switching it off would change a price: what is not on is not simulated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from abm import Settings
from cqkit.registry import Registry


class Mechanism(ABC):
    """Something in a market that can be switched off."""

    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def is_on(self, settings: Settings) -> bool:
        """Whether it can act at all under these settings."""

    @abstractmethod
    def off(self, settings: Settings) -> Settings:
        """Return the settings without it, all else being equal."""


class Sized(Mechanism):
    """Somebody in the market who is not there at a size of 0."""

    section: ClassVar[str]
    key: ClassVar[str] = "size"

    def is_on(self, settings: Settings) -> bool:
        return bool(getattr(getattr(settings, self.section), self.key) > 0)

    def off(self, settings: Settings) -> Settings:
        return _set(settings, self.section, **{self.key: 0.0})


M = TypeVar("M", bound=type[Mechanism])
MECHANISMS: Registry[type[Mechanism]] = Registry("mechanism")


def register(mechanism: M) -> M:
    """Class decorator: make a mechanism known by its name; parts are told in the order of registration.

    Raises
    ------
    InputError
        When the name is taken.
    """
    MECHANISMS.add(mechanism.name, mechanism)
    return mechanism


def mechanisms() -> tuple[Mechanism, ...]:
    """All mechanisms, in the order in which the story is told."""
    return tuple(mechanism() for _, mechanism in MECHANISMS.items())


def without(settings: Settings, switched_off: Iterable[Mechanism]) -> Settings:
    """Return the settings with some mechanisms off, and with them those that can do nothing without them.

    So sets of mechanisms that come to the same market have equal settings, and are simulated once: funds that are
    never forced to sell, for one, cannot come back either.
    """
    for mechanism in switched_off:
        settings = mechanism.off(settings)
    for mechanism in mechanisms():
        if not mechanism.is_on(settings):
            settings = mechanism.off(settings)
    return settings


def _set(settings: Settings, section: str, **values: Any) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def _without_news(settings: Settings, cause: str) -> Settings:
    return settings.model_copy(update={"news": tuple(item for item in settings.news if item.cause != cause)})


def _has_news(settings: Settings, cause: str) -> bool:
    moves = settings.market.news_scale != 0
    return moves and any(item.cause == cause and item.move != 0 for item in settings.news)


def _has_long_short_funds(settings: Settings) -> bool:
    return settings.funds.capital > 0 and settings.futures_fund_count < settings.funds.count


def _has_futures_funds(settings: Settings) -> bool:
    return settings.funds.capital > 0 and settings.futures_fund_count > 0


@register
class Fundamentals(Mechanism):
    """Values move: factors, each stock's own noise, other investors', dated news, an index path that is followed."""

    name = "fundamentals"
    title = "Fundamentals and news"

    def is_on(self, settings: Settings) -> bool:
        market = settings.market
        return market.fundamentals or market.index_path is not None or _has_news(settings, "news")

    def off(self, settings: Settings) -> Settings:
        return _without_news(_set(settings, "market", fundamentals=False, index_path=None), "news")


@register
class Liquidator(Sized):
    """The fund that has to liquidate sells its book: its own footprint."""

    name = "liquidator"
    title = "The liquidator's own sales"
    section = "liquidator"


@register
class Rebalancing(Mechanism):
    """What futures funds trade of their own accord: to their hedge, to the reserve that they want."""

    name = "rebalancing"
    title = "The crowd's ordinary rebalancing"

    def is_on(self, settings: Settings) -> bool:
        rules = settings.futures_funds
        return _has_futures_funds(settings) and (rules.rehedging > 0 or rules.restoring > 0)

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "futures_funds", restoring=0.0, rehedging=0.0)


@register
class ForcedSales(Mechanism):
    """Funds have to sell: by their own risk rule, after margin calls, without equity, below their contracts' lines."""

    name = "forced_sales"
    title = "Forced sales"

    def is_on(self, settings: Settings) -> bool:
        return settings.funds.forced_sales and settings.funds.capital > 0

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "funds", forced_sales=False)


@register
class OwnRule(Mechanism):
    """Funds hold less the further they are below their high-water mark, before any broker calls."""

    name = "own_rule"
    title = "The funds' own risk rule"

    def is_on(self, settings: Settings) -> bool:
        funds = settings.funds
        return funds.forced_sales and funds.capital > 0 and funds.severity[1] > 0

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "funds", severity=(0.0, 0.0))


@register
class FuturesSqueeze(Mechanism):
    """Futures bought and sold move the basis, and arbitrageurs carry that into the index stocks."""

    name = "futures"
    title = "Futures squeeze and basis"

    def is_on(self, settings: Settings) -> bool:
        futures, liquidator = settings.futures, settings.liquidator
        buys_back = liquidator.kind == "futures" and liquidator.size > 0
        traded = _has_futures_funds(settings) or buys_back or not settings.desk.price_taker
        return settings.has_futures and traded and (futures.impact > 0 or futures.arbitrage > 0)

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "futures", impact=0.0, arbitrage=0.0)


@register
class StateBuying(Mechanism):
    """The state buys, as dated news of that cause says."""

    name = "state_buying"
    title = "State buying"

    def is_on(self, settings: Settings) -> bool:
        return _has_news(settings, "state_buying")

    def off(self, settings: Settings) -> Settings:
        return _without_news(settings, "state_buying")


@register
class MarginRises(Mechanism):
    """The exchange and brokers raise margins as volatility rises."""

    name = "margin_rises"
    title = "Margin rises"

    def is_on(self, settings: Settings) -> bool:
        futures = settings.futures
        of_brokers = _has_futures_funds(settings) and futures.swap_margin_reaction > 0
        return settings.has_futures and (of_brokers or futures.margin_reaction > 0)

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "futures", margin_reaction=0.0, swap_margin_reaction=0.0)


@register
class DeskImpact(Mechanism):
    """The desk's own trades move prices and take a day; without it they are done at the close, at its price."""

    name = "desk_impact"
    title = "The desk's own trades"

    def is_on(self, settings: Settings) -> bool:
        return settings.desk_size > 0 and not settings.desk.price_taker

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "desk", price_taker=True)


@register
class Reentry(Mechanism):
    """Funds that were cut buy back while the crowded book is cheap."""

    name = "reentry"
    title = "Funds coming back"

    def is_on(self, settings: Settings) -> bool:
        funds = settings.funds
        return funds.forced_sales and funds.reentry_share > 0 and funds.capital > 0

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "funds", reentry_share=0.0)


@register
class Opportunists(Sized):
    """Capital of others buys the crowded book when it is cheap."""

    name = "opportunists"
    title = "Opportunists"
    section = "opportunists"
    key = "capital"


@register
class Sector(Sized):
    """Long-biased investors who carry the crowded book too sell the index when that stops them out."""

    name = "index_sector"
    title = "Stopped-out index holders"
    section = "index_sector"
    key = "holding"


@register
class FundRedemptions(Mechanism):
    """Investors ask their money back after losses, and funds sell to pay them."""

    name = "redemptions"
    title = "Redemptions"

    def is_on(self, settings: Settings) -> bool:
        return _has_futures_funds(settings) and settings.redemptions.sensitivity > 0

    def off(self, settings: Settings) -> Settings:
        return _set(settings, "redemptions", sensitivity=0.0)


@register
class LargeFund(Sized):
    """A fund on credit that everybody sees: its sales, and the predators who sell beside it."""

    name = "large_fund"
    title = "The large fund and its predators"
    section = "large_fund"
    key = "book"


@register
class Lenders(Mechanism):
    """Haircuts that follow volatility and losses, makers whose capacity shrinks, a rescue."""

    name = "lenders"
    title = "Haircuts, tiring makers, rescue"

    def is_on(self, settings: Settings) -> bool:
        brokers, borrowers = settings.brokers, settings.large_fund.book > 0 or _has_long_short_funds(settings)
        moving = borrowers and (brokers.volatility_weight > 0 or brokers.credit_weight > 0)
        return moving or settings.makers.capital > 0 or (borrowers and settings.rescue.injection > 0)

    def off(self, settings: Settings) -> Settings:
        fixed = _set(settings, "brokers", volatility_weight=0.0, credit_weight=0.0)
        return _set(_set(fixed, "makers", capital=0.0), "rescue", injection=0.0)


@register
class Rules(Mechanism):
    """Price limits, halts, money that they divert to futures, deadlines, cash on its way, brokers who close one leg."""

    name = "rules"
    title = "Rules of exchange and brokers"

    def is_on(self, settings: Settings) -> bool:
        limited = settings.has_futures and settings.futures.price_limit > 0
        return settings.has_stock_rules or limited or settings.has_late_cash

    def off(self, settings: Settings) -> Settings:
        free = _set(settings, "market", price_limit=0.0, wide_limit=0.0)
        free = _set(free, "futures", price_limit=0.0, diverted=0.0)
        free = _set(free, "futures_funds", top_up_days=0.0, transfer_days=0.0, broker_closes="both")
        return free.model_copy(update={"halt": ()})


@register
class Other(Mechanism):
    """The rest: spreads that are paid, and the noise of the basis."""

    name = "other"
    title = "Spreads and the basis's noise"

    def is_on(self, settings: Settings) -> bool:
        futures = settings.futures
        of_futures = futures.half_spread > 0 or futures.noise > 0
        return (settings.impact.half_spread > 0 and settings.funds.capital > 0) or (settings.has_futures and of_futures)

    def off(self, settings: Settings) -> Settings:
        return _set(_set(settings, "impact", half_spread=0.0), "futures", half_spread=0.0, noise=0.0)
