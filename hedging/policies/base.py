"""What a hedge policy sees and says, and the register of policies by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from cqkit.arrays import FloatArray
from cqkit.plugins import Plugin, PluginRegistry, parse_spec
from hedging.contracts.specification import FuturesContract
from hedging.series.prices import Prices


@dataclass(frozen=True, eq=False)
class HedgeView:
    """All that is known at the close of day t; nothing later can be reached from here.

    Attributes
    ----------
    day, days : int
        Today's t, and T, the last day, on which the position is closed.
    prices : Prices, shape (paths, h + t + 1)
        All that is known of the index: the history before day 0, of which there may be none, and days 0..t.
    spot : FloatArray, shape (paths, t + 1)
        Value of one unit of the stock book relative to day 0, so `spot[:, 0]` is 1.
    futures : FloatArray, shape (paths, t + 1)
        Futures closes of days 0..t, in points: the index itself unless a futures or basis series is given.
    futures_pnl : FloatArray, shape (paths, t + 1)
        Cumulative futures P&L of days 0..t before costs, in money.
    contracts : FloatArray, shape (paths,)
        Contracts now short for a whole stock book. After a forced reduction this is the position divided by
        the share of the book still held, so answering with it keeps the hedge ratio.
    start_value : float
        Stock book on day 0, in money.
    contract : FuturesContract
        What is traded.
    memory : dict
        The policy's own notebook on this book, empty on day 0 unless `prepare` wrote in it, kept from close
        to close: running sums go here, so that no day costs more than the one before.
    """

    day: int
    days: int
    prices: Prices
    spot: FloatArray
    futures: FloatArray
    futures_pnl: FloatArray
    contracts: FloatArray
    start_value: float
    contract: FuturesContract
    memory: dict[str, Any]

    @property
    def index(self) -> FloatArray:
        """Index closes of days 0..t, shape (paths, t + 1), in points."""
        return self.prices.close[:, -self.day - 1 :]

    @property
    def start_price(self) -> FloatArray:
        """Index close of day 0, shape (paths,)."""
        return self.index[:, 0]

    @property
    def start_contracts(self) -> FloatArray:
        """Contracts that stand for the stock book of day 0 at its price then, shape (paths,)."""
        return self.start_value / (self.contract.multiplier * self.start_price)

    @property
    def stock_contracts(self) -> FloatArray:
        """Contracts that stand for today's value of a whole stock book at today's price, shape (paths,)."""
        return self.start_value * self.spot[:, -1] / (self.contract.multiplier * self.index[:, -1])


@dataclass(frozen=True)
class HedgePolicy(Plugin, ABC):
    """A rule that turns what is known at a close into contracts to be short over the next day.

    Subclasses are frozen dataclasses; their fields are the policy's parameters and all have defaults.
    A policy keeps no state: whatever it needs from the past is in the view and its memory, so the same object
    may serve any number of books.
    """

    kind: ClassVar[str] = "policy"
    waits_for_open: ClassVar[bool] = False  # its signal is whole only after the close: trade at the next open

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

    def prepare(self, prices: Prices, first_day: int, memory: dict[str, Any]) -> None:
        """Work out causal signals in one pass, if the whole path is known beforehand; by default nothing.

        A replay calls it before day 0; in the market, where the future is not there yet, nobody does, and
        `contracts` must do without.

        Parameters
        ----------
        prices : Prices, shape (paths, h + days + 1)
            The whole path. Only signals of which every column depends on the columns up to it are allowed.
        first_day : int
            Column of day 0.
        memory : dict
            Where to write them: the `memory` of every view to come.
        """


Policy = TypeVar("Policy", bound=HedgePolicy)

POLICIES: PluginRegistry[HedgePolicy] = PluginRegistry(HedgePolicy)


def register(policy: type[Policy]) -> type[Policy]:
    """Class decorator: make a policy known by its `name`.

    Raises
    ------
    InputError
        When another class has the name already.
    """
    POLICIES.add(policy.name, policy)
    return policy


def policy_names() -> tuple[str, ...]:
    """Names of all registered policies, sorted."""
    return POLICIES.names()


def policy_parameters(name: str) -> dict[str, Any]:
    """A policy's parameters and their defaults; InputError when the name is unknown."""
    return POLICIES.parameters(name)


def make_policy(name: str, **parameters: Any) -> HedgePolicy:
    """Build the policy registered as `name`.

    Parameters
    ----------
    name : str
        One of `policy_names()`.
    **parameters
        The policy's fields, or text for them; what is left out keeps its default. A field that is a plug-in
        (an indicator, a volatility, a return model) may be given by name, and its own parameters beside it:
        `make_policy("timing", indicator="ema_channel", n=10)`.

    Raises
    ------
    InputError
        When the name or a parameter is unknown (it says what is allowed), or a value is out of range.
    """
    return POLICIES.make(name, parameters)


def parse_policy(text: str) -> tuple[str, HedgePolicy]:
    """Read a policy as a user writes it: `[label=]name[:parameter=value,...]`.

    Parameters
    ----------
    text : str
        Such as "full", "timing:indicator=ema_channel,n=10" or "Q=partial:gain=betadyn,lock_rule=daily".

    Returns
    -------
    label : str
        What the user calls it; without a label, all that was written.
    policy : HedgePolicy

    Raises
    ------
    InputError
        When it cannot be read so, or as of `make_policy`.
    """
    label, name, parameters = parse_spec("policy", text)
    return label, make_policy(name, **parameters)
