"""What an inhabitant of a market is, and the register of the user's own.

An inhabitant owns named arrays with a leading path axis, which compiled functions work on in every bar, and decides in
plain NumPy, over all paths at once, what it does on the next day.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from cqkit.registry import Registry

if TYPE_CHECKING:
    from abm.market import Market
    from abm.sections.base import Section
    from abm.settings import Settings
    from abm.state import BasketState, OutsideState, StockState


@dataclass(frozen=True)
class Opening:
    """What an inhabitant is made from, before the first bar.

    Attributes
    ----------
    settings, seed, first_path, paths
        Of the market.
    stocks, baskets, outside
        Of the market, before the first bar.
    exposure
        Baskets in a unit of each long-short fund's book where the user gave the books, (paths, funds, baskets).
    portions
        Shares of the crowd's book that they have, where the user gave the books, (funds,).
    past
        Closes of the index before the eve of the first day, on which it is 1, (paths, days).
    calm_volatility
        Of the index, per sqrt(day): what everybody takes for ordinary.
    party
        Column of the ledger that is a user's inhabitant's own; ours have theirs by `Party`.
    """

    settings: Settings
    seed: int
    first_path: int
    paths: int
    stocks: StockState
    baskets: BasketState
    outside: OutsideState
    exposure: FloatArray | None
    portions: FloatArray | None
    past: FloatArray
    calm_volatility: float
    party: int = -1


class Inhabitant(ABC):
    """Somebody in the market, on all paths at once. Every method but `__init__` may be left out.

    Attributes
    ----------
    name
        Its name, and that of its table in a scenario file.
    state
        A NamedTuple of arrays with a leading path axis, and of numbers: what the compiled functions get.
    """

    name: ClassVar[str]
    state: Any

    def __init__(self, opening: Opening) -> None:
        """Lay out the state before the first bar."""
        self.opening = opening

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:  # noqa: ARG003
        """Whether it is there under these settings: who is not costs nothing."""
        return True

    def move_in(self, market: Market) -> None:
        """Do what needs the others to be there, after all are made and before the first bar."""

    def write(self, market: Market) -> None:
        """Write the day that has just been traded into `market.record`."""

    def close(self, market: Market) -> None:
        """Decide at the close what to do on the next day; empty the day's counters."""

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        """Shares held, (paths, stocks), by column of the ledger."""
        return {}

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        """Futures held in index units, negative where short, (paths,), by column of the ledger."""
        return {}


# `act(market, futures, own, path, bar, dt)`: the market's arrays, the futures' or None, the inhabitant's own state.
Act = Callable[..., None]


class OwnInhabitant(Inhabitant):
    """Base of a user's own inhabitant: what it does in a bar are plain functions, compiled into the day.

    Attributes
    ----------
    section
        Its settings: a `Section` with defaults, read from the table of its name.
    order
        Places orders, before anything moves: adds units to `market.baskets.flow[path]` (and what it trades, in money,
        to `market.tape.volume[path]`), futures to `futures.order[path]`, and keeps them in its own state.
    settle
        Books the bar, after prices have moved: revalues what it holds, and pays from
        `market.ledger.cash[path, own.party]` what its orders cost at the fill (value less `late`).
    check
        Looks at the end of the bar, and fixes what to do in the next.

    All three take `(market, futures, own, path, bar, dt)`; `bar` is counted from the start of the run, and `futures` is
    None where none are traded.
    """

    section: ClassVar[type[Section]]
    order: ClassVar[Act | None] = None
    settle: ClassVar[Act | None] = None
    check: ClassVar[Act | None] = None

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.own(cls.name) is not None

    @property
    def settings(self) -> Any:
        """Its own section."""
        return self.opening.settings.own(self.name)


class _Inhabitants(Registry[type[OwnInhabitant]]):
    """Inhabitants by name; their parameters are those of their sections."""

    def parameters(self, name: str) -> dict[str, Any]:
        return {key: field.get_default() for key, field in self[name].section.model_fields.items()}


INHABITANTS = _Inhabitants("inhabitant")
TAKEN: set[str] = set()  # names of the sections that every scenario has, which `Settings` writes here
C = TypeVar("C", bound=type[OwnInhabitant])


def register(inhabitant: C) -> C:
    """Class decorator: make a user's inhabitant known by its name, which a scenario's table then goes by.

    Raises
    ------
    InputError
        When the name is taken, by another inhabitant or by a section of the settings.
    """
    if inhabitant.name in TAKEN:
        raise InputError(f"inhabitant {inhabitant.name}: is a section of every scenario: choose another name")
    INHABITANTS.add(inhabitant.name, inhabitant)
    return inhabitant
