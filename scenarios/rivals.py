"""Rival explanations of a history: the scenario without what its story rests on, and what each leaves free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from abm import Settings
from abm.settings import News
from scenarios.twins import without_liquidator

TOO_SMALL = 1e-6  # of the crowd's capital: its funds still have accounts, and move no price


@dataclass(frozen=True)
class Dial:
    """A number that a rival leaves free, as what the scenario's own is multiplied by.

    Attributes
    ----------
    name
        In words.
    turn
        Gives the settings with it multiplied.
    weight
        How much there is of it: dials are taken by that where there are more than targets.
    """

    name: str
    turn: Callable[[Settings, float], Settings]
    weight: float


@dataclass(frozen=True)
class Rival:
    """An explanation without some of the story's parts.

    Attributes
    ----------
    name, title
        Its name, and what it says.
    alter
        Gives the settings in which it is all that there is.
    news, liquidator
        Whether it has dated news and a liquidator, whose sizes are then free.
    """

    name: str
    title: str
    alter: Callable[[Settings], Settings]
    news: bool = True
    liquidator: bool = True

    def dials(self, settings: Settings, most: int) -> tuple[Dial, ...]:
        """What it leaves free, at most so many: the liquidator's size, then groups of news by their size."""
        found = [*_liquidator(settings)] if self.liquidator else []
        found += sorted(_news(settings), key=lambda dial: -dial.weight) if self.news else []
        return tuple(found[:most])


def nobody_reacts(settings: Settings) -> Settings:
    """The market in which nobody who has lost sells, or is preyed on: news moves prices, and that is all."""
    still = without_liquidator(settings)
    still = _set(still, "funds", forced_sales=False)
    still = _set(still, "opportunists", capital=0.0)
    still = _set(still, "index_sector", holding=0.0)
    still = _set(still, "predators", size=0.0)
    return _set(still, "brokers", volatility_weight=0.0, credit_weight=0.0)


def crowd_too_small(settings: Settings) -> Settings:
    """The market whose crowd moves no price; its funds keep their accounts, so that their losses can be measured."""
    return _set(settings, "funds", capital=TOO_SMALL * settings.funds.capital)


def no_forced_sales(settings: Settings) -> Settings:
    """The market in which calls are counted and nobody has to sell."""
    return _set(settings, "funds", forced_sales=False)


def seller_alone(settings: Settings) -> Settings:
    """The market in which only whoever has to liquidate trades: no news, no crowd, nobody who reacts to it."""
    alone = crowd_too_small(settings).model_copy(update={"news": ()})
    alone = _set(alone, "opportunists", capital=0.0)
    alone = _set(alone, "index_sector", holding=0.0)
    return _set(alone, "predators", size=0.0)


RIVALS = (
    Rival("news_only", "Dated news alone: nobody reacts", nobody_reacts, liquidator=False),
    Rival("no_crowd", "News and a liquidator, and no crowd", crowd_too_small),
    Rival("no_forced_sales", "News, liquidator and crowd, and nobody is forced to sell", no_forced_sales),
    Rival("liquidator_only", "The liquidator's own sale alone", seller_alone, news=False),
)


def _set(settings: Settings, section: str, **values: Any) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def _liquidator(settings: Settings) -> Iterator[Dial]:
    if settings.liquidator.size > 0:

        def turn(altered: Settings, factor: float) -> Settings:
            return _set(altered, "liquidator", size=factor * altered.liquidator.size)

        yield Dial("size of the liquidator", turn, 1.0)


def _news(settings: Settings) -> Iterator[Dial]:
    """A dial for the news of every month, by where it goes and whose doing it is."""
    groups: dict[tuple[str, str, str], list[News]] = {}
    for item in settings.news:
        groups.setdefault((f"{item.date:%B %Y}", item.to, item.cause), []).append(item)
    for group, items in groups.items():
        month, to, cause = group
        whose = "" if cause == "news" else f", {cause.replace('_', ' ')}"
        weight = sum(abs(item.move) * item.days for item in items)
        yield Dial(f"news of {month} to the {to.replace('_', ' ')}{whose}", _scaled(items), weight)


def _scaled(items: Sequence[News]) -> Callable[[Settings, float], Settings]:
    def turn(settings: Settings, factor: float) -> Settings:
        moved = [
            item.model_copy(update={"move": factor * item.move}) if item in items else item for item in settings.news
        ]
        return settings.model_copy(update={"news": tuple(moved)})

    return turn
