"""Days by their weekday in a month: third Fridays, last Mondays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

MONDAY: Final = 0
THURSDAY: Final = 3
FRIDAY: Final = 4
LAST: Final = -1


def nth_weekday(year: int, month: int, number: int, weekday: int) -> date:
    """The first, second, ... (1, 2, ...) or `LAST` of a weekday (Monday is 0) in a month, which has four at least."""
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    if number != LAST:
        return day + timedelta(weeks=number - 1)
    later = day + timedelta(weeks=4)
    return later if later.month == month else day + timedelta(weeks=3)
