"""Where a hedge loss came from: mechanisms switched off one by one on the same noise, averaged over all orders.

What a mechanism adds depends on what is there already: forced sales do nothing where no price has moved. So every set
of the scenario's mechanisms is run on common random numbers, and a mechanism's part is what it adds on joining,
averaged over all orders of joining (Shapley 1953). Parts add up, on every path, to the desk's hedged P&L less what it
would be with every mechanism off. Other demand stays on throughout (see `scenarios.mechanisms`).
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import stats

from abm import Market, Settings, available_workers, trade_day
from abm.index_path import EXAMPLE
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import raise_faults
from hedging import HedgeResult
from scenarios.loading import load_scenario
from scenarios.mechanisms import Mechanism, mechanisms, without
from scenarios.run import check_arguments
from scenarios.schema import Scenario
from scenarios.shapley import Worths, all_sets, draw_orders, gains, sets_on_the_way, shapley

# All sets are run with up to so many mechanisms, or as long as sets x paths are at most so many histories.
MOST_EXACT = 9
MOST_HISTORIES = 60_000
ORDERS = 64  # that are drawn beyond that
# Markets traded at a time, and paths of each: they bound the memory.
BATCH = 16
BLOCK = 32

UNIT = "ratio to the desk's starting book"
_LIBRARIES = ("crowdquake", "numpy", "numba", "scipy", "pandas")


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


@dataclass(frozen=True, eq=False)
class Explanation:
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

    def frame(self) -> pd.DataFrame:
        """Parts as a table, a row a mechanism: mechanism, title, value, low, high, first_in, last_in."""
        return pd.DataFrame([{"mechanism": name, **asdict(part)} for name, part in self.parts.items()])

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


def explain(
    scenario: str | Path | Scenario,
    *,
    paths: int = 100,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    orders: int | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
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
    workers
        Threads; default: all cores.
    progress
        Told the share of the work done, 0..1.

    Raises
    ------
    InputError
        With a line for every fault; also if there is no desk, or none whose hedge is on at the eve.
    """
    check_arguments(paths, seed, workers)
    checked = load_scenario(scenario, overrides)
    check_explainable(checked, orders)
    started = time.perf_counter()
    acting = [mechanism for mechanism in mechanisms() if mechanism.is_on(checked.settings)]
    drawn = _orders(len(acting), paths, orders, seed)
    chosen = all_sets(len(acting)) if drawn is None else sets_on_the_way(drawn)
    markets = {one: _settings(checked.settings, acting, one) for one in chosen}
    apart = list(dict.fromkeys(markets.values()))
    found = _simulate(apart, paths, seed, workers or available_workers(), progress)
    worths = {one: found[settings] for one, settings in markets.items()}
    manifest = {
        "scenario": checked.name,
        "digest": checked.digest,
        "overrides": {
            key: value if isinstance(value, int | float) else str(value) for key, value in (overrides or {}).items()
        },
        "seed": seed,
        "paths": paths,
        "synthetic_index": checked.market.index_path == EXAMPLE,
        "sets": len(chosen),
        "markets": len(apart),
        "seconds": round(time.perf_counter() - started, 2),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES},
    }
    return _build(checked, acting, worths, drawn, seed, manifest)


def check_explainable(scenario: Scenario, orders: int | None = None) -> None:
    """Refuse a scenario without a hedge on the eve of the event, and a number of orders that cannot be drawn."""
    desk, clock, origin = scenario.desk, scenario.clock, scenario.name or "scenario"
    faults = []
    if desk.size == 0:
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


def _orders(players: int, paths: int, asked: int | None, seed: int) -> IntArray | None:
    """Orders to average over; None for all of them."""
    if asked is None and (players <= MOST_EXACT or paths << players <= MOST_HISTORIES):
        return None
    return draw_orders(players, asked or ORDERS, seed) if players else None


def _settings(settings: Settings, acting: Sequence[Mechanism], chosen: int) -> Settings:
    """Settings with only the mechanisms of a set on; a set is a number whose bits say who is in it."""
    return without(settings, [item for place, item in enumerate(acting) if not chosen >> place & 1])


def _simulate(
    settings: Sequence[Settings], paths: int, seed: int, workers: int, progress: Callable[[float], None] | None
) -> dict[Settings, FloatArray]:
    """The desk's hedged P&L over the window in each market, shape (paths,).

    Batches of markets trade in lockstep on the same noise, which is a function of seed, path and day, so that it is the
    same in all batches. Nothing is traded after the window; a batch's markets are dropped before the next.
    """
    days = settings[0].clock.event_day + settings[0].clock.horizon
    found: dict[Settings, list[FloatArray]] = {one: [] for one in settings}
    done, work = 0, len(settings) * paths * days
    for first in range(0, paths, BLOCK):
        count = min(BLOCK, paths - first)
        for start in range(0, len(settings), BATCH):
            markets = [Market(one, seed, count, first) for one in settings[start : start + BATCH]]
            for _ in range(days):
                trade_day(markets, workers)
                done += len(markets) * count
                if progress is not None:
                    progress(done / work)
            for market in markets:
                found[market.settings].append(_worth(market))
    return {one: np.concatenate(blocks) for one, blocks in found.items()}


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
        half = _half_width(values[place], None if by_order is None else by_order[:, place])
        value = float(values[place].mean())
        parts[item.name] = Part(
            item.title,
            value,
            value - half,
            value + half,
            first_in=float((worths[1 << place] - worths[0]).mean()),
            last_in=float((worths[everybody] - worths[everybody ^ 1 << place]).mean()),
        )
    by_path = pd.DataFrame({name: np.zeros(total.size) for name in parts})
    for place, item in enumerate(acting):
        by_path[item.name] = values[place]
    half = _half_width(total)
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
        total=float(total.mean()),
        total_low=float(total.mean()) - half,
        total_high=float(total.mean()) + half,
        parts=parts,
        off=tuple(name for name in parts if name not in {item.name for item in acting}),
        orders=None if orders is None else len(orders),
        by_path=by_path,
        manifest=manifest,
    )


def _half_width(values: FloatArray, by_order: FloatArray | None = None) -> float:
    """Half of the 95 % interval of a mean over paths, (paths,), by Student's t; NaN on a single path.

    Where orders were drawn, `by_order` (orders, paths), the variance of drawing is added: that over pairs of an order
    and its reverse of their means over paths. Both hold what paths and orders share: the interval is rather too wide.
    """
    if values.size < 2:
        return float("nan")
    variance = values.var(ddof=1) / values.size
    if by_order is not None:
        pairs = by_order.mean(axis=1).reshape(-1, 2).mean(axis=1)
        variance += pairs.var(ddof=1) / pairs.size
    return float(stats.t.ppf(0.975, values.size - 1) * np.sqrt(variance))
