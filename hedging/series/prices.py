"""What is known of the market at a close: closes, bars and a volatility index, over many paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from cqkit.arrays import BoolArray, FloatArray
from cqkit.errors import InputError, raise_faults

# Trading days a year, the 2008 report's.
YEAR = 250


@dataclass(frozen=True, eq=False, init=False)
class Prices:
    """Daily prices of the index, oldest first.

    Parameters
    ----------
    close : array_like, shape (n,) or (paths, n)
        Closes, in points; one dimension counts as one path.
    open, high, low : array_like, same shape, optional
        The rest of the bars. Without them high and low are the close, and the open is unknown.
    gauge : array_like, same shape, optional
        A volatility index (fear gauge) at the close, in its own units; NaN where it is unknown.

    Attributes
    ----------
    close, high, low : FloatArray, shape (paths, n)
        Always there.
    open, gauge : FloatArray, shape (paths, n), or None
        None when unknown, NaN on the days on which they are unknown.
    a_year : int
        Closes a year, by which volatility is annualised; `spaced` sets another than 250.

    Raises
    ------
    InputError
        When an array is not numbers or the shapes differ. Values are not looked at: `check` does that.
    """

    close: FloatArray
    open: FloatArray | None
    high: FloatArray
    low: FloatArray
    gauge: FloatArray | None
    a_year: int

    def __init__(
        self,
        close: npt.ArrayLike,
        open: npt.ArrayLike | None = None,
        high: npt.ArrayLike | None = None,
        low: npt.ArrayLike | None = None,
        gauge: npt.ArrayLike | None = None,
    ) -> None:
        closes = _matrix("close", close)
        self._set(
            closes,
            _matrix("open", open, closes),
            closes if high is None else _matrix("high", high, closes),
            closes if low is None else _matrix("low", low, closes),
            _matrix("gauge", gauge, closes),
            YEAR,
        )

    def _set(
        self,
        close: FloatArray,
        open: FloatArray | None,
        high: FloatArray,
        low: FloatArray,
        gauge: FloatArray | None,
        a_year: int,
    ) -> None:
        parts = {"close": close, "open": open, "high": high, "low": low, "gauge": gauge, "a_year": a_year}
        for name, value in parts.items():
            object.__setattr__(self, name, value)

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.close.shape[0]

    @property
    def days(self) -> int:
        """Number of closes, n."""
        return self.close.shape[1]

    def spaced(self, a_year: int) -> Prices:
        """The same prices, `a_year` of them a year: 52 where they are a week apart."""
        same = self.between(0, self.days)
        object.__setattr__(same, "a_year", a_year)
        return same

    def upto(self, days: int) -> Prices:
        """The first `days` closes; views, no copies."""
        return self.between(0, days)

    def between(self, first: int, last: int) -> Prices:
        """Closes `first` to `last` - 1; views, no copies."""
        cut = object.__new__(Prices)
        close = self.close[:, first:last]
        cut._set(
            close,
            None if self.open is None else self.open[:, first:last],
            close if self.high is self.close else self.high[:, first:last],
            close if self.low is self.close else self.low[:, first:last],
            None if self.gauge is None else self.gauge[:, first:last],
            self.a_year,
        )
        return cut

    def check(self, name: str) -> None:
        """Look at every value.

        Parameters
        ----------
        name : str
            What the prices are called in a message.

        Raises
        ------
        InputError
            One line a fault: a price that is NaN, infinite, zero or negative (an open or gauge may be NaN); a
            high below, or a low above, open or close.
        """
        close, opened = self.close, self.close if self.open is None else self.open
        parts = {"": close, "open": opened, "high": self.high, "low": self.low, "gauge": self.gauge}
        faults: list[str] = []
        for part, values in parts.items():
            if values is not None and (values is not close or not part):
                # An open or a gauge may be unknown; who needs it says so.
                good = (np.isfinite(values) | (np.isnan(values) & (part in {"open", "gauge"}))) & ~(values <= 0)
                faults += _wrong(f"{name}: {part}" if part else name, values, ~good, "must be positive and finite")
        raise_faults(faults)
        if self.high is not close:
            bad = self.high < np.fmax(opened, close)
            faults += _wrong(f"{name}: high", self.high, bad, "must not be below open or close")
        if self.low is not close:
            bad = self.low > np.fmin(opened, close)
            faults += _wrong(f"{name}: low", self.low, bad, "must not be above open or close")
        raise_faults(faults)


class PriceTape:
    """Prices up to today, day by day: history first, then the window as its closes come in.

    Arrays are stored day by day in memory, so that a day's prices of all paths lie side by side.

    Parameters
    ----------
    start : Prices of one day
        The base close, day 0.
    days : int
        Number of closes to come after it.
    history : Prices, optional
        Before day 0; one path serves all.

    Attributes
    ----------
    first_day : int
        Column of day 0.
    """

    def __init__(self, start: Prices, days: int, history: Prices | None = None) -> None:
        self._paths, self._a_year = start.paths, start.a_year
        self.first_day = 0 if history is None else history.days
        self._columns = self.first_day + days + 1
        self._known = 0
        self._ahead = False
        self._parts: dict[str, FloatArray] = {}
        if history is not None:
            # What the window does not have is of no use in the history.
            self._write(
                Prices(
                    history.close,
                    None if start.open is None else history.open,
                    None if history.high is history.close else history.high,
                    None if history.low is history.close else history.low,
                    None if start.gauge is None else history.gauge,
                )
            )
        self._write(start)

    @classmethod
    def of(cls, window: Prices, history: Prices | None = None) -> PriceTape:
        """A tape whose window is known already, so that a policy may `prepare` on `whole`."""
        tape = cls(window.upto(1), window.days - 1, history)
        tape._write(window.between(1, window.days))
        tape._known = tape.first_day + 1
        tape._ahead = True
        return tape

    @property
    def whole(self) -> Prices | None:
        """History and the whole window if they were known from the start, otherwise None."""
        return self._upto(self._columns) if self._ahead else None

    @property
    def known(self) -> Prices:
        """History and window up to today, read-only."""
        return self._upto(self._known)

    @property
    def window(self) -> FloatArray:
        """Closes of the window, shape (paths, days + 1), of which those after today are not to be read yet."""
        return self._parts["close"][:, self.first_day :]

    @property
    def opens(self) -> FloatArray | None:
        """Today's open, shape (paths,), NaN where unknown; None when no open was ever given."""
        return self._parts["open"][:, self._known - 1] if "open" in self._parts else None

    def append(self, bar: Prices) -> None:
        """Take in a day; one that was known already is only uncovered."""
        if self._ahead:
            self._known += 1
        else:
            self._write(bar)

    def _upto(self, columns: int) -> Prices:
        parts = {name: part[:, :columns] for name, part in self._parts.items()}
        for part in parts.values():
            part.flags.writeable = False
        known = Prices(**parts)
        return known if self._a_year == YEAR else known.spaced(self._a_year)

    def _write(self, prices: Prices) -> None:
        """Put days behind the known ones."""
        first, last = self._known, self._known + prices.days
        given = {"close": prices.close, "open": prices.open, "gauge": prices.gauge}
        given["high"] = None if prices.high is prices.close else prices.high
        given["low"] = None if prices.low is prices.close else prices.low
        for name, values in given.items():
            if values is not None and name not in self._parts:
                self._parts[name] = np.empty((self._columns, self._paths)).T
                self._parts[name][:, :first] = self._unknown(name, self._parts["close"][:, :first])
            if name in self._parts:
                new = self._unknown(name, prices.close) if values is None else values
                self._parts[name].T[first:last] = np.transpose(new)  # a day's paths in one go
        self._known = last

    @staticmethod
    def _unknown(name: str, close: FloatArray) -> FloatArray | float:
        """What stands for unknown prices: high and low shrink to the close, open and gauge have no value."""
        return close if name in {"close", "high", "low"} else np.nan


def as_prices(name: str, values: npt.ArrayLike | Prices) -> Prices:
    """Take closes or `Prices`, and check every value.

    Raises
    ------
    InputError
        When it is empty, or has a wrong shape or value.
    """
    prices = values if isinstance(values, Prices) else Prices(_matrix(name, values))
    if 0 in prices.close.shape:
        raise InputError(f"{name}: shape {prices.close.shape}: must be (days + 1,) or (paths, days + 1)")
    prices.check(name)
    return prices


@overload
def _matrix(name: str, values: npt.ArrayLike, like: FloatArray | None = None) -> FloatArray: ...
@overload
def _matrix(name: str, values: npt.ArrayLike | None, like: FloatArray | None = None) -> FloatArray | None: ...
def _matrix(name: str, values: npt.ArrayLike | None, like: FloatArray | None = None) -> FloatArray | None:
    """Give numbers the shape (paths, n), which must be that of `like`."""
    if values is None:
        return None
    try:
        matrix = np.atleast_2d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}: must be an array of numbers") from error
    if matrix.ndim != 2:
        raise InputError(f"{name}: shape {matrix.shape}: must be (days + 1,) or (paths, days + 1)")
    if like is not None and matrix.shape != like.shape:
        raise InputError(f"{name}: shape {matrix.shape}: must be {like.shape}, as the closes have")
    return matrix


def _wrong(name: str, values: FloatArray, wrong: BoolArray, allowed: str, most: int = 5) -> list[str]:
    """Name the paths and columns of wrong values, a few of them."""
    count = int(np.count_nonzero(wrong))
    if not count:
        return []
    faults = [
        f"{name}: path {path}, column {column}: {values[path, column]}: {allowed}"
        for path, column in np.argwhere(wrong)[:most]
    ]
    return faults if count <= most else [*faults, f"{name}: and {count - most} more"]
