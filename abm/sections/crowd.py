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

from abm.sections.base import Section, known_policy, quantity

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
    count: int = quantity(200, 1, 20_000, "number of funds [N]", "funds")
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
    headroom: tuple[float, float] = Field(
        (0.068, 0.238),
        description="leverage above target, as a ratio, at which a margin call comes [buf]: lowest, highest",
    )
    forced_sales: bool = Field(True, description="false: calls are counted, but nobody has to sell")
    cut: float = quantity(0.6, 0, 1, "after a call leverage goes to this share of `cut_from` [zeta]", "a share")
    cut_from: Literal["target", "limit"] = Field(
        "target",
        description="the leverage that `cut` is a share of: the fund's target, or the limit that it was called at",
    )
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
