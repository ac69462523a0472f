"""What a market is made of: every parameter with its meaning, unit and admissible range.

The symbols in brackets are those of docs/model.md. Settings are frozen and hashable: a run is a function of its
settings and its seed. Percentages are never used: a volatility of 0.7 % a day reads 0.007.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from abm import laws, schedules
from hedging import WhenExhausted, parse_policy


def quantity(default: Any, low: float, high: float, meaning: str, unit: str = "") -> Any:
    """Declare a number that lies in `low`..`high`; `unit` is told to whoever gets it wrong."""
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra={"unit": unit})


def _one_of(what: str, names: Any) -> AfterValidator:
    def check(value: str) -> str:
        if value not in names():
            raise ValueError(f"unknown {what}; allowed: {', '.join(names())}")
        return value

    return AfterValidator(check)


def _policy(text: str) -> str:
    parse_policy(text)
    return text


class Section(BaseModel):
    """Base of all sections: no unknown key, no NaN, nothing changes once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Clock(Section):
    """Trading days and the bars that each is cut into."""

    start: date = Field(date(2007, 7, 13), description="the first trading day")
    days: int = quantity(27, 2, 2000, "trading days simulated", "days")
    bars: int = quantity(13, 1, 390, "bars a day [S]; 13 is half-hours", "bars a day")
    event: date = Field(date(2007, 8, 6), description="the trading day that results are counted from")
    holidays: tuple[date, ...] = Field((), description="weekdays on which the market is shut")

    @property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """Trading days, shape (days,), dtype datetime64[D]."""
        holidays = np.array(self.holidays, dtype="datetime64[D]")
        first = np.datetime64(self.start, "D")
        return np.busday_offset(first, np.arange(self.days), roll="forward", holidays=holidays)

    @property
    def event_day(self) -> int:
        """Index of the event among the trading days; the close before it is the eve."""
        return int(np.searchsorted(self.dates, np.datetime64(self.event, "D")))

    @model_validator(mode="after")
    def _event_is_simulated(self) -> Self:
        dates = self.dates
        if np.datetime64(self.event, "D") not in dates[1:]:
            raise ValueError(
                f"event = {self.event}: must be a trading day after the first and within the run "
                f"({dates[1]} to {dates[-1]})"
            )
        return self


class Stocks(Section):
    """The stocks and what moves their values (docs/model.md, sections 1 and 2)."""

    stocks: int = quantity(1000, 4, 20_000, "number of stocks [M]", "stocks")
    factors: int = quantity(5, 0, 50, "common factors besides the market [K]", "factors")
    market_volatility: float = quantity(0.007, 0, 0.2, "of the market factor [sigma_m]", "per sqrt(day), .01 is 1 %")
    factor_volatility: float = quantity(0.004, 0, 0.2, "of each other factor [sigma_f]", "per sqrt(day), .01 is 1 %")
    stock_volatility: float = quantity(
        0.012, 1e-6, 0.5, "median idiosyncratic volatility [sigma_i]", "per sqrt(day), .01 is 1 %"
    )
    volatility_spread: float = quantity(0.2, 0, 2, "log-sd of sigma_i over stocks", "log units")
    volatility_size_slope: float = quantity(0.08, -1, 1, "sigma_i falls with size to this power", "a power")
    beta_spread: float = quantity(0.2, 0, 1, "sd of market betas, whose index-weighted mean is 1", "beta")
    size_spread: float = quantity(1.2, 0, 3, "log-sd of market capitalisations", "log units")
    volume_noise: float = quantity(0.3, 0, 2, "log-sd of volume over capitalisation", "log units")
    daily_value: float = quantity(80e9, 1, 1e15, "money traded in the whole market on an ordinary day", "in `currency`")
    currency: str = Field("USD", min_length=1, max_length=8, description="of `daily_value` and of all money reported")


class Impact(Section):
    """How trades displace prices, and how displacement heals (docs/model.md, section 2, step 5)."""

    law: Annotated[str, _one_of("impact law", laws.names)] = Field(
        "power", description="shape of displacement in inventory"
    )
    strength: float = quantity(
        1.72, 0, 50, "displacement at one ADV-day, in daily volatilities [Y]", "daily volatilities"
    )
    exponent: float = quantity(0.65, 0.05, 1, "of the power law [delta]", "a power")
    depth: float = quantity(1.0, 1e-3, 1e3, "of the exponential law [d]", "ADV-days")
    recovery: float = quantity(0.075, 0, 100, "ordinary liquidity provision [kappa]", "per day")
    value_capital: float = quantity(
        0.045,
        0,
        100,
        "slow capital that comes faster the larger the mispricing [kappa1]",
        "per day and daily volatility",
    )
    other_demand: float = quantity(0.30, 0, 10, "everybody else's demand for liquidity [eta]", "ADV-days per sqrt(day)")
    maker_capacity: float = quantity(1.0, 0.01, 1, "share of market makers' capacity that is left [psi]", "a share")
    half_spread: float = quantity(0.0002, 0, 0.05, "paid on each side of each trade [s]", "a ratio, .0002 is 2 bp")


class Funds(Section):
    """The crowd: alike, leveraged, market-neutral funds (docs/model.md, sections 1 and 2)."""

    count: int = quantity(200, 1, 20_000, "number of funds [N]", "funds")
    styles: int = quantity(10, 1, 200, "style books besides the common one [J]", "books")
    crowding: float = quantity(0.83, 0, 1, "expected overlap of any two funds' books [rho]", "a cosine")
    leverage: float = quantity(2.3, 0.01, 50, "book per side over equity that funds aim at [l]", "a ratio")
    leverage_spread: float = quantity(0.25, 0, 2, "log-sd of leverage over funds", "log units")
    capital: float = quantity(
        1.130435,
        0,
        1e3,
        "the crowd's equity; capital x leverage is its book per side [q]",
        "days of the market's value",
    )
    capital_spread: float = quantity(0.5, 0, 3, "log-sd of equity over funds", "log units")
    headroom: tuple[float, float] = Field(
        (0.068, 0.238),
        description="leverage above target, as a ratio, at which a margin call comes [buf]: lowest, highest",
    )
    cut: float = quantity(0.6, 0, 1, "after a call leverage goes to this share of its target [zeta]", "a share")
    cut_days: float = quantity(0.85, 1e-3, 250, "time in which a call is complied with [tau_d]", "days")
    intraday_share: float = quantity(0.9, 0, 1, "funds watched at every bar, others at the close [b_intra]", "a share")
    rebalancing: float = quantity(0.2, 0, 100, "speed of return to target leverage [r]", "per day")
    reentry_share: float = quantity(1.0, 0, 1, "funds that come back after a forced cut [phi_re]", "a share")
    reentry_days: float = quantity(0.2, 1e-3, 250, "time in which the cut is bought back [tau_re]", "days")
    reentry_wait: float = quantity(0.2, 0, 250, "least time between a call and coming back [wait]", "days")
    gauge_half_life: float = quantity(0.2, 1e-3, 250, "of the watch on the crowded book's return [h]", "days")
    holdings: Path | None = Field(
        None, description="CSV of the user's own books: a row a fund, a column a stock, in any one money unit"
    )

    @model_validator(mode="after")
    def _headroom_is_a_range(self) -> Self:
        low, high = self.headroom
        if not 0 <= low <= high <= 10:
            raise ValueError(f"headroom = [{low:g}, {high:g}]: must be two ratios, 0 <= lowest <= highest <= 10")
        return self


class Liquidator(Section):
    """The fund that has to sell a book in the crowd's common positions, come what may."""

    size: float = quantity(0.43, 0, 1e3, "its book per side [B_L]; 0: there is none", "days of the market's value")
    starts: float = quantity(0.615385, 0, 1e3, "when it starts, after the opening of the event day", "days")
    days: float = quantity(3.384615, 1e-3, 2000, "time over which it sells [T_L]", "days")
    schedule: Annotated[str, _one_of("schedule", schedules.names)] = Field(
        "twap", description="how it spreads its sales"
    )
    urgency: float = quantity(2.0, 0, 50, "Almgren-Chriss: kappa x T, 0 is TWAP", "none")
    participation: float = quantity(
        0.1, 1e-4, 10, "percent-of-volume: its trades over everybody else's in the bar before", "a ratio"
    )
    plan: tuple[float, ...] = Field((), description="schedule `plan`: share of the book sold on each day")

    @model_validator(mode="after")
    def _plan_sells_at_most_the_book(self) -> Self:
        if self.schedule == "plan" and not (self.plan and min(self.plan) >= 0 and sum(self.plan) <= 1 + 1e-9):
            raise ValueError("plan: must list the share of the book sold each day, each >= 0, together at most 1")
        return self


class IndexSector(Section):
    """Long-biased investors who also carry the crowded book, and sell index stocks when that stops them out.

    A candidate mechanism for the index's fall on 9 August 2007, not an established one; news is the rival.
    """

    holding: float = quantity(4.6, 0, 1e3, "index holding [V_LB]; 0: no such sector", "days of the market's value")
    members: int = quantity(40, 1, 5000, "investors", "investors")
    stop: float = quantity(0.07, 1e-4, 10, "median loss on the crowded book at which one is stopped out", "a ratio")
    stop_spread: float = quantity(0.12, 0, 2, "log-sd of that loss over members", "log units")
    cut: float = quantity(0.4, 0, 1, "share of the index holding sold then", "a share")
    cut_days: float = quantity(0.333333, 1e-3, 250, "time in which it is sold", "days")
    impact: float = quantity(0.025, 0, 1, "log move of the market factor per ADV-day of index sold", "log units")


class VolatilityIndex(Section):
    """GJR-GARCH volatility of the index, read as a 21-day volatility index (docs/model.md, section 4)."""

    start: float = quantity(21.0, 0.1, 500, "level on the first day", "index points, annualised %")
    anchor: float = quantity(0.02, 0, 1, "weight of the starting variance", "a weight")
    reaction: float = quantity(0.02, 0, 1, "weight of the squared return", "a weight")
    asymmetry: float = quantity(0.11, 0, 1, "further weight of a squared fall", "a weight")
    persistence: float = quantity(0.88, 0, 0.9999, "weight of yesterday's variance", "a weight")


class News(Section):
    """A dated, exogenous move of the whole market, spread evenly over the day's bars."""

    date: date
    move: float = quantity(..., -1, 1, "log move of the market factor", "log units, -.03 is about -3 %")


class Desk(Section):
    """The user's hedge desk: long the index plus a tilt to the crowded book, short index futures."""

    size: float = quantity(0.00125, 0, 1e3, "its stock book; 0: no desk", "days of the market's value")
    tilt: float = quantity(1.0, -10, 10, "units of the crowded book carried per unit of stock book", "a ratio")
    policy: Annotated[str, AfterValidator(_policy)] = Field(
        "full", description="hedge policy, as full or partial:gain=betadyn,lock_rule=daily"
    )
    reserve: float = quantity(0.12, 0, 5, "cash behind the futures", "a ratio to the book, not percent")
    margin: float = quantity(0.10, 1e-4, 1, "initial margin of the futures", "a ratio, not percent")
    starts: date | None = Field(None, description="close at which the hedge is put on; default: the first day's")
    when_exhausted: WhenExhausted = Field(
        "top_up", description="a call that the reserve cannot meet: outside money (top_up), or both legs cut (reduce)"
    )
    gains_fund_margin: bool = Field(True, description="whether futures gains add to the reserve")


class Settings(Section):
    """Everything that a market needs to know."""

    clock: Clock = Clock()
    market: Stocks = Stocks()
    impact: Impact = Impact()
    funds: Funds = Funds()
    liquidator: Liquidator = Liquidator()
    index_sector: IndexSector = IndexSector()
    volatility_index: VolatilityIndex = VolatilityIndex()
    news: tuple[News, ...] = ()
    desk: Desk = Desk()

    @model_validator(mode="after")
    def _dates_are_simulated(self) -> Self:
        days = self.clock.dates
        for item in self.news:
            if np.datetime64(item.date, "D") not in days:
                raise ValueError(f"news.date = {item.date}: not a trading day of the run ({days[0]} to {days[-1]})")
        starts = self.desk.starts
        if starts is not None and np.datetime64(starts, "D") not in days[:-1]:
            raise ValueError(f"desk.starts = {starts}: must be a trading day before the last ({days[0]} to {days[-2]})")
        return self
