"""Laws that every plug-in must keep, as one call: `check_policy(policy)` and `check_indicator(indicator)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from cqkit.arrays import BoolArray, FloatArray
from cqkit.errors import CrowdquakeError
from cqkit.plugins import Plugin
from hedging.contracts.specification import IF
from hedging.engine.book import HedgeBook
from hedging.engine.replaying import replay
from hedging.indicators import Indicator
from hedging.indicators.base import FunctionIndicator
from hedging.policies import HedgePolicy
from hedging.series.prices import Prices

PATHS, BEFORE, DAYS = 3, 120, 70
BOOK = 1e7
# A power of two: products with it are exact, so that no comparison of prices turns on rounding.
SCALE = 4.0


class CheckError(CrowdquakeError, AssertionError):
    """A plug-in breaks a law that all plug-ins must keep; the message names it."""


@dataclass(frozen=True, eq=False)
class World:
    """An index with history, bars and a volatility index, and a stock book beside it."""

    before: Prices
    window: Prices
    spot: FloatArray

    @property
    def whole(self) -> Prices:
        """History and window in one."""
        return _joined(self.before, self.window)

    def path(self, number: int) -> World:
        """One path alone."""
        one = slice(number, number + 1)
        return World(_mapped(self.before, lambda a: a[one]), _mapped(self.window, lambda a: a[one]), self.spot[one])

    def with_future(self, other: World, after: int) -> World:
        """The same up to day `after`, and then the moves of another world."""

        def graft(own: FloatArray, foreign: FloatArray, level: FloatArray) -> FloatArray:
            return np.hstack([own[:, : after + 1], level[:, after : after + 1] * foreign[:, after + 1 :]])

        # Bars keep their shape, since all are moved by what carries one close over to the other.
        level = self.window.close / other.window.close
        parts = {name: graft(own, getattr(other.window, name), level) for name, own in _parts(self.window).items()}
        return replace(self, window=Prices(**parts), spot=graft(self.spot, other.spot, self.spot / other.spot))


def check_policy(policy: HedgePolicy) -> None:
    """Put a policy through the laws that every hedge policy must keep.

    It must be a frozen dataclass; give one finite number a path and day; give the same for the same, whatever it
    did before; know nothing of the future; treat a path among many as if alone; give the same in a replay and
    close by close; bear prices that never move, a single day and no history; and scale: prices times x ask for
    1/x the contracts, the book's value times x for x times.

    Parameters
    ----------
    policy : HedgePolicy
        Any, registered or not.

    Raises
    ------
    CheckError
        At the first law broken, which it names.
    """
    world, other = _world(1), _world(2)
    _check_frozen(policy)
    with _law(policy, "gives one finite number a path and day"):
        asked = _contracts(policy, world)
    with _law(policy, "gives the same for the same: it must keep no state of its own"):
        _contracts(policy, other.path(0))
        _same(_contracts(policy, world), asked)
    with _law(policy, "does not look ahead: another future must leave today's contracts as they are"):
        for day in (0, DAYS // 3, DAYS - 2):
            _same(_contracts(policy, world.with_future(other, day))[:, : day + 1], asked[:, : day + 1])
    with _law(policy, "treats a path among many as if it were alone"):
        _same(np.vstack([_contracts(policy, world.path(number)) for number in range(PATHS)]), asked)
    with _law(policy, "gives the same close by close as in a replay"):
        _same(_stepped(policy, world), asked)
    with _law(policy, "asks for 1/x the contracts when prices are times x"):
        scaled = World(_scaled(world.before), _scaled(world.window), world.spot)
        _same(SCALE * _contracts(policy, scaled), asked)
    with _law(policy, "asks for x times the contracts when the book's value is times x"):
        _same(_contracts(policy, world, SCALE * BOOK) / SCALE, asked)
    with _law(policy, "bears prices that never move"):
        _contracts(policy, _still(world))
    with _law(policy, "bears a single day and no history"):
        _contracts(policy, World(world.before.upto(0), world.window.upto(2), world.spot[:, :2]))


def check_indicator(indicator: Indicator | Callable[..., BoolArray]) -> None:
    """Put an indicator, or the function behind one, through the laws that every indicator must keep.

    It must be a frozen dataclass, if it is no function; give on or off for every path and day; give the same
    for the same, whatever it did before; know nothing of the future; treat a path among many as if alone; give
    the same for a whole path and close by close; bear prices that never move and a single day; and depend on
    prices only through their ratios.

    Raises
    ------
    CheckError
        At the first law broken, which it names.
    """
    if not isinstance(indicator, Indicator):
        indicator = FunctionIndicator(getattr(indicator, "__name__", "function"), indicator)
    world, other = _world(1), _world(2)
    prices, days = world.whole, BEFORE + DAYS + 1
    _check_frozen(indicator)
    with _law(indicator, "gives on or off, as bool, for every path and day"):
        on = _states(indicator, prices)
    with _law(indicator, "gives the same for the same: it must keep no state of its own"):
        _states(indicator, other.path(0).whole)
        _same(_states(indicator, prices), on)
    with _law(indicator, "does not look ahead: another future must leave today's state as it is"):
        for day in (0, DAYS // 3, DAYS - 2):
            known = BEFORE + day + 1
            _same(_states(indicator, world.with_future(other, day).whole)[:, :known], on[:, :known])
    with _law(indicator, "treats a path among many as if it were alone"):
        _same(np.vstack([_states(indicator, world.path(number).whole) for number in range(PATHS)]), on)
    with _law(indicator, "gives the same close by close as for a whole path"):
        memory: dict[str, object] = {}
        later = [indicator.latest(prices.upto(known), memory) for known in range(BEFORE + 1, days + 1)]
        _same(np.stack(later, axis=1), on[:, BEFORE:])
    with _law(indicator, "depends on prices only through their ratios"):
        _same(_states(indicator, _scaled(prices)), on)
    with _law(indicator, "bears prices that never move"):
        _states(indicator, _still(world).whole)
    with _law(indicator, "bears a single day"):
        _states(indicator, prices.upto(1))


@contextmanager
def _law(plugin: Plugin, law: str) -> Iterator[None]:
    """Whatever goes wrong inside breaks this law."""
    try:
        yield
    except Exception as error:
        raise CheckError(f"{plugin.kind} {plugin.name}: breaks the law: {law}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]


def _check_frozen(plugin: Plugin) -> None:
    with _law(plugin, "is a frozen dataclass"):
        # Inherited parameters would be the base class's.
        parameters = vars(type(plugin)).get("__dataclass_params__")
        frozen = parameters is not None and parameters.frozen
        _must(frozen, f"{type(plugin).__name__} lacks @dataclass(frozen=True)")


def _must(condition: object, otherwise: str) -> None:
    """An assertion that stays when Python leaves out its own."""
    if not condition:
        raise AssertionError(otherwise)


def _same(found: np.ndarray, expected: np.ndarray) -> None:
    """Compare, up to rounding."""
    wrong = ~np.isclose(found, expected, rtol=1e-7, atol=1e-9 * BOOK / 1e6)
    if wrong.any():
        path, day = (int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(f"path {path}, day {day}: {found[path, day]} and {expected[path, day]}")


def _contracts(policy: HedgePolicy, world: World, start_value: float = BOOK) -> FloatArray:
    """Contracts over a replay, shape (paths, days); the last day repeats the one before it, so it is left out."""
    result = replay(policy, world.window, world.spot, start_value=start_value, history=world.before)
    _must(np.isfinite(result.contracts).all(), "a number is not finite")
    return result.contracts[:, :-1]


def _stepped(policy: HedgePolicy, world: World) -> FloatArray:
    """The same as `_contracts`, close by close, with nobody knowing the whole path."""
    window = world.window
    book = HedgeBook(
        policy,
        contract=IF,
        start_value=BOOK,
        days=window.days - 1,
        start_price=window.upto(1),
        history=world.before,
    )
    parts = {name: part for name, part in _parts(window).items() if name != "close"}
    for day in range(1, window.days):
        book.close(window.close[:, day], world.spot[:, day], **{name: part[:, day] for name, part in parts.items()})
    return book.result().contracts[:, :-1]


def _states(indicator: Indicator, prices: Prices) -> BoolArray:
    """On or off at every close, checked, from prices that cannot be written to."""
    on = indicator.path(_mapped(prices, _frozen))
    _must(isinstance(on, np.ndarray), f"it gives a {type(on).__name__}")
    _must(on.shape == prices.close.shape, f"it gives the shape {on.shape} for prices of shape {prices.close.shape}")
    _must(on.dtype == np.bool_, f"it gives {on.dtype}")
    return on


def _world(seed: int) -> World:
    """Make a world of random walks that calm down and heat up."""
    rng = np.random.default_rng(seed)
    days = BEFORE + DAYS + 1
    heat = np.exp(np.cumsum(rng.normal(0, 0.08, (PATHS, days)), axis=1))
    moves = 0.015 * heat * rng.standard_normal((PATHS, days))
    close = 3000.0 * np.exp(np.cumsum(moves, axis=1))
    opened = close * np.exp(rng.normal(0, 0.005, close.shape))
    edge = np.exp(np.abs(rng.normal(0, 0.005, (2, *close.shape))))
    whole = Prices(close, opened, np.maximum(opened, close) * edge[0], np.minimum(opened, close) / edge[1], 20.0 * heat)
    window = whole.between(BEFORE, days)
    spot = np.exp(np.cumsum(0.8 * moves + rng.normal(0, 0.004, close.shape), axis=1))[:, BEFORE:]
    return World(whole.upto(BEFORE), window, spot / spot[:, :1])


def _parts(prices: Prices) -> dict[str, FloatArray]:
    """All arrays of these prices, by name."""
    parts = {name: getattr(prices, name) for name in ("close", "open", "high", "low", "gauge")}
    return {name: part for name, part in parts.items() if part is not None}


def _mapped(prices: Prices, change: Callable[[FloatArray], FloatArray]) -> Prices:
    return Prices(**{name: change(part) for name, part in _parts(prices).items()})


def _joined(before: Prices, window: Prices) -> Prices:
    parts = _parts(before)
    return Prices(**{name: np.hstack([parts[name], part]) for name, part in _parts(window).items()})


def _scaled(prices: Prices) -> Prices:
    """Prices in another unit; the volatility index has its own."""
    parts = {name: part if name == "gauge" else SCALE * part for name, part in _parts(prices).items()}
    return Prices(**parts)


def _still(world: World) -> World:
    """The same world on a day that never ends."""
    return World(
        _mapped(world.before, lambda part: np.full_like(part, 3000.0)),
        _mapped(world.window, lambda part: np.full_like(part, 3000.0)),
        np.ones_like(world.spot),
    )


def _frozen(array: FloatArray) -> FloatArray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
