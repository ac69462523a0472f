"""What a hedge policy sees and says, and the register of policies by name."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

from hedging.arrays import FloatArray
from hedging.contracts import FuturesContract
from hedging.exceptions import InputError, raise_faults


@dataclass(frozen=True, eq=False)
class HedgeView:
    """All that is known at the close of day t; nothing later can be reached from here.

    Attributes
    ----------
    day, days : int
        Today's t, and T, the last day, on which the position is closed.
    index : FloatArray, shape (paths, t + 1)
        Index closes of days 0..t, in points.
    spot : FloatArray, shape (paths, t + 1)
        Value of one unit of the stock book relative to day 0, so `spot[:, 0]` is 1.
    futures_pnl : FloatArray, shape (paths, t + 1)
        Cumulative futures P&L of days 0..t, in money.
    contracts : FloatArray, shape (paths,)
        Contracts now short for a whole stock book. After a forced reduction this is the position divided by
        the share of the book still held, so answering with it keeps the hedge ratio.
    history : FloatArray, shape (paths, h)
        Index closes before day 0, oldest first; h may be 0.
    start_value : float
        Stock book on day 0, in money.
    contract : FuturesContract
        What is traded.
    """

    day: int
    days: int
    index: FloatArray
    spot: FloatArray
    futures_pnl: FloatArray
    contracts: FloatArray
    history: FloatArray
    start_value: float
    contract: FuturesContract

    @property
    def start_price(self) -> FloatArray:
        """Index close of day 0, shape (paths,)."""
        return self.index[:, 0]


@dataclass(frozen=True)
class HedgePolicy(ABC):
    """A rule that turns what is known at a close into contracts to be short over the next day.

    Subclasses are frozen dataclasses; their fields are the policy's parameters and all have defaults.
    A policy keeps no state: whatever it needs from the past is in the view, so the same object may serve
    any number of books.
    """

    name: ClassVar[str]

    @abstractmethod
    def contracts(self, view: HedgeView) -> FloatArray:
        """Contracts to be short over the next day, for a whole stock book.

        Parameters
        ----------
        view : HedgeView
            Ends at today's close.

        Returns
        -------
        FloatArray, shape (paths,)
            Fractional; whoever keeps the book rounds, and scales down after a forced reduction.
        """


Policy = TypeVar("Policy", bound=HedgePolicy)

_policies: dict[str, type[HedgePolicy]] = {}


def register(policy: type[Policy]) -> type[Policy]:
    """Class decorator: make a policy known by its `name`.

    Raises
    ------
    InputError
        When another class has the name already.
    """
    if policy.name in _policies:
        raise InputError(f"policy {policy.name}: is registered already: choose another name")
    _policies[policy.name] = policy
    return policy


def policy_names() -> tuple[str, ...]:
    """Names of all registered policies, sorted."""
    return tuple(sorted(_policies))


def make_policy(name: str, **parameters: Any) -> HedgePolicy:
    """Build the policy registered as `name`.

    Parameters
    ----------
    name : str
        One of `policy_names()`.
    **parameters
        The policy's fields; what is left out keeps its default.

    Raises
    ------
    InputError
        When the name or a parameter is unknown (it says what is allowed), or a value is out of range.
    """
    if name not in _policies:
        raise InputError(f"policy = {name}: must be {_allowed(name, policy_names())}")
    known = [field.name for field in fields(_policies[name])]
    raise_faults(
        [
            f"policy {name}: {key} = {value}: unknown parameter, must be {_allowed(key, known)}"
            for key, value in parameters.items()
            if key not in known
        ]
    )
    return _policies[name](**parameters)


def _allowed(found: str, known: tuple[str, ...] | list[str]) -> str:
    """Put the choices in words and name the likeliest one."""
    if not known:
        return "left out (there are none)"
    close = difflib.get_close_matches(found, known, n=1)
    return f"one of {', '.join(known)}" + (f" (did you mean {close[0]}?)" if close else "")
