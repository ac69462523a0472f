"""What the user says of his series, beside the files themselves."""

from __future__ import annotations

from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

from hedging.series.frames import Source
from hedging.series.reading import Reading, Said, readings

LONGEST_LAG = 10


@dataclass(frozen=True)
class SeriesTerms:
    """What is known of the series that they do not say themselves; by default nothing is taken for granted.

    Attributes
    ----------
    accept_jumps
        Take moves that look like a wrong decimal mark, a change of unit or a split for what they are.
    weekly
        Reckon on rows a week or a month apart, although a margin account is settled every day.
    common_dates
        Keep the dates that index and stock book both have, where they follow two calendars.
    distributions
        A file (or frame) of what the stock book paid out, money a unit by date: it is put back in on that date.
    currency
        ISO code of the stock book's money, where its file does not say.
    exchange_rate
        A file (or frame) of the contract's money for one unit of the stock book's, by date.
    same_currency
        Take the stock book's money for the contract's, whatever the file says.
    gauge_lag
        Calendar days after its date on which the volatility index is known; None: the day after, where it
        closes after the index does, or else the same day.
    column, date_format, tz, decimal
        How files are read, for all of them or by file (`hedging.series.reading`): `{"spot": "Adj Close"}`.
    """

    accept_jumps: bool = False
    weekly: bool = False
    common_dates: bool = False
    distributions: Source | None = None
    currency: str | None = None
    exchange_rate: Source | None = None
    same_currency: bool = False
    gauge_lag: int | None = None
    column: Said = None
    date_format: Said = None
    tz: Said = None
    decimal: Said = None

    def readings(self) -> dict[str, Reading]:
        """How every file is read, by what it is."""
        return readings(self.column, self.date_format, self.tz, self.decimal)

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, in plain values."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("distributions", "exchange_rate"):
            if told[name] is not None:
                told[name] = Path(told[name]).name if isinstance(told[name], str | PathLike) else f"a frame of {name}"
        return {name: value for name, value in told.items() if value is not None and value is not False}

    def faults(self, has_spot: bool, has_gauge: bool) -> list[str]:
        """Say what is wrong with them, one line each."""
        found = []
        if self.gauge_lag is not None and not 0 <= self.gauge_lag <= LONGEST_LAG:
            found.append(f"gauge_lag = {self.gauge_lag}: must lie in 0..{LONGEST_LAG} (calendar days)")
        if self.gauge_lag is not None and not has_gauge:
            found.append(f"gauge_lag = {self.gauge_lag}: must be left out without a gauge")
        if self.currency is not None and not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isalpha()
        ):
            found.append(f"currency = {self.currency[:40]}: must be an ISO code, as USD")
        if self.same_currency and self.exchange_rate is not None:
            found.append("same_currency: must be left out with an exchange rate")
        needs_spot = {
            "common_dates": self.common_dates,
            "distributions": self.distributions is not None,
            "exchange_rate": self.exchange_rate is not None,
        }
        found += [
            f"{name}: must be left out without a spot series"
            for name, is_set in needs_spot.items()
            if is_set and not has_spot
        ]
        return found
