"""The forced cut, once: a fund that is called sells down to a target at a rate, waits, and may come back.

What is cut is a fund's book in units (long-short funds) or the share of its starting book that it holds (futures
funds): `held` here. The kernels take any state that has the arrays of `CutArrays`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from abm.compile import kernel
from abm.state import FundState
from cqkit.arrays import BoolArray, FloatArray, IntArray

DELEVERAGING, WAITING, DEFAULTED = int(FundState.DELEVERAGING), int(FundState.WAITING), int(FundState.DEFAULTED)

# A gap this small, relative to a book, is rounding and not a position.
CLOSED = 1e-12


class CutRules(NamedTuple):
    """Rules of a cut that are the same for all funds of the crowd."""

    share: float  # zeta, what a call leaves of the leverage that it starts from
    days: float  # tau_d
    reentry_days: float  # tau_re
    reentry_wait: float
    forced: int  # whether a call that is not met forces sales


class CutArrays(Protocol):
    """What a kind of fund must have to be cut; arrays shaped (paths, funds)."""

    @property
    def state(self) -> IntArray:
        """`FundState`."""

    @property
    def defaulted(self) -> IntArray:
        """1 after its equity was gone."""

    @property
    def target(self) -> FloatArray:
        """Where the cut ends."""

    @property
    def rate(self) -> FloatArray:
        """Sold per day while deleveraging."""

    @property
    def called_in(self) -> IntArray:
        """Bar after the call that began the latest cut, counted from the start of the run."""


@kernel
def forced_order(funds: CutArrays, path: int, fund: int, held: float, rounding: float, dt: float) -> float:
    """Sell towards the target at the rate fixed by the call; there, wait, or be gone for good after a default."""
    gap = funds.target[path, fund] - held
    order = max(gap, -funds.rate[path, fund] * dt) if gap < 0.0 else 0.0
    if gap - order >= -rounding:
        funds.state[path, fund] = DEFAULTED if funds.defaulted[path, fund] else WAITING
    return order


@kernel
def force_cut(funds: CutArrays, path: int, fund: int, held: float, target: float, days: float, bar: int) -> bool:
    """Fix where a cut ends and how fast; one under way takes the lower end and the faster rate. Whether it is news."""
    rate = (held - target) / days
    if funds.state[path, fund] != DELEVERAGING:
        funds.state[path, fund] = DELEVERAGING
        funds.rate[path, fund] = rate
        funds.called_in[path, fund] = bar + 1
    elif target < funds.target[path, fund]:
        funds.rate[path, fund] = max(funds.rate[path, fund], rate)
    else:
        return False
    funds.target[path, fund] = target
    return True


@kernel
def has_waited(funds: CutArrays, rules: CutRules, path: int, fund: int, bar: int, dt: float) -> bool:
    """Whether the least time between a call and coming back is over."""
    return (bar - funds.called_in[path, fund]) * dt >= rules.reentry_wait - CLOSED


@kernel
def force_cuts(funds: CutArrays, which: BoolArray, held: FloatArray, target: FloatArray, days: float, bar: int) -> None:
    """Order the cuts of some funds on all paths at a close, arrays shaped (paths, funds); nobody is told to buy."""
    for path in range(which.shape[0]):
        for fund in range(which.shape[1]):
            if which[path, fund]:
                selling = funds.state[path, fund] == DELEVERAGING
                if selling or target[path, fund] < held[path, fund]:
                    force_cut(funds, path, fund, held[path, fund], target[path, fund], days, bar)
