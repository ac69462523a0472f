"""The volatility index of 1993 (now VXO): eight options around the money, read as 22 trading days of fear.

Whaley (1993), "Derivatives on market volatility", Journal of Derivatives 1, 71-84. The index was published
on S&P 100 options; the recipe fits any index with listed options.

Erratum: a widely copied note on the index prints the second month's weight as (22 - N2)/(N2 - N1). It is
(22 - N1)/(N2 - N1): only so do the weights sum to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cqkit.errors import InputError
from hedging.options.black76 import BELOW_INTRINSIC, implied_volatility
from hedging.options.choosing import MONTHS, NoValueError, chosen_months, chosen_strikes
from hedging.options.doubts import lies_off_parity
from hedging.options.quotes import quote_days

HORIZON: Final = 22
"""Trading days that the index looks ahead."""
OPTIONS: Final = MONTHS * 2 * 2
"""Option series behind one value: months x strikes x (call, put)."""
YEAR: Final = 365.0


class Weights(NamedTuple):
    """How much of the index comes from the near and from the next month; they sum to 1."""

    near: float
    following: float


@dataclass(frozen=True, eq=False)
class FearGauge:
    """The index day by day, and the options behind it.

    Attributes
    ----------
    daily : DataFrame, one row a date (its index)
        `index` (volatility in percent a year, as it is quoted; NaN with a reason), `near` and `following`
        (each month's volatility at the money on trading days, a ratio a year), `near_expiry` and
        `following_expiry`, `near_days` and `following_days` (trading days left), `near_weight` and
        `following_weight`, `extrapolated` (22 days lie outside the two months) and `reason` (empty, or why
        there is no value).
    options : DataFrame, up to eight rows a date
        `date`, `month` (near or following), `expiry`, `strike`, `call`, `price`, `volatility` (on trading
        days, a ratio a year), `weight` (of the option in the index; they sum to 1 on a date), `row` (in the
        file of quotes) and `reason`.
    notes : tuple of str
        What was assumed, one line each.
    """

    daily: pd.DataFrame
    options: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def levels(self) -> pd.Series[float]:
        """The index by date, in percent a year, for indicators and charts; days without a value left out."""
        return self.daily["index"].dropna()


def trading_days(calendar_days: int) -> int:
    """Trading days among calendar days, N_t = N_c - 2 int(N_c/7)."""
    return calendar_days - 2 * (calendar_days // 7)


def month_weights(near_days: int, following_days: int) -> Weights:
    """Interpolate to 22 trading days: w1 = (N2 - 22)/(N2 - N1), w2 = (22 - N1)/(N2 - N1).

    Raises
    ------
    InputError
        When the second month does not have more trading days than the first.
    """
    if following_days <= near_days:
        raise InputError(f"following_days = {following_days}: must exceed near_days, {near_days}")
    span = following_days - near_days
    return Weights((following_days - HORIZON) / span, (HORIZON - near_days) / span)


def fear_gauge(quotes: pd.DataFrame) -> FearGauge:
    """Compute the index from option quotes, picking the eight options of each date from the chain.

    The near month is the first monthly expiry with at least eight calendar days left, the following month
    the one after it; of several expiries in a calendar month (weekly options) the one nearest the third
    Friday counts. In each month the strikes are the highest at or below the spot and the lowest above it at
    which both a call and a put are quoted; a spot exactly at a strike needs that strike only. Without a spot
    each month's forward takes its place.

    Parameters
    ----------
    quotes : DataFrame
        As `load_quotes` gives them.

    Returns
    -------
    FearGauge
        Dates on which an option is missing or has no implied volatility have a NaN and a reason.

    Raises
    ------
    InputError
        When there are no quotes.
    """
    days, options = [], []
    for day in quote_days(quotes):
        chain = quotes[quotes["date"] == day]
        row, used = _one_day(day, chain)
        days.append(row)
        options.append(used)
    daily = pd.DataFrame(days).set_index("date")
    frames = [frame for frame in options if len(frame)]
    behind = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_OPTION_COLUMNS)
    return FearGauge(daily, behind, tuple(quotes.attrs.get("notes", ())))


_OPTION_COLUMNS = ["date", "month", "expiry", "strike", "call", "price", "volatility", "weight", "row", "reason"]


def _one_day(day: datetime, chain: pd.DataFrame) -> tuple[dict[str, object], pd.DataFrame]:
    """One date's row and the options behind it."""
    row: dict[str, object] = {
        "date": day,
        "index": np.nan,
        "near": np.nan,
        "following": np.nan,
        "near_expiry": pd.NaT,
        "following_expiry": pd.NaT,
        "near_days": 0,
        "following_days": 0,
        "near_weight": np.nan,
        "following_weight": np.nan,
        "extrapolated": False,
        "reason": "",
    }
    used = pd.DataFrame(columns=_OPTION_COLUMNS)
    try:
        near_expiry, following_expiry = chosen_months(day, chain)
        near_days, following_days = (trading_days((e - day).days) for e in (near_expiry, following_expiry))
        weights = month_weights(near_days, following_days)
        row |= {"near_expiry": near_expiry, "following_expiry": following_expiry}
        row |= {"near_days": near_days, "following_days": following_days}
        row |= {"near_weight": weights.near, "following_weight": weights.following}
        row["extrapolated"] = not near_days <= HORIZON <= following_days
        months = [
            _at_the_money(chain[chain["expiry"] == near_expiry], "near", weights.near),
            _at_the_money(chain[chain["expiry"] == following_expiry], "following", weights.following),
        ]
        used = pd.concat(months, ignore_index=True)
        _refuse_bad_options(used, forward_given=bool(chain.attrs.get("forward_given", True)))
    except (NoValueError, InputError) as error:
        row["reason"] = str(error)
        return row, used
    used["weighted"] = used["weight"] * used["volatility"]
    for name, weight in zip(("near", "following"), weights, strict=True):
        part = used[used["month"] == name]
        # A month without weight still has a volatility.
        row[name] = float((part["inside"] * part["volatility"]).sum())
        used.loc[used["month"] == name, "weight"] = part["inside"] * weight
    row["index"] = 100 * float(used["weighted"].sum())
    return row, used[_OPTION_COLUMNS]


def _at_the_money(month: pd.DataFrame, name: str, weight: float) -> pd.DataFrame:
    """The options of a month around the money, with volatilities on trading days and their weights."""
    lower, upper, share_upper = chosen_strikes(month)
    shares = {lower: 1 - share_upper} | ({} if upper is None else {upper: share_upper})
    used = month[month["strike"].isin(list(shares))].copy()
    calendar = int((used["expiry"].iloc[0] - used["date"].iloc[0]).days)
    implied = implied_volatility(
        used["call"].to_numpy(),
        used["price"].to_numpy(),
        used["forward"].to_numpy(),
        used["strike"].to_numpy(),
        calendar / YEAR,
        used["rate"].to_numpy(),
    )
    used["month"] = name
    used["volatility"] = implied.volatility * np.sqrt(calendar / trading_days(calendar))
    used["reason"] = np.where(used["fault"] != "", used["fault"], implied.reason)
    # Call and put count alike.
    used["inside"] = used["strike"].map(shares) / 2
    used["weight"] = used["inside"] * weight
    return used


def _refuse_bad_options(used: pd.DataFrame, *, forward_given: bool) -> None:
    """Give up when an option has no volatility: seven options are another index."""
    bad = used[used["reason"] != ""]
    if len(bad):
        said = [
            f"row {quote.row}: {'call' if quote.call else 'put'} {quote.strike:g} of {quote.expiry:%Y-%m-%d} "
            f"at {quote.price:g}: {quote.reason}"
            for quote in bad.itertuples()
        ]
        torn = used[used["expiry"].isin(bad["expiry"][bad["reason"] == BELOW_INTRINSIC])]
        if not forward_given and lies_off_parity(torn):
            said.append("dividends, or another rate, suspected: a column forward settles it")
        raise NoValueError("; ".join(said))
