"""The stocks, what moves their values, and how trades displace their prices."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from abm import laws
from abm.sections.base import Section, one_of, quantity


class Stocks(Section):
    """The stocks and what moves their values (docs/model.md, sections 1 and 2)."""

    instruments: Literal["stocks", "spreads"] = Field(
        "stocks", description="stocks, held in neutral books; or spread trades, each a long and a short leg in one"
    )
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
    volume_size_slope: float = quantity(1.0, 0, 2, "volume rises with capitalisation to this power", "a power")
    index_share: float = quantity(1.0, 0.01, 1, "of the stocks, the largest, that the index holds", "a share")
    small_cap_volatility: float = quantity(
        0.0, 0, 0.2, "of a factor common to the stocks outside the index", "per sqrt(day), .01 is 1 %"
    )
    fundamentals: bool = Field(True, description="false: values keep still, but for dated news")
    index_path: Path | None = Field(
        None, description="CSV of index closes that the market factor follows; `example`: the report's, synthetic"
    )
    news_scale: float = quantity(1.0, -10, 10, "what every move of [[news]] is multiplied by; 0: no news", "a ratio")
    daily_value: float = quantity(80e9, 1, 1e15, "money traded in the whole market on an ordinary day", "in `currency`")
    currency: str = Field("USD", min_length=1, max_length=8, description="of `daily_value` and of all money reported")


class Impact(Section):
    """How trades displace prices, and how displacement heals (docs/model.md, section 2, step 5)."""

    law: Annotated[str, one_of("impact law", laws.names)] = Field(
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


Group = Literal["market", "index", "small_caps"]
Cause = Literal["news", "state_buying"]


class News(Section):
    """A dated, exogenous move of the whole market or a part, spread evenly over the bars of each of its days."""

    date: date
    days: int = quantity(1, 1, 2000, "trading days that it goes on for", "days")
    move: float = quantity(..., -1, 1, "log move on each day", "log units, -.03 is about -3 %")
    to: Group = Field("market", description="market: all stocks by beta; index, small_caps: stocks in or outside it")
    cause: Cause = Field("news", description="whose doing it is")
