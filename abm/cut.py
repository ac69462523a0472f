"""Cutting a book and coming back, once for every kind of fund that owes (docs/model.md, section 2, steps 1 and 7).

Two rules make a fund sell: its own risk rule, which lets it hold less the further it is below its high-water mark
(Grossman and Zhou 1993, with a tolerance), and its broker, who calls it back to its limit (Cont and Schaanning 2017).
What is cut is a fund's book in units (long-short funds) or the share of its starting book that it holds (futures
funds): `held` here. The kernels take any state that has the arrays of `CutArrays`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from abm.compile import kernel, wide_kernel
from abm.loops import growth
from abm.state import FundState
from cqkit.arrays import FloatArray, IntArray, laid_out, whole_laid_out

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING, DEFAULTED = int(FundState.REENTERING), int(FundState.DEFAULTED)

AT_ONCE = 1024  # funds that go through all of a phase together, so that their numbers come from memory once
ROUNDING = 1e-12  # a gap this small, relative to a book, is rounding and not a position
CLOSING = 1e-4  # a gap this small is sold at once, or sales would never end
LAST_DECAY = 27.0  # exp(-27) of a book is rounding
LONG_AGO = -(10**9)  # bar of the latest cut of a fund that was never cut


class CutRules(NamedTuple):
    """Rules that are the same for all funds of the crowd."""

    share: float  # zeta, what is left of the limit when a call is met
    days: float  # tau_s
    mark_days: float  # tau_m
    reentry_days: float  # tau_r
    reentry_cheapness: float  # c_r
    forced: int  # whether anybody has to sell


class CutLimits(NamedTuple):
    """What a fund bears, arrays shaped (paths, funds)."""

    tolerated: FloatArray  # d, drawdown
    severity: FloatArray  # rate at which what may be held decays with drawdown beyond that
    wait: FloatArray  # days
    willing: IntArray  # whether it comes back at all


class CutState(NamedTuple):
    """How far a fund has been cut, arrays shaped (paths, funds)."""

    start: FloatArray  # B0, held at the start and never exceeded
    target: FloatArray  # T, what the own rule lets it hold
    base: FloatArray  # C, what the own rule takes drawdown off
    mark: FloatArray  # M, fading high-water mark of its equity
    called: IntArray  # whether a margin call is unmet
    closed: IntArray  # 1 after its equity was gone: the account is the lender's
    cut_in: IntArray  # latest bar in which it was made to sell, from the start of the run
    state: IntArray  # `FundState`


class CutArrays(Protocol):
    """What a kind of fund must have to be cut."""

    @property
    def limits(self) -> CutLimits:
        """What each bears."""

    @property
    def cut(self) -> CutState:
        """How far each has been cut."""

    @property
    def rules(self) -> CutRules:
        """What holds for all."""


def uncut(held: FloatArray, equity: FloatArray) -> CutState:
    """Funds that hold all they ever will, arrays shaped (paths, funds)."""
    shape = held.shape
    return CutState(
        start=laid_out(shape, held),
        target=laid_out(shape, held),
        base=laid_out(shape, held),
        mark=laid_out(shape, equity),
        called=whole_laid_out(shape),
        closed=whole_laid_out(shape),
        cut_in=whole_laid_out(shape, LONG_AGO),
        state=whole_laid_out(shape),
    )


@kernel
def sale(held: float, wanted: float, start: float, share: float) -> float:
    """What a fund sells in a bar that may hold no more than is `wanted`, as an order <= 0: a `share` of the gap."""
    gap = held - wanted
    if gap <= 0.0:
        return 0.0
    if gap <= CLOSING * start:
        return -gap
    return -gap * share


@kernel
def may_come_back(
    willing: int, cut_in: int, closed: int, called: int, wait: float, held: float, start: float, bar: int, dt: float
) -> bool:
    """Whether a fund below its starting book may buy back: it was cut, waits no longer, and nobody calls it."""
    if held >= start or willing == 0 or cut_in == LONG_AGO or closed != 0 or called != 0:
        return False
    return (bar - cut_in) * dt >= wait - ROUNDING


@kernel
def is_back(held: float, target: float, start: float) -> bool:
    """Whether a fund holds all that its own rule let it: it is in business again, and drawdown counts from here."""
    return held + ROUNDING * start >= target and target < start


@kernel
def purchase(held: float, start: float, carried: float, cheap: float, rules: CutRules, dt: float) -> float:
    """What a fund that may come back buys in a bar while the crowded book is cheap, as it is now.

    No more than it held at the start, nor than is `carried`.
    """
    gap = min(start, carried) - held
    return float(max(min(gap, start * dt / rules.reentry_days * min(1.0, cheap / rules.reentry_cheapness)), 0.0))


@kernel
def state_of(order: float, closed: int, target: float, base: float, start: float) -> int:
    """What a fund is doing, by its order and by whether it still has something to come back to."""
    if closed != 0:
        return DEFAULTED
    if order < 0.0:
        return DELEVERAGING
    if order > 0.0:
        return REENTERING
    return WAITING if min(target, base) < start * (1.0 - CLOSING) else NORMAL


@wide_kernel
def note_states(cut: CutState, orders: FloatArray, path: int, first: int, last: int) -> None:
    """Write down what some funds are doing, by their `orders` (paths, funds)."""
    some, states = orders[path, first:last], cut.state[path, first:last]
    targets, bases = cut.target[path, first:last], cut.base[path, first:last]
    closed, starts = cut.closed[path, first:last], cut.start[path, first:last]
    for fund in range(some.size):
        states[fund] = state_of(some[fund], closed[fund], targets[fund], bases[fund], starts[fund])


@kernel
def decay(fall: float) -> float:
    """exp(-fall) for a fall >= 0, to 1e-12 of 1: written so that loops vectorise."""
    return float(1.0 + growth(-min(fall, LAST_DECAY)))


@kernel
def watch_drawdown(cut: CutState, path: int, fund: int, held: float, beyond: float, severity: float, bar: int) -> None:
    """Apply the own risk rule: what it may hold decays with drawdown `beyond` the tolerated; sales may lapse."""
    most = cut.base[path, fund] * decay(severity * max(beyond, 0.0))
    if most < held:
        cut.target[path, fund] = most
        cut.cut_in[path, fund] = bar
    elif cut.target[path, fund] < held:
        cut.target[path, fund] = held


@kernel
def close_account(cut: CutState, path: int, fund: int, forced: int) -> None:
    """Close a fund whose equity is gone: from now on gains and losses are its lender's, who sells what it holds."""
    cut.closed[path, fund] = 1
    cut.called[path, fund] = 0
    if forced:
        cut.target[path, fund] = 0.0


@kernel
def meet_call(cut: CutState, path: int, fund: int, held: float, bar: int) -> None:
    """A call is met: what was sold for it does not come back before the fund does."""
    cut.called[path, fund] = 0
    cut.target[path, fund] = min(cut.target[path, fund], held)
    cut.cut_in[path, fund] = bar
