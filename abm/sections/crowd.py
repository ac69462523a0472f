"""The crowd: what is asked of all its funds, long-short and futures funds alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from abm.sections.base import Section, known_policy, quantity, span

FundKind = Literal["long_short", "futures"]
KINDS: tuple[str, ...] = get_args(FundKind)
Mix = str | dict[str, float]


def shares(mix: Mix) -> dict[str, float]:
    """Names and the share of each: one name alone has all."""
    return {mix: 1.0} if isinstance(mix, str) else mix


def _adds_up(mix: Mix) -> Mix:
    found = shares(mix)
    if not found or min(found.values()) < 0 or abs(sum(found.values()) - 1) > 1e-9:
        raise ValueError("shares must be at least 0 and add up to 1, as { full = 0.7, partial = 0.3 }")
    return mix


def _known_kinds(mix: Mix) -> Mix:
    for kind in shares(mix):
        if kind not in KINDS:
            raise ValueError(f"unknown kind of fund {kind!r}; allowed: {', '.join(KINDS)}")
    return mix


def _known_policies(mix: Mix) -> Mix:
    for policy in shares(mix):
        known_policy(policy)
    return mix


def _name_or_shares(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        raise ValueError("must be a name in quotes, or a table of shares, as { full = 0.7, partial = 0.3 }") from None


LARGEST = {"headroom": 10, "tolerance": 10, "severity": 1000, "reentry_wait": 250}

NameOrShares = Annotated[Mix, WrapValidator(_name_or_shares)]


class Funds(Section):
    """The crowd: alike, leveraged, market-neutral funds (docs/model.md, sections 1, 2 and 8).

    Long-short funds are short stocks, futures funds are short index futures; a crowd may hold both.
    """

    kind: Annotated[NameOrShares, AfterValidator(_known_kinds), AfterValidator(_adds_up)] = Field(
        "long_short", description="long_short, futures, or shares of capital as { long_short = 0.5, futures = 0.5 }"
    )
    policy: Annotated[NameOrShares, AfterValidator(_known_policies), AfterValidator(_adds_up)] = Field(
        "full", description="hedge policy of futures funds, or shares of them as { full = 0.7, timing = 0.3 }"
    )
    reserve: float = quantity(
        0.03, 0, 1, "cash beyond the margin of swap-financed futures funds", "a ratio to the book, not percent"
    )
    count: int = quantity(200, 1, 100_000, "number of funds [N]", "funds")
    styles: int = quantity(10, 1, 200, "style books besides the common one [J]", "books")
    crowding: float = quantity(0.83, 0, 1, "expected overlap of any two funds' books [rho]", "a cosine")
    leverage: float = quantity(
        2.3, 0.01, 50, "aimed at [l]: book per side over equity; stock over margin of swap-financed funds", "a ratio"
    )
    long_short_leverage: float | None = quantity(
        None, 0.01, 50, "of long-short funds in a mixed crowd; default: leverage", "a ratio"
    )
    leverage_spread: float = quantity(0.25, 0, 2, "log-sd of leverage over funds", "log units")
    capital: float = quantity(
        1.130435,
        0,
        1e3,
        "the crowd's equity; capital x leverage is its book per side [q]",
        "days of the market's value",
    )
    capital_spread: float = quantity(0.5, 0, 3, "log-sd of equity over funds", "log units")
    position_limit: float = quantity(
        2.0, 1e-6, 1e6, "volume, over the mean one, beyond which positions grow no further [a_c]", "a ratio"
    )
    smallest: float = quantity(0.15, 0, 0.9, "of the stocks, by capitalisation, that books leave out", "a share")
    headroom: tuple[float, float] = span(
        0.15, 0.45, "leverage above the usual, as a ratio, at which a margin call comes"
    )
    cut: float = quantity(0.95, 0, 1, "a call is met by going to this share of the limit [zeta]", "a share")
    forced_sales: bool = Field(True, description="false: calls are counted, but nobody has to sell")
    tolerance: tuple[float, float] = span(
        0.0152, 0.0473, "loss on the book that the own risk rule bears; leverage times it is the drawdown borne"
    )
    severity: tuple[float, float] = span(
        2.63, 4.89, "rate at which what it may hold decays with drawdown beyond that, a unit; 0: no such rule"
    )
    mark_days: float = quantity(8.0, 0.01, 1e6, "in which the high-water mark of the drawdown fades", "days")
    cut_days: float = quantity(0.465, 1e-3, 250, "in which sales close the gap, to 1/e [tau_s]", "days")
    intraday_share: float = quantity(
        0.6, 0, 1, "funds watched within the day, others at the close [b_intra]", "a share"
    )
    looks: int = quantity(13, 1, 390, "checks a day at most, of funds that are watched within the day", "a day")
    reentry_share: float = quantity(1.0, 0, 1, "funds that come back after a cut", "a share")
    reentry_wait: tuple[float, float] = span(0.22, 0.66, "days after the latest cut before a fund comes back")
    reentry_days: float = quantity(3.0, 1e-3, 1e6, "in which the whole book is bought back at most [tau_r]", "days")
    reentry_cheapness: float = quantity(
        0.03, 1e-6, 10, "of the crowded book at which they buy at full speed [c_r]", "money a unit"
    )
    funding: float = quantity(0.0, 0, 1, "paid on what the long side exceeds equity by", "a year, .03 is 3 %")
    borrow_fee: float = quantity(0.0, 0, 1, "paid on stocks borrowed for the short side", "a year, .03 is 3 %")
    borrow_limit: float = quantity(
        0.0, 0, 1e4, "most that the crowd may be short of a stock; 0: no limit", "days of its volume"
    )
    holdings: Path | None = Field(
        None,
        description="the crowd's books in a file, in money: lists by fund, or a matrix, a row a fund and a column a "
        "stock; sizes are kept, and leverage gives the equity; `example-crowd`: synthetic ones",
    )
    scale: float = quantity(1.0, 1e-12, 1e12, "what books that are given are multiplied by", "a ratio")

    @model_validator(mode="after")
    def _ranges_are_in_order(self) -> Self:
        for name in ("headroom", "tolerance", "severity", "reentry_wait"):
            low, high = getattr(self, name)
            if not 0 <= low <= high <= LARGEST[name]:
                raise ValueError(
                    f"{name} = [{low:g}, {high:g}]: must be two numbers, 0 <= lowest <= highest <= {LARGEST[name]}"
                )
        return self
