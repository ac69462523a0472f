"""How crowded a market is: the user's own books, or a simulated market's day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Market
from abm.crowding import comomentum
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from cqkit.statistics import quantiles
from hedging.holdings import book_file
from scenarios.crowds import Crowd, CrowdingResult, Terms, assess, crowd_in, measure_files
from scenarios.crowds.assessing import brief, loops_by_flow
from scenarios.crowds.crowd import depth_in
from scenarios.crowds.result import FLOWS
from scenarios.ensemble import Case, Progress, Size
from scenarios.loading import scenario_names
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, conduct, register

DAILY = {
    "overlap": "mean cosine over pairs of funds, of what they hold beside the index",
    "strategies": "effective number of independent books",
    "contagion_share": "of liquidity-weighted overlaps that one vector tells",
    "days_most": "days in which all funds together sell nine tenths of what they hold",
    "leverage": "gross book over equity, all funds together",
    "aggregate_vulnerability": "cost of the first round of sales after the shock, a ratio to equity",
    "loop_gain": "sales of a round over those of the round before",
    "critical_ratio": "leverage at which the loop gain is 1, over the leverage",
    "comomentum": "mean partial correlation of the stocks that the crowd is longest and shortest of, over the window",
}
LEVELS = (0.1, 0.5, 0.9)


class Watch:
    """Reads the measures of all paths of a market at each close, and keeps the first path's books on the eve."""

    def __init__(self, market: Market, terms: Terms, window: int) -> None:
        self.terms, self.window = terms, window
        self.read: list[FloatArray] = []  # a day each, (paths, measures)
        self.eve: tuple[Crowd, FloatArray, dict[float, FloatArray]] | None = None  # books, depth, depth by flow
        self._prices = [market.state.stocks.price.copy()]
        self._index = [market.state.tape.index_value.copy()]

    def __call__(self, market: Market) -> None:
        """Measure a market that has closed."""
        self._prices = [*self._prices[-self.window :], market.state.stocks.price.copy()]
        self._index = [*self._index[-self.window :], market.state.tape.index_value.copy()]
        self.read.append(np.array([self._measure(market, path) for path in range(market.paths)]))

    def _measure(self, market: Market, path: int) -> list[float]:
        crowd = crowd_in(market, path)
        depth = depth_in(market, crowd, self.terms.flow)
        if path == 0 and market.first_path == 0 and market.day == market.settings.clock.event_day - 1:
            self.eve = crowd, depth, {flow: depth_in(market, crowd, flow) for flow in FLOWS}
        found = brief(crowd, self.terms, depth) | {"comomentum": self._comomentum(crowd, path)}
        return [found[name] for name in DAILY]

    def _comomentum(self, crowd: Crowd, path: int) -> float:
        """Of the stocks that the crowd is longest and shortest of, in days of volume; NaN at the beginning."""
        if len(self._prices) <= self.window:
            return float("nan")
        returns = np.diff(np.log([price[path] for price in self._prices]), axis=0)
        market = np.diff(np.log([value[path] for value in self._index]))
        return comomentum(returns, crowd.holdings.sum(axis=0) / crowd.adv, market).mean


@register
@dataclass(frozen=True)
class CrowdingStudy(Study):
    """How crowded a simulated market is, day by day, and its books on the eve of the event."""

    name: ClassVar[str] = "crowding"
    size: ClassVar[Size] = Size(block=10)
    shock: str = "crowd"
    move: float = 0.01
    flow: float = 0.1
    participation: float = 0.2
    window: int = 10

    @property
    def terms(self) -> Terms:
        """What is asked; InputError, a line a fault, if it cannot be."""
        return Terms(**{item.name: getattr(self, item.name) for item in fields(Terms)})

    def check(self, scenario: Scenario) -> None:
        _ = self.terms
        if not 3 <= self.window <= scenario.clock.days:
            raise InputError(f"window = {self.window}: must lie in 3..{scenario.clock.days}, the days of the scenario")
        if scenario.funds.capital == 0:
            raise InputError(f"{scenario.name}: funds.capital = 0: there is no crowd to measure")

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[str, Case]:  # noqa: ARG002
        return {"main": Case(scenario.settings, rules=(_Watching(self.terms, self.window),))}

    def read(self, key: Any, market: Market) -> Watch:  # noqa: ARG002
        (watch,) = [rule for rule in market.rules if isinstance(rule, Watch)]
        return watch

    def result(self, found: Found) -> CrowdingResult:
        watches: list[Watch] = found.readings["main"]
        scenario, seen = found.scenario, watches[0].eve
        assert seen is not None  # every scenario has an eve
        crowd, depth, depths = seen
        values = np.concatenate([np.stack(watch.read) for watch in watches], axis=1)
        return CrowdingResult(
            f"{scenario.title}, path 0 on the eve",
            crowd,
            self.terms,
            assess(crowd, self.terms, depth),
            loops_by_flow(crowd, depths),
            _daily(values, scenario),
            found.manifest,
        )


@dataclass(frozen=True)
class _Watching:
    """Sets a watch on a market; a class of its own, so that another process can be told of it."""

    terms: Terms
    window: int

    def __call__(self, market: Market) -> Watch:
        return Watch(market, self.terms, self.window)


def _daily(values: FloatArray, scenario: Scenario) -> pd.DataFrame:
    """Quantiles over paths of values (days, paths, measures): a row a measure and day."""
    dates = scenario.clock.dates.astype("datetime64[s]")
    tables = []
    for place, name in enumerate(DAILY):
        series = values[:, :, place]
        levels = quantiles(series.T, LEVELS)
        table = pd.DataFrame({"measure": name, "day": np.arange(len(dates)), "date": dates})
        tables.append(
            table.assign(**{f"q{round(100 * level)}": row for level, row in zip(LEVELS, levels, strict=True)})
        )
    return pd.concat(tables, ignore_index=True)


def crowding(
    books: str | PathLike[str] | Scenario | Sequence[str | PathLike[str]],
    *,
    leverage: float | None = None,
    equity: str | PathLike[str] | None = None,
    desk: str | PathLike[str] | None = None,
    history: str | PathLike[str] | None = None,
    value: float | None = None,
    shock: str = "crowd",
    move: float = 0.01,
    flow: float = 0.1,
    participation: float = 0.2,
    paths: int = 20,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> CrowdingResult:
    """Measure how crowded books are: the user's own tables, or those of a simulated market day by day.

    Parameters
    ----------
    books
        Files of holdings (a file a fund, a list with a column of funds, or a matrix with a row of tickers), or a
        scenario: a name, or a loaded one.
    leverage, equity
        Gross book over equity of all funds; and a file of funds with equity or leverage, which goes before.
    desk
        File of an own book that is set beside the crowd.
    history
        File of prices or returns: volatilities that the books do not say, and comomentum.
    value
        What a book of weights is worth.
    shock, move
        `crowd` (every stock moves against what the funds hold net) or `market` (all fall), by which ratio.
    flow
        Days of volume at which the square-root law of impact is made linear.
    participation
        Share of a day's volume that a seller is.
    paths, seed, overrides, workers, executor, progress
        Of a scenario, as of `run`.

    Raises
    ------
    InputError
        With a line for every fault in the files or the arguments.
    """
    files = [books] if isinstance(books, str | PathLike | Scenario) else list(books)
    name = simulated(files)
    if name is not None:
        refuse_beside_scenario(leverage=leverage, equity=equity, desk=desk, history=history, value=value)
        study = CrowdingStudy(shock=shock, move=move, flow=flow, participation=participation)
        found: CrowdingResult = conduct(
            study,
            name,
            paths=paths,
            seed=seed,
            overrides=overrides,
            workers=workers,
            executor=executor,
            progress=progress,
        )
        return found
    given = [book for book in files if not isinstance(book, Scenario)]
    terms = Terms(shock, move, flow, participation)  # type: ignore[arg-type]
    return measure_files(given, terms, leverage=leverage, equity=equity, desk=desk, history=history, value=value)


def simulated(books: Sequence[str | PathLike[str] | Scenario]) -> str | Path | Scenario | None:
    """The scenario that is meant, if one is; None for files of holdings."""
    known = scenario_names()
    unknown = [str(item) for item in books if not isinstance(item, Scenario) and _is_lost(str(item), known)]
    raise_faults(
        [f"{name}: no such file, and no scenario of that name: crowdquake scenarios lists them" for name in unknown]
    )
    found = [item for item in books if isinstance(item, Scenario) or _is_scenario(str(item), known)]
    if found and len(books) > 1:
        raise InputError(f"{len(books)} books, and one is a scenario: a scenario is measured alone")
    if not found:
        return None
    return found[0] if isinstance(found[0], Scenario) else str(found[0])


def _is_lost(name: str, known: Sequence[str]) -> bool:
    """Whether it is a bare word that means nothing."""
    return not (Path(name).suffix or name in known or book_file(name).exists())


def _is_scenario(name: str, known: Sequence[str]) -> bool:
    return Path(name).suffix.lower() == ".toml" or (name in known and not Path(name).is_file())


def refuse_beside_scenario(**given: Any) -> None:
    """Refuse what belongs to files of holdings."""
    faults = [
        f"{name}: is for files of holdings: the funds of a scenario have their own"
        for name, value in given.items()
        if value is not None
    ]
    raise_faults(faults)
