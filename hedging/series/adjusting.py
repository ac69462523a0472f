"""A stock book's series put right by what the user says of it: payments, money, calendar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import is_missing
from hedging.series import columns as names
from hedging.series.frames import Source
from hedging.series.loading import closes_in
from hedging.series.money import currency_of, iso_code, rate_faults
from hedging.series.naming import file_of, listed
from hedging.series.opening import open_layout
from hedging.series.reading import Reading
from hedging.series.settings import SeriesTerms

# Calendar days for which a rate still counts.
OLDEST_RATE = 15
_PAID = ("amount", "distribution", "distributions", "dividend", "dividends", "cash", "分红", "每份分红", "单位分红",
         "分红金额")  # fmt: skip


def adjusted(
    index: pd.DataFrame, spot: pd.Series[float], said: SeriesTerms, money: str
) -> tuple[pd.DataFrame, pd.Series[float], list[str]]:
    """Put payments back into the stock book, turn it into the contract's money, and keep common dates, as was said.

    Parameters
    ----------
    index : DataFrame
        Bars by date.
    spot : Series
        The stock book by date.
    said : SeriesTerms
        What is known of them.
    money : str
        The contract's.

    Returns
    -------
    index, spot, notes

    Raises
    ------
    InputError
        When the book is in another money and no rate is given, or a file that is given does not fit.
    """
    notes: list[str] = []
    if said.distributions is not None:
        spot, more = with_distributions(spot, _payments(said.distributions, said.readings()["distributions"]))
        notes += more
    spot, more = _in_money(spot, said, money)
    notes += more
    if said.common_dates:
        index, spot, more = _on_common_dates(index, spot)
        notes += more
    return index, spot, notes


def _payments(source: Source, reading: Reading) -> pd.Series[float]:
    """Payments by date: the column that is asked for or called so, or the only one of numbers; days without one go."""
    layout = open_layout(source, reading, "distributions")
    if "column" not in reading.binding:
        named = [name for name in layout.columns if names.key(name) in _PAID]
        reading = replace(reading, column=named[0] if named else None)
    place = next(iter(names.places(layout.columns, reading.column or "")), None)
    if place is not None:
        rows = [(row, cells) for row, cells in layout.rows if _is_paid(cells[place])]
        layout = replace(layout, rows=rows or layout.rows)
    return closes_in(layout, reading)


def _is_paid(cell: str) -> bool:
    return not is_missing(cell) and bool(cell.strip("0., "))


def with_distributions(spot: pd.Series[float], paid: pd.Series[float]) -> tuple[pd.Series[float], list[str]]:
    """Put payments of money a unit back in at the value of their day; one between two dates counts on the later."""
    file, dates = file_of(paid, "distributions"), pd.DatetimeIndex(spot.index)
    position = dates.searchsorted(pd.DatetimeIndex(paid.index), side="left")
    inside = (position > 0) & (position < len(dates))
    values = np.array(spot, dtype=np.float64)
    factor = np.ones(len(values))
    for day, amount in zip(position[inside], np.array(paid, dtype=np.float64)[inside], strict=True):
        if amount >= values[day - 1]:
            raise InputError(
                f"{file}: {dates[day]:%Y-%m-%d}: {amount:g} a unit, of {values[day - 1]:g} the day before: must be "
                "money a unit, below the unit's value (not percent, not for ten units)"
            )
        factor[day] *= 1.0 + amount / values[day]
    whole = pd.Series(values * np.cumprod(factor), index=dates, name=spot.name)
    whole.attrs = spot.attrs
    left = f"; {int((~inside).sum())} outside of its dates left out" if not inside.all() else ""
    return whole, [f"{file_of(spot, 'spot')}: {int(inside.sum())} distributions of {file} put back in{left}"]


def _in_money(spot: pd.Series[float], said: SeriesTerms, money: str) -> tuple[pd.Series[float], list[str]]:
    """The stock book in the contract's money."""
    file = file_of(spot, "spot")
    own = said.currency.upper() if said.currency else currency_of(spot)
    own = iso_code(own)
    if said.exchange_rate is not None:
        reading = said.readings()["exchange_rate"]
        rate = closes_in(open_layout(said.exchange_rate, reading, "exchange rate"), reading)
        raise_faults(rate_faults(rate, own, money))
        return _exchanged(spot, rate, own or "its money", money)
    if not own or own == money:
        return spot, []
    if said.same_currency:
        return spot, [f"{file}: in {own}, taken for {money}, the contract's money: no exchange rate is reckoned with"]
    raise InputError(
        f"{file}: currency {own}, and the contract is in {money}: give --exchange-rate FILE ({money} for one {own}, by "
        "date), --contract, or --same-currency to leave the rate out"
    )


def _exchanged(
    spot: pd.Series[float], rate: pd.Series[float], own: str, money: str
) -> tuple[pd.Series[float], list[str]]:
    """The stock book times the rate of its day, or the last one before."""
    file, dates = file_of(rate, "exchange rate"), pd.DatetimeIndex(spot.index)
    known = pd.DatetimeIndex(rate.index)
    position = known.searchsorted(dates, side="right") - 1
    # Dates before the rates begin are dropped: a window that needs them is told which are missing.
    used = dates[position >= 0]
    if not len(used):
        raise InputError(f"{file}: begins on {known[0]:%Y-%m-%d}, after the last date of {file_of(spot, 'spot')}")
    position = position[position >= 0]
    old = (used - known[position]).days.to_numpy() > OLDEST_RATE
    first = f"{float(rate.iloc[position[0]]):g} {money} for one {own if own != 'its money' else 'unit of it'}"
    notes = [f"{file_of(spot, 'spot')}: turned from {own} into {money} by {file}, {first} on {used[0]:%Y-%m-%d}"]
    if old.any():
        notes.append(f"{file}: no rate within {OLDEST_RATE} days before, left out: {listed(used[old], spot)}")
    used, position = used[~old], position[~old]
    turned = spot.loc[used] * np.array(rate, dtype=np.float64)[position]
    turned.attrs = {name: value for name, value in spot.attrs.items() if name != "currency"}
    # A window that needs a date without a rate is told so by this name.
    turned.attrs["file"] = f"{file_of(spot, 'spot')} in {money} by {file}"
    missing = used.difference(known)
    if len(missing):
        notes.append(f"{file}: {len(missing)} dates have no rate and take the last one: {listed(missing, rate)}")
    return turned, notes


def _on_common_dates(index: pd.DataFrame, spot: pd.Series[float]) -> tuple[pd.DataFrame, pd.Series[float], list[str]]:
    """Leave out dates of the index that the stock book lacks, from its first to its last; what goes before stays."""
    dates, own = pd.DatetimeIndex(index.index), pd.DatetimeIndex(spot.index)
    if not len(own.intersection(dates)):
        raise InputError(f"{file_of(spot, 'spot')}: has no date in common with {file_of(index, 'index')}")
    dropped = (dates >= own[0]) & (dates <= own[-1]) & ~dates.isin(own)
    notes = []
    if dropped.any():
        notes.append(
            f"{file_of(index, 'index')}: {int(dropped.sum())} dates that {file_of(spot, 'spot')} does not have were "
            f"dropped, their moves fall on the next common date: {listed(dates[dropped], index)}"
        )
    kept = index[~dropped]
    kept.attrs = index.attrs
    return kept, spot, notes
