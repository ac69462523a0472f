"""The stocks, what moves their values, and how trades displace their prices."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

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
    index_skips: float = quantity(
        0.0, 0, 0.9, "of the stocks, the largest, that it leaves out: an index of the middle", "a share"
    )
    small_cap_volatility: float = quantity(
        0.0, 0, 0.2, "of a factor common to the stocks smaller than the index's", "per sqrt(day), .01 is 1 %"
    )
    transient_volatility: float = quantity(
        0.2, 0, 5, "sd of other investors' transient noise, for a stock of median volume", "a ratio to sigma_i"
    )
    transient_size_slope: float = quantity(0.5, -2, 2, "it falls with volume to this power", "a power")
    transient_decay: float = quantity(1.0, 1e-3, 1e3, "speed at which it dies out", "per day")
    overnight: float = quantity(0.0, 0, 0.99, "of a day's variance comes before the opening", "a share")
    fundamentals: bool = Field(True, description="false: values keep still, but for dated news")
    reference_days: float = quantity(
        20.0, 0.01, 1000, "over which the crowded book's own mean is taken, against which it is cheap", "days"
    )
    index_path: Path | None = Field(
        None, description="CSV of index closes that the market factor follows; `example`: the report's, synthetic"
    )
    news_scale: float = quantity(1.0, -10, 10, "what every move of [[news]] is multiplied by; 0: no news", "a ratio")
    price_limit: float = quantity(
        0.0, 0, 1, "a stock trades within its last close x (1 -+ this) [L]; 0: no limit", "a ratio, not percent"
    )
    wide_limit: float = quantity(0.0, 0, 1, "the same for the stocks of `wide_share`", "a ratio, not percent")
    wide_share: float = quantity(
        0.0, 0, 1, "of the stocks outside the index, by number, with the wide limit", "a share"
    )
    daily_value: float = quantity(80e9, 1, 1e15, "money traded in the whole market on an ordinary day", "in `currency`")
    currency: str = Field("USD", min_length=1, max_length=8, description="of `daily_value` and of all money reported")

    @model_validator(mode="after")
    def _index_has_room(self) -> Self:
        if self.index_share + self.index_skips > 1 + 1e-9:
            raise ValueError(
                f"index_skips = {self.index_skips:g}: must leave index_share = {self.index_share:g} of the stocks: "
                "at most 1 in all"
            )
        return self


RATES = (124.8, 15.88, 2.021, 0.2573, 0.03274, 0.004167)
WEIGHTS = (11.25, 2.037, 0.862, 0.2927, 0.09702, 0.06518)


class Impact(Section):
    """How trades displace prices, and how displacement fades (docs/model.md, section 2, step 5)."""

    law: Annotated[str, one_of("impact law", laws.names)] = Field(
        "square_root", description="how strongly a flow presses the price, by its rate"
    )
    strength: float = quantity(
        1.08, 0, 50, "move at the end of an order for one day's volume [Y]", "daily volatilities of the stock"
    )
    crossover: float = quantity(0.005, 1e-9, 10, "rate below which the square root is linear [q0]", "ADV a day")
    reference: float = quantity(1.0, 1e-6, 1e3, "rate at which the linear law equals the square root", "ADV a day")
    permanent: float = quantity(
        0.02, 0, 10, "move that stays, by day's volume bought [lambda]", "daily volatilities of the stock"
    )
    rates: tuple[float, ...] = Field(
        RATES, description="at which parts of the impact fade, per day [kappa_k]; the default fades as 1 / sqrt(time)"
    )
    weights: tuple[float, ...] = Field(WEIGHTS, description="of these parts [w_k], as many as there are rates")
    maker_capacity: float = quantity(1.0, 0.01, 1, "share of market makers' capacity that is left [psi]", "a share")
    half_spread: float = quantity(0.0002, 0, 0.05, "paid on each side of each trade [s]", "a ratio, .0002 is 2 bp")

    @model_validator(mode="after")
    def _each_part_has_rate_and_weight(self) -> Self:
        if len(self.rates) != len(self.weights) or not self.rates:
            raise ValueError(f"impact.weights: {len(self.weights)} for {len(self.rates)} rates: one each is needed")
        if min(self.rates) <= 0 or min(self.weights) < 0:
            raise ValueError("impact.rates must be above 0 and impact.weights at least 0")
        return self


Day: TypeAlias = date  # a field called `date` hides the class
Group = Literal["market", "index", "small_caps", "large_caps"]
Cause = Literal["news", "state_buying"]


class News(Section):
    """A dated, exogenous move of the whole market or a part, spread evenly over the bars of each of its days."""

    date: Day = Field(description="its first trading day")
    days: int = quantity(1, 1, 2000, "trading days that it goes on for", "days")
    move: float = quantity(..., -1, 1, "log move on each day", "log units, -.03 is about -3 %")
    to: Group = Field(
        "market",
        description="market: all stocks by beta; index: its stocks; small_caps, large_caps: those smaller, or larger",
    )
    cause: Cause = Field("news", description="whose doing it is")
