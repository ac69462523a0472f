"""When a market trades."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from abm.sections.base import Section, quantity


@lru_cache(maxsize=64)
def _trading_days(start: date, days: int, holidays: tuple[date, ...]) -> npt.NDArray[np.datetime64]:
    """Weekdays from `start` on but for the holidays; every check of a setting asks for them anew."""
    shut = np.array(holidays, dtype="datetime64[D]")
    dates = np.busday_offset(np.datetime64(start, "D"), np.arange(days), roll="forward", holidays=shut)
    dates.flags.writeable = False
    return dates


class Clock(Section):
    """Trading days and the bars that each is cut into."""

    start: date = Field(date(2007, 7, 13), description="the first trading day")
    days: int = quantity(27, 2, 2000, "trading days simulated", "days")
    bars: int = quantity(13, 1, 390, "bars a day [S]; 13 is half-hours", "bars a day")
    event: date = Field(date(2007, 8, 6), description="the trading day that results are counted from")
    window: int = quantity(8, 1, 2000, "days from the event on in which figures look for losses", "days")
    holidays: tuple[date, ...] = Field((), description="weekdays on which the market is shut")

    @property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """Trading days, shape (days,), dtype datetime64[D]; read-only."""
        return _trading_days(self.start, self.days, self.holidays)

    @property
    def event_day(self) -> int:
        """Index of the event among the trading days; the close before it is the eve."""
        return int(np.searchsorted(self.dates, np.datetime64(self.event, "D")))

    def day_of(self, when: date | None) -> int:
        """Index of the first trading day on or after a date; -1 without one."""
        return -1 if when is None else int(np.searchsorted(self.dates, np.datetime64(when, "D")))

    @property
    def horizon(self) -> int:
        """Days from the event on in which figures look for losses: the window, or what the run has of it."""
        return min(self.window, self.days - self.event_day)

    @model_validator(mode="after")
    def _event_is_simulated(self) -> Self:
        dates = self.dates
        if np.datetime64(self.event, "D") not in dates[1:]:
            raise ValueError(
                f"event = {self.event}: must be a trading day after the first and within the run "
                f"({dates[1]} to {dates[-1]})"
            )
        return self
