"""Liquidation schedules: how a book that must go is spread over time.

A schedule says what share of the book is left a time after the start; percent-of-volume leaves that to the market.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.registry import Registry

if TYPE_CHECKING:
    from abm.inhabitants.liquidator import Liquidator


class Schedule(ABC):
    """A way to sell a book; made from the liquidator's settings."""

    def __init__(self, liquidator: Liquidator) -> None:
        self.liquidator = liquidator

    @abstractmethod
    def remaining(self, elapsed: FloatArray) -> FloatArray:
        """Share of the book left after `elapsed` days since the start, 1 at 0 and never rising."""

    @property
    def participation(self) -> float:
        """Trades over everybody else's in the bar before, on top of what `remaining` asks for."""
        return 0.0

    def sales(self, first_bar: int, bars: int, bars_a_day: int) -> FloatArray:
        """Share of the book to sell in each bar of a run, shape (bars,), nothing before `first_bar`."""
        edges = np.maximum(np.arange(bars + 1) - first_bar, 0) / bars_a_day
        return -np.diff(self.remaining(edges))


SCHEDULES: Registry[type[Schedule]] = Registry("schedule")
register = SCHEDULES.register


def names() -> tuple[str, ...]:
    """Names of all registered schedules."""
    return SCHEDULES.names()


def make(liquidator: Liquidator) -> Schedule:
    """Make the schedule that the liquidator's settings name."""
    return SCHEDULES[liquidator.schedule](liquidator)


@register("twap")
class Twap(Schedule):
    """The same amount in every bar."""

    def remaining(self, elapsed: FloatArray) -> FloatArray:
        return np.maximum(1 - elapsed / self.liquidator.days, 0)


@register("almgren_chriss")
class AlmgrenChriss(Schedule):
    """The mean-variance optimal trajectory sinh(kappa (T - t)) / sinh(kappa T) (Almgren and Chriss 2000, eq. 17).

    `urgency` is kappa T: 0 is TWAP, large sells early because waiting is risky.
    """

    def remaining(self, elapsed: FloatArray) -> FloatArray:
        left = np.maximum(1 - elapsed / self.liquidator.days, 0)
        urgency = self.liquidator.urgency
        return np.sinh(urgency * left) / np.sinh(urgency) if urgency > 0 else left


@register("percent_of_volume")
class PercentOfVolume(Schedule):
    """A fixed ratio to everybody else's trading: it sells faster just when others are forced to sell."""

    def remaining(self, elapsed: FloatArray) -> FloatArray:
        return np.ones_like(elapsed)

    @property
    def participation(self) -> float:
        return self.liquidator.participation


@register("plan")
class Plan(Schedule):
    """The user's own: a share of the book for each day, evenly over the day's bars."""

    def remaining(self, elapsed: FloatArray) -> FloatArray:
        sold = np.concatenate([[0.0], np.cumsum(self.liquidator.plan)])
        return 1 - np.interp(elapsed, np.arange(sold.size), sold)
