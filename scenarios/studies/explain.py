"""Where a hedge loss came from: mechanisms switched off one by one on the same noise, averaged over all orders.

What a mechanism adds depends on what is there already: forced sales do nothing where no price has moved. So every set
of the scenario's mechanisms is run on common random numbers, and a mechanism's part is what it adds on joining,
averaged over all orders of joining (Shapley 1953). Parts add up, on every path, to the desk's hedged P&L less what it
would be with every mechanism off: a market in which nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd

from abm import Market, Settings
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import raise_faults
from cqkit.plain import percent
from cqkit.showing import Shown
from cqkit.statistics import Interval, mean_interval
from hedging import HedgeResult
from scenarios.attribution.mechanisms import Mechanism, mechanisms, without
from scenarios.attribution.shapley import Worths, all_sets, draw_orders, gains, sets_on_the_way, shapley
from scenarios.ensemble import Case, Progress, Size
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, conduct, register

# All sets are run with up to so many mechanisms, or as long as sets x paths are at most so many histories.
MOST_EXACT = 9
MOST_HISTORIES = 60_000
ORDERS = 64  # that are drawn beyond that

UNIT = "ratio to the desk's starting book"


@dataclass(frozen=True)
class Part:
    """What a mechanism added to the desk's hedged P&L, means over paths; negative values are losses.

    Attributes
    ----------
    title
        The mechanism in words.
    value, low, high
        Its share by Shapley, and the 95 % interval (Student's t over paths; NaN on a single path).
    first_in, last_in
        What it does alone, with all others off, and what it adds where all others are on.
    """

    title: str
    value: float
    low: float
    high: float
    first_in: float
    last_in: float


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Shown):
    """A desk's hedged P&L from the eve of the event on, taken apart.

    Attributes
    ----------
    scenario, title
        What was run: name and title.
    paths, seed
        Histories in every set of mechanisms, and the seed that they share.
    window, eve, last
        Days that the P&L is counted over, the close that it begins at, and the close that it ends at.
    unit
        Of all values: a ratio to the desk's starting book.
    pnl, pnl_off
        The desk's hedged P&L with everything on, and with every mechanism off; means over paths.
    total, total_low, total_high
        `pnl` less `pnl_off`, which the parts add up to, and its 95 % interval.
    parts
        Every mechanism's part by name, in the order of the story; zero for those that are off in the scenario.
    off
        Names of those.
    orders
        Orders of joining that were drawn; None if all of them were averaged over.
    by_path
        Shapley values, a row a path, a column a mechanism; a row adds up to `total` on that path.
    manifest
        Scenario digest, overrides, sets run, seconds, versions.
    """

    scenario: str
    title: str
    paths: int
    seed: int
    window: int
    eve: date
    last: date
    unit: str
    pnl: float
    pnl_off: float
    total: float
    total_low: float
    total_high: float
    parts: dict[str, Part]
    off: tuple[str, ...]
    orders: int | None
    by_path: pd.DataFrame
    manifest: dict[str, Any]

    def says(self) -> str:
        """The total, and its largest part."""
        largest = max(self.parts.values(), key=lambda part: abs(part.value), default=None)
        told = f"hedged P&L {percent(self.total, sign='+')} in {self.window} days"
        return told if largest is None else f"{told}; {largest.title}: {percent(largest.value, sign='+')}"

    def frame(self) -> pd.DataFrame:
        """Parts as a table, a row a mechanism: mechanism, title, value, low, high, first_in, last_in."""
        return pd.DataFrame([{"mechanism": name, **asdict(part)} for name, part in self.parts.items()])

    formats: ClassVar[dict[str, tuple[str, ...]]] = {"explain": ("csv", "parquet"), "by-path": ("parquet",)}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Parts, and Shapley values by path, by the name of the file that they are written to, without its ending."""
        return {"explain": self.frame(), "by-path": self.by_path.rename_axis("path").reset_index()}

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN where there is no interval."""
        names = ("scenario", "title", "paths", "seed", "window", "unit", "orders", "pnl", "pnl_off")
        totals = ("total", "total_low", "total_high")
        return {
            **{name: getattr(self, name) for name in names},
            "eve": f"{self.eve:%Y-%m-%d}",
            "last": f"{self.last:%Y-%m-%d}",
            **{name: getattr(self, name) for name in totals},
            "parts": {name: asdict(part) for name, part in self.parts.items()},
            "off": list(self.off),
            "manifest": self.manifest,
        }


@dataclass(frozen=True)
class Game:
    """Which sets of a scenario's mechanisms are run: players are the mechanisms that act in it.

    A set is a whole number whose bits say who is in it.
    """

    acting: tuple[Mechanism, ...]
    orders: IntArray | None  # of joining that were drawn; None for all of them

    @property
    def sets(self) -> list[int]:
        """Sets whose worth is asked for."""
        return all_sets(len(self.acting)) if self.orders is None else sets_on_the_way(self.orders)

    def market(self, settings: Settings, chosen: int) -> Settings:
        """Settings with only the mechanisms of a set on."""
        return without(settings, [item for place, item in enumerate(self.acting) if not chosen >> place & 1])

    @classmethod
    def of(cls, scenario: Scenario, paths: int, asked: int | None, seed: int) -> Game:
        """Draw orders where they were asked for, or where there are too many sets to run them all."""
        acting = tuple(mechanism for mechanism in mechanisms() if mechanism.is_on(scenario.settings))
        players = len(acting)
        all_of_them = asked is None and (players <= MOST_EXACT or paths << players <= MOST_HISTORIES)
        drawn = draw_orders(players, asked or ORDERS, seed) if players and not all_of_them else None
        return cls(acting, drawn)


@register
@dataclass(frozen=True)
class ExplainStudy(Study):
    """The desk's hedge loss taken apart, mechanism by mechanism; the parts add up."""

    name: ClassVar[str] = "explain"
    size: ClassVar[Size] = Size(block=32, batch=16)
    orders: int | None = None

    def check(self, scenario: Scenario) -> None:
        check_explainable(scenario, self.orders)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Settings, Case]:
        """A market once for all sets that come to it; nothing is traded after the window."""
        game = Game.of(scenario, paths, self.orders, seed)
        days = scenario.clock.event_day + scenario.clock.horizon
        markets = (game.market(scenario.settings, chosen) for chosen in game.sets)
        return {settings: Case(settings, days=days) for settings in markets}

    def read(self, key: Any, market: Market) -> FloatArray:  # noqa: ARG002
        return _worth(market)

    def result(self, found: Found) -> Explanation:
        scenario, game = found.scenario, Game.of(found.scenario, found.paths, self.orders, found.seed)
        by_market = {settings: np.concatenate(blocks) for settings, blocks in found.readings.items()}
        worths = {chosen: by_market[game.market(scenario.settings, chosen)] for chosen in game.sets}
        manifest = {**found.manifest, "sets": len(game.sets), "markets": len(by_market)}
        return _build(scenario, game.acting, worths, game.orders, found.seed, manifest)


def explain(
    scenario: str | Path | Scenario,
    *,
    paths: int = 100,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    orders: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Take the hedge loss of a scenario's desk apart, mechanism by mechanism; the parts add up.

    What is explained is the change of the desk's hedged P&L from the eve of the event over `clock.window` days, a ratio
    to its starting book. It is not the figure `desk_hedge_loss`, which is the largest loss within those days.

    Parameters
    ----------
    scenario
        A name (`crowdquake scenarios` lists them), a TOML file, or a loaded scenario.
    paths
        Histories of every set of mechanisms: 2^k sets with k mechanisms on.
    seed
        Equal scenario, seed and versions give equal parts, whatever the number of workers.
    overrides
        Keys set to other values, as `{"funds.crowding": 0.5}`.
    orders
        Draw so many orders of joining, each followed by its reverse, instead of averaging over all. Default: all with
        at most 9 mechanisms or 60,000 histories (sets x paths), else 64. Parts add up all the same; intervals then
        hold the error of drawing too.
    workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault; also if there is no desk, or none whose hedge is on at the eve.
    """
    found: Explanation = conduct(
        ExplainStudy(orders),
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found


def check_explainable(scenario: Scenario, orders: int | None = None) -> None:
    """Refuse a scenario without a hedge on the eve of the event, and a number of orders that cannot be drawn."""
    desk, clock, origin = scenario.desk, scenario.clock, scenario.name or "scenario"
    faults = []
    if scenario.desk_size == 0:
        faults.append(f"{origin}: desk.size = 0: must be above 0: without a desk there is no hedge loss to explain")
    eve = clock.dates[clock.event_day - 1]
    if desk.starts is not None and np.datetime64(desk.starts, "D") > eve:
        faults.append(
            f"{origin}: desk.starts = {desk.starts}: must not be after {eve}, the eve of the event: "
            "losses are counted from there"
        )
    if orders is not None and (not 4 <= orders <= 10_000 or orders % 2):
        faults.append(f"orders = {orders}: must be an even number in 4..10000, as each is drawn with its reverse")
    raise_faults(faults)


def _worth(market: Market) -> FloatArray:
    """Change of the desk's hedged P&L from the eve of the event to the latest close, over its starting book."""
    desk = cast("HedgeResult", market.desk_result)  # the scenario was checked to have a desk, on by the eve
    pnl = desk.hedged_pnl
    return (pnl[:, -1] - pnl[:, -1 - market.settings.clock.horizon]) / desk.start_value


def _build(
    scenario: Scenario,
    acting: Sequence[Mechanism],
    worths: Worths,
    orders: IntArray | None,
    seed: int,
    manifest: dict[str, Any],
) -> Explanation:
    players, everybody = len(acting), (1 << len(acting)) - 1
    by_order = None if orders is None else gains(worths, orders)
    values = shapley(worths, players) if by_order is None else by_order.mean(axis=0)
    total = worths[everybody] - worths[0]
    parts = {item.name: Part(item.title, 0.0, 0.0, 0.0, 0.0, 0.0) for item in mechanisms()}
    for place, item in enumerate(acting):
        part = _interval(values[place], None if by_order is None else by_order[:, place])
        parts[item.name] = Part(
            item.title,
            part.value,
            part.low,
            part.high,
            first_in=float((worths[1 << place] - worths[0]).mean()),
            last_in=float((worths[everybody] - worths[everybody ^ 1 << place]).mean()),
        )
    by_path = pd.DataFrame({name: np.zeros(total.size) for name in parts})
    for place, item in enumerate(acting):
        by_path[item.name] = values[place]
    whole = _interval(total)
    dates, clock = scenario.clock.dates, scenario.clock
    return Explanation(
        scenario=scenario.name,
        title=scenario.title,
        paths=total.size,
        seed=seed,
        window=clock.horizon,
        eve=dates[clock.event_day - 1].item(),
        last=dates[clock.event_day - 1 + clock.horizon].item(),
        unit=UNIT,
        pnl=float(worths[everybody].mean()),
        pnl_off=float(worths[0].mean()),
        total=whole.value,
        total_low=whole.low,
        total_high=whole.high,
        parts=parts,
        off=tuple(name for name in parts if name not in {item.name for item in acting}),
        orders=None if orders is None else len(orders),
        by_path=by_path,
        manifest=manifest,
    )


def _interval(values: FloatArray, by_order: FloatArray | None = None) -> Interval:
    """Mean over paths, (paths,), and its 95 % interval by Student's t; NaN at the ends on a single path.

    Where orders were drawn, `by_order` (orders, paths), the variance of drawing is added: that over pairs of an order
    and its reverse of their means over paths. Both hold what paths and orders share: the interval is rather too wide.
    """
    drawing = 0.0
    if by_order is not None and values.size > 1:
        pairs = by_order.mean(axis=1).reshape(-1, 2).mean(axis=1)
        drawing = pairs.var(ddof=1) / pairs.size
    return mean_interval(values, drawing)
