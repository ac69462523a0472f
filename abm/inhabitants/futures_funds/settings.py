"""The part of the crowd that hedges with index futures (docs/model.md, section 8)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from abm.sections.base import Section, quantity


class FuturesFunds(Section):
    """Funds long stocks and short index futures: some pay for their stocks, some hold them through a broker's swap."""

    swap_share: float = quantity(0.5, 0, 1, "share of these funds' capital that is in swap-financed funds", "a share")
    cash_reserve: float = quantity(0.15, 0, 1, "of funds that pay for their stocks", "a ratio to the book, not percent")
    reserve_spread: float = quantity(0.25, 0, 2, "log-sd of the reserve over funds, both kinds", "log units")
    deposit: float = quantity(0.20, 1e-4, 1, "initial margin of the futures of funds that pay", "a ratio, not percent")
    deposit_floor: float = quantity(0.6, 0, 1, "maintenance margin over initial margin, funds that pay", "a ratio")
    swap_floor: tuple[float, float] = Field(
        (0.78, 0.92), description="maintenance over initial margin of swaps: lowest, highest over funds"
    )
    tilt: float = quantity(1.0, 0, 1, "share of the index that is swapped for the fund's own choice", "a share")
    restoring: float = quantity(
        0.03, 0, 1, "most of its book that a fund that pays trades a day to restore its reserve", "a share"
    )
    rehedging: float = quantity(1.0, 0, 1, "part of the gap to the policy's hedge that is traded a day", "a share")
    financing: float = quantity(0.0, 0, 1, "that brokers charge on swap-financed stock", "a year, .03 is 3 %")

    top_up_days: float = quantity(
        0.0, 0, 250, "from a call to the broker's forced close, funds that pay for their stocks", "trading days"
    )
    transfer_days: float = quantity(
        0.0, 0, 250, "until the cash of stocks sold is there as margin, funds that pay", "trading days"
    )
    broker_closes: Literal["both", "futures"] = Field(
        "both", description="what a broker closes by force, of funds that pay: both legs, or futures only"
    )
    after_close: Literal["sell", "rehedge", "keep"] = Field(
        "sell", description="what becomes of stocks whose futures were closed: sold, hedged again, or kept without"
    )

    @model_validator(mode="after")
    def _floor_is_a_range(self) -> Self:
        low, high = self.swap_floor
        if not 0 <= low <= high <= 1:
            raise ValueError(f"swap_floor = [{low:g}, {high:g}]: must be two ratios, 0 <= lowest <= highest <= 1")
        return self


class Lines(Section):
    """Lines in a fund's contract on its unit value, below which it must leave the market, and stays out."""

    warning: float = quantity(0.0, 0, 1, "unit value below which the book is cut; 0: no such line", "a ratio to par")
    invested: float = quantity(0.5, 0, 1, "most of its equity that a warned fund may invest", "a share")
    warning_days: float = quantity(10.0, 1e-3, 250, "time to get there", "days")
    stop: float = quantity(0.0, 0, 1, "unit value below which all is sold; 0: no such line", "a ratio to par")
    stop_days: float = quantity(5.0, 1e-3, 250, "time to be out", "days")
    start: tuple[float, float] = Field((1.0, 1.0), description="unit values on the first day: lowest, highest")

    @model_validator(mode="after")
    def _lines_are_in_order(self) -> Self:
        low, high = self.start
        if not 0 < low <= high <= 100:
            raise ValueError(f"start = [{low:g}, {high:g}]: must be two unit values, 0 < lowest <= highest <= 100")
        if 0 < self.warning < self.stop:
            raise ValueError(f"stop = {self.stop:g}: must not be above warning = {self.warning:g}")
        return self


class Redemptions(Section):
    """Investors who leave after losses: what they ask back is paid after a notice, and sold for on the day before."""

    sensitivity: float = quantity(
        0.0, 0, 10, "share of equity asked back per unit of loss beyond the threshold; 0: nobody leaves", "a ratio"
    )
    threshold: float = quantity(0.05, 0, 1, "loss of unit value over the horizon that is borne", "a ratio")
    horizon: int = quantity(10, 1, 1000, "over which investors look back; they ask once in as many days", "days")
    notice: int = quantity(5, 1, 250, "between asking and being paid", "days")
