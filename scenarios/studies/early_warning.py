"""Which measure of crowding warns of a forced unwind, and how far ahead of it false alarms leave it.

An ensemble of markets with crowding, leverage, depth and size drawn at random, each with a seller of random size on a
random day, or none. Every close is measured; a day is one before an unwind if within the next ten trading days forced
sales exceed a tenth of the crowd's book. Days on which an unwind already goes on are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Flow, Market
from abm.crowding import comomentum, contagion_index, cosine_overlap, days_to_sell, liquidity_overlap
from abm.crowding.loop import response, spectral_radius
from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from scenarios.crowds import Crowd, crowd_in
from scenarios.crowds.crowd import depth_in
from scenarios.early_warnings import VIEWS, EarlyWarning
from scenarios.ensemble import Case, Size
from scenarios.loading import bare, changed
from scenarios.roc import Warnings, area, detection, false_alarms, interval
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, register

MEASURES = {
    "loop gain": "sales of a round of deleveraging over those of the round before",
    "overlap": "mean cosine over pairs of funds",
    "days to liquidate": "days in which all funds together sell nine tenths of what they hold",
    "comomentum": "mean partial correlation of the stocks that the crowd is longest and shortest of, over ten days",
    "indirect contagion": "leading eigenvalue of liquidity-weighted overlaps, over the crowd's equity",
    "distance to calls": "loss on their books that calls a tenth of them; the less, the more dangerous",
    "leverage": "gross book over equity, all funds together",
}
LATE = {"5 days late": 5, "10 days late": 10}
PART = {"half of the funds": 0.5, "a quarter of the funds": 0.25}
DAYS, FIRST, WINDOW, HORIZON, GOING_ON = 60, 20, 10, 10, 5
UNWIND, QUIET = 0.1, 0.01  # of the crowd's book: sold within the horizon; sold in the days before, at most
ALARMS = np.linspace(0, 1, 51)


@register
@dataclass(frozen=True)
class EarlyWarningStudy(Study):
    """Which measure of crowding, seen the day before, tells a forced unwind in the next ten days."""

    name: ClassVar[str] = "early_warning"
    size: ClassVar[Size] = Size(block=100, batch=16)
    markets: int = 60
    stocks: int = 200
    funds: int = 40

    def faults(self) -> list[str]:
        given = {
            "markets": (self.markets, 2, 10_000),
            "stocks": (self.stocks, 20, 20_000),
            "funds": (self.funds, 8, 2000),
        }
        return [
            f"{name} = {value}: must lie in {low}..{high}"
            for name, (value, low, high) in given.items()
            if not low <= value <= high
        ]

    def check(self, scenario: Scenario) -> None:
        if scenario.funds.capital == 0 or scenario.futures_fund_count or scenario.market.instruments != "stocks":
            raise InputError(f"{scenario.name}: has no crowd of long-short funds in stocks: must have one")

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[int, Case]:  # noqa: ARG002
        drawn = draws(self.markets, seed)
        return {
            number: Case(self._settings(scenario, row), rules=(_Watching(),))
            for number, row in enumerate(drawn.to_dict("records"))
        }

    def _settings(self, scenario: Scenario, drawn: Mapping[Any, Any]) -> Any:
        """A market as drawn, without dated news."""
        calm = bare(scenario).model_copy(update={"news": ()})
        dates = scenario.clock.model_copy(update={"days": DAYS}).dates
        book = scenario.funds.capital * drawn["size"] * drawn["leverage"]
        return changed(
            calm,
            {
                "clock.days": DAYS,
                "clock.event": str(dates[FIRST]),
                "clock.bars": 6,
                "market.stocks": self.stocks,
                "funds.count": self.funds,
                "funds.crowding": drawn["crowding"],
                "funds.leverage": drawn["leverage"],
                "funds.capital": scenario.funds.capital * drawn["size"],
                "impact.strength": scenario.impact.strength / drawn["depth"],
                "liquidator.size": drawn["sold"] * book,
                "liquidator.days": drawn["sale_days"],
                "liquidator.begins": str(dates[int(drawn["begins"])]),
                "desk.size": 0.0,
            },
        ).settings

    def read(self, key: Any, market: Market) -> Any:  # noqa: ARG002
        (watch,) = [rule for rule in market.rules if isinstance(rule, Watch)]
        forced = -market.record.flows[:, :, Flow.FORCED] / np.maximum(market.record.book, 1e-300)[:, None]
        return watch.seen(), forced

    def result(self, found: Found) -> EarlyWarning:
        seen, forced = (
            np.stack([np.concatenate([block[part] for block in found.readings[key]]) for key in sorted(found.readings)])
            for part in (0, 1)
        )
        came, asked = _came(forced), _asked(forced)
        table: list[dict[str, Any]] = []
        curves: list[dict[str, Any]] = []
        for place, measure in enumerate(MEASURES):
            for view in VIEWS:
                score = _view(seen[..., place], view)
                warnings = Warnings(score, came, asked)
                table.append({"measure": measure, "view": view, **_row(warnings)})
            curves += _curve(measure, Warnings(_view(seen[..., place], VIEWS[0]), came, asked))
        drawn = draws(self.markets, found.seed).assign(unwinds=(came & asked).any(axis=2).mean(axis=1))
        counts = int((came & asked).sum()), int((~came & asked).sum())
        frames = pd.DataFrame(table), pd.DataFrame(curves), drawn
        return EarlyWarning(found.scenario, *frames, *counts, found.paths, found.seed, found.manifest)


def draws(markets: int, seed: int) -> pd.DataFrame:
    """What is drawn for each market.

    Crowding from 0.2 to 1, leverage from 1 to 4; depth and the crowd's size from half (a quarter) of the scenario's to
    twice it, in logs; a seller of up to three tenths of the crowd's book in two markets of three, over one to ten days
    from a random day on.
    """
    random = np.random.default_rng([seed, 16])
    sells = random.random(markets) < 2 / 3
    return pd.DataFrame(
        {
            "crowding": random.uniform(0.2, 1.0, markets),
            "leverage": random.uniform(1.0, 4.0, markets),
            "depth": 2.0 ** random.uniform(-1, 1, markets),
            "size": 2.0 ** random.uniform(-2, 1, markets),
            "sold": np.where(sells, random.uniform(0, 0.3, markets), 0.0),
            "sale_days": random.uniform(1, 10, markets),
            "begins": random.integers(FIRST, DAYS - HORIZON, markets),
        }
    )


@dataclass(frozen=True)
class _Watching:
    """Sets a watch on a market; a class of its own, so that another process can be told of it."""

    def __call__(self, market: Market) -> Watch:
        return Watch(market)


class Watch:
    """Measures all paths of a market at each close, with all of its funds and with parts of them."""

    def __init__(self, market: Market) -> None:
        self._read: list[FloatArray] = []  # a day each, (paths, parts, measures)
        self._prices = [market.state.stocks.price.copy()]
        self._index = [market.state.tape.index_value.copy()]
        count = market.state.funds.book.shape[1]
        order = np.random.default_rng(0).permutation(count)
        self._parts = [np.sort(order[: max(round(share * count), 2)]) for share in (1.0, *PART.values())]

    def __call__(self, market: Market) -> None:
        """Measure a market that has closed."""
        self._prices = [*self._prices[-WINDOW:], market.state.stocks.price.copy()]
        self._index = [*self._index[-WINDOW:], market.state.tape.index_value.copy()]
        shape = (market.paths, len(self._parts), len(MEASURES))
        if market.day < FIRST - max(LATE.values()):
            self._read.append(np.full(shape, np.nan))
            return
        self._read.append(np.array([self._measured(market, path) for path in range(market.paths)]))

    def seen(self) -> FloatArray:
        """What was measured, shape (paths, days, parts, measures)."""
        return np.stack(self._read, axis=1)

    def _measured(self, market: Market, path: int) -> list[list[float]]:
        crowd = crowd_in(market, path)
        depth = depth_in(market, crowd, 0.1)
        returns = np.diff(np.log([price[path] for price in self._prices]), axis=0)
        index = np.diff(np.log([value[path] for value in self._index]))
        cushion = cushions(market, path)
        return [
            measures(_part(crowd, funds), depth, returns, index, cushion[funds], crowd.gross[funds])
            for funds in self._parts
        ]


def _part(crowd: Crowd, funds: np.ndarray) -> Crowd:
    """Some of a crowd's funds."""
    return replace(
        crowd,
        funds=tuple(crowd.funds[number] for number in funds),
        holdings=crowd.holdings[funds],
        equity=crowd.equity[funds],
        active=crowd.active[funds],
    )


def cushions(market: Market, path: int) -> FloatArray:
    """Loss on its book at which each fund is called, a ratio to the book, shape (funds,); infinite without a book."""
    funds = market.state.funds
    book, equity, limit = funds.book[path], funds.equity[path], funds.limit[path]
    return np.divide(equity, book, out=np.full_like(book, np.inf), where=book > 0) - 1 / limit


def measures(
    crowd: Crowd, depth: FloatArray, returns: FloatArray, index: FloatArray, cushion: FloatArray, gross: FloatArray
) -> list[float]:
    """The measures in the order of `MEASURES`, each the more dangerous the higher."""
    cosine, owned = cosine_overlap(crowd.active), float(crowd.equity[crowd.equity > 0].sum())
    pairs = len(cosine) * (len(cosine) - 1)
    overlap = liquidity_overlap(crowd.holdings, depth)
    together = np.abs(crowd.holdings).sum(axis=0, keepdims=True)
    order = np.argsort(cushion, kind="stable")
    called = np.cumsum(gross[order])
    nearest = float(cushion[order][np.searchsorted(called, 0.1 * called[-1])]) if called[-1] > 0 else np.inf
    return [
        spectral_radius(response(crowd.holdings, crowd.equity, depth)),
        float((cosine.sum() - np.trace(cosine)) / pairs),
        float(days_to_sell(together, crowd.adv, 0.9)[0]),
        comomentum(returns, crowd.holdings.sum(axis=0) / crowd.adv, index).mean,
        contagion_index(overlap).eigenvalue / owned if owned > 0 else np.inf,
        -nearest,
        float(crowd.gross.sum()) / owned if owned > 0 else np.inf,
    ]


def _came(forced: FloatArray) -> np.ndarray:
    """Whether an unwind comes within the horizon after each day's close, shape (markets, paths, days)."""
    sold = np.cumsum(forced, axis=2)
    ahead = np.concatenate([sold[..., HORIZON:], np.repeat(sold[..., -1:], HORIZON, axis=2)], axis=2)
    return ahead - sold > UNWIND


def _asked(forced: FloatArray) -> np.ndarray:
    """Days that are judged: measured, with the horizon ahead of them, and no unwind going on."""
    sold = np.cumsum(forced, axis=2)
    earlier = np.concatenate([np.zeros_like(sold[..., :GOING_ON]), sold[..., :-GOING_ON]], axis=2)
    day = np.arange(forced.shape[2])
    return (sold - earlier <= QUIET) & (day >= FIRST) & (day < forced.shape[2] - HORIZON)


def _view(seen: FloatArray, view: str) -> FloatArray:
    """A measure as it is seen: of (markets, paths, days, parts) what is known at each close."""
    if view in LATE:
        late = LATE[view]
        whole = seen[..., 0]
        return np.concatenate([np.full_like(whole[..., :late], np.nan), whole[..., :-late]], axis=2)
    part = 1 + list(PART).index(view) if view in PART else 0
    found: FloatArray = seen[..., part]
    return found


def _row(warnings: Warnings) -> dict[str, float]:
    before, other = warnings.split()
    low, high = interval(warnings, area)
    fewest, most = interval(warnings, false_alarms)
    return {
        "area": area(before, other),
        "area_low": float(low),
        "area_high": float(high),
        "false_alarms": false_alarms(before, other),
        "false_alarms_low": float(fewest),
        "false_alarms_high": float(most),
    }


def _curve(measure: str, warnings: Warnings) -> Sequence[dict[str, Any]]:
    found = detection(*warnings.split(), ALARMS)
    low, high = (
        np.broadcast_to(end, ALARMS.shape)
        for end in interval(warnings, lambda before, other: detection(before, other, ALARMS))
    )
    return [
        {"measure": measure, "alarms": alarms, "detected": value, "low": least, "high": most}
        for alarms, value, least, most in zip(ALARMS, found, low, high, strict=True)
    ]
