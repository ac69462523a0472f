"""Golden cases: hedges on the package's synthetic series, reserves, the report's numbers, the fear gauge."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from golden import Arrays, Case, as_array, columns, plain

import crowdquake as cq
import hedging
from abm import almgren_chriss

WINDOW = {"start": "2007-06-29", "end": "2008-03-19"}
EVERY = (
    "full",
    "full-rebalanced",
    "minimum-variance",
    "minimum-variance:window=30,least=5",
    "none",
    "partial",
    "timing",
)
PARTIAL = (
    *(
        f"partial:gain={gain},lock_rule={rule}"
        for gain in ("beta", "betadyn")
        for rule in ("ratchet", "level", "daily")
    ),
    "partial:loss_limit=0.02,confidence=0.99,lock=0.8,drift=0.1",
    "partial:volatility=ewma",
    "partial:volatility=rolling",
    "partial:method=monte_carlo,draws=200,seed=4",
    "partial:method=monte_carlo,model=student_t,draws=100",
    "partial:method=monte_carlo,model=bootstrap,draws=100",
)
INDICATORS = ("contrarian", "donchian", "ema_both", "ema_channel", "ma_cross", "macd")
TIMING = tuple(f"timing:indicator={name},size={size}" for name in INDICATORS for size in ("fixed", "spot"))
TERMS: dict[str, dict[str, Any]] = {
    "round contracts": {"round_contracts": True},
    "next open": {"execution": "next_open"},
    "maintenance": {"maintenance": 0.75},
    "costs and rolls": {"cost": 0.0005, "roll_spread": 0.01, "roll_days_before": 2},
    "basis": {"basis": -0.02, "cost": 0.0001},
    "reduce": {"when_exhausted": "reduce"},
    "reduce, gains fund margin": {"when_exhausted": "reduce", "gains_fund_margin": True, "round_contracts": True},
    "margin": {"margin": 0.15, "contract": "IF-2008-report"},
}


def replayed(
    policies: Sequence[str],
    terms: dict[str, Any] | None = None,
    reserve: float | None = None,
    own_futures: bool = False,
) -> Arrays:
    """Policies on the example's index and fund, with the years before as history."""

    with tempfile.TemporaryDirectory() as folder:
        index, fund = hedging.write_example(folder)
        asked = {"gains_fund_margin": False, **(terms or {})}
        if own_futures:
            asked["futures"] = _futures(Path(folder))
        found = cq.hedge(
            index,
            fund,
            policies=policies,
            **WINDOW,
            gauge=_gauge(Path(folder)),
            reserve=reserve,
            terms=cq.Terms(**asked),
        )
        told = found.as_json()["policies"]
    arrays: Arrays = {}
    for label, result in found.results.items():
        arrays |= {f"{label}.{name}": as_array(getattr(result, name)) for name in result.record_names()}
        arrays |= plain(f"{label}.figures", told[label])
    return arrays


def _gauge(folder: Path) -> Path:
    """A volatility index that rises and falls, for indicators that read one."""

    days = hedging.example_series().index.index
    levels = 25 + 10 * ((np.arange(len(days)) * 37) % 101) / 101 + 8 * ((np.arange(len(days)) // 20) % 3)
    return _series(folder / "gauge.csv", days, levels)


def _futures(folder: Path) -> Path:
    """Futures closes up to 3 % beside the index."""

    closes = hedging.example_series().index["close"]
    beside = 1 + 0.03 * (((np.arange(len(closes)) * 29) % 97) / 48.5 - 1)
    return _series(folder / "futures.csv", closes.index, closes.to_numpy() * beside)


def _series(path: Path, days: Any, values: Any) -> Path:
    rows = [f"{day:%Y-%m-%d},{value!r}" for day, value in zip(days, map(float, values), strict=True)]
    path.write_text("\n".join(["date,close", *rows]) + "\n", encoding="utf-8")
    return path


def exchange_margins(hedging_quota: bool) -> Arrays:
    """Margins that the exchange set date by date, on the example's closes of 2007 as if they were those of 2015."""

    closes = hedging.example_series().index.loc[WINDOW["start"] : WINDOW["end"], "close"]
    days = pd.bdate_range("2015-06-01", periods=len(closes))
    with tempfile.TemporaryDirectory() as folder:
        found = cq.hedge(
            _series(Path(folder) / "index.csv", days, closes),
            policies=("full", "full-rebalanced"),
            start=f"{days[0]:%Y-%m-%d}",
            end=f"{days[-1]:%Y-%m-%d}",
            reserve=0.6,
            terms=cq.Terms(
                "IF",
                exchange_margins=True,
                hedging_quota=hedging_quota,
                roll_spread=0.004,
                gains_fund_margin=False,
            ),
        )
    return {
        f"{label}.{name}": as_array(getattr(result, name))
        for label, result in found.results.items()
        for name in result.record_names()
    }


def many_paths(policy: str, **terms: Any) -> Arrays:
    """A policy over several paths at once, by the engine itself."""

    generator = np.random.Generator(np.random.PCG64(9))
    moves = 0.02 * generator.standard_normal((2, 7, 90))
    index, spot = 3000 * np.exp(np.cumsum(moves[0], axis=1)), np.exp(np.cumsum(0.8 * moves[0] + 0.3 * moves[1], axis=1))
    if rolls := terms.pop("rolls", None):
        terms |= {"cost": 0.0003, "roll_days": rolls, "roll_spread": -0.004}
    bars = hedging.Prices(index, open=index * (1 + 0.01 * moves[1]))
    _, chosen = hedging.parse_policy(policy)
    found = hedging.replay(chosen, bars, spot, start_value=1e8, **{"gains_fund_margin": False, **terms})
    return columns("hedge", found.frame()) | plain("figures", [found.summary(path) for path in range(found.paths)])


def reserve(policy: str, model: str, paths: int = 400, days: int = 60, **arguments: Any) -> Arrays:
    """A reserve sized in advance, with its tail and its frontiers."""

    with tempfile.TemporaryDirectory() as folder:
        index, _ = hedging.write_example(folder)
        past = {"index": index} if arguments.pop("past", False) else {}
        found = cq.hedge_reserve(policy, model=model, paths=paths, days=days, seed=6, **past, **arguments)
    return {
        **columns("table", found.table),
        **columns("calls", found.calls),
        **columns("dilution", found.dilution),
        **plain("chance", [found.call_probability, found.margin, found.reflection]),
    }


def reserve_tail() -> Arrays:
    """More paths than are drawn in one batch; what the tail says by where it begins."""

    found = hedging.simulate_reserve(
        hedging.make_policy("full"),
        hedging.make_path_model("student_t"),
        days=20,
        start_value=1e8,
        paths=1500,
        seed=8,
        antithetic=True,
    )
    tail = found.tail()
    return {
        "required": as_array(found.required),
        "undiluted": as_array(found.undiluted),
        **columns("thresholds", found.threshold_table()),
        **plain("tail", [tail.threshold, tail.exceedances, tail.shape, tail.shape_error, tail.quantile(0.999)]),
    }


def report() -> Arrays:
    """The 2008 report's numbers beside the engine's."""

    found = hedging.replicate_report()
    frame = found.frame()[["key", "window", "unit", "printed", "engine", "difference", "verdict"]]
    arrays = columns("rows", frame)
    for window, results in found.results.items():
        for policy, result in results.items():
            arrays |= columns(f"{window}.{policy}", result.frame())
    return arrays


def fear() -> Arrays:
    """The fear gauge on a smile over three days, with a quote that is missing."""

    rows = []
    for day, spot in ((date(2007, 8, 8), 698.0), (date(2007, 8, 9), 702.0), (date(2007, 8, 10), 705.0)):
        for expiry in (date(2007, 8, 17), date(2007, 9, 21), date(2007, 10, 19)):
            for strike in range(680, 725, 5):
                for call in (True, False):
                    time = (expiry - day) / timedelta(days=365)
                    volatility = 0.25 + 0.002 * abs(strike - spot) ** 0.8 + (0.02 if not call else 0.0)
                    price = hedging.black_price(call, spot * np.exp(0.05 * time), strike, volatility, time, 0.05)
                    rows.append((day, expiry, strike, "call" if call else "put", float(price), spot, 0.05))
    rows = [row for number, row in enumerate(rows) if number % 23 != 5]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quotes.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("date", "expiry", "strike", "type", "price", "spot", "rate"), *rows])
        found = hedging.fear_gauge(hedging.load_quotes(path))
    return {**columns("daily", found.daily), **columns("options", found.options), "levels": as_array(found.levels)}


def liquidation() -> Arrays:
    """Optimal ways out of a position, by risk aversion."""

    arrays: Arrays = {}
    for aversion in (0.0, 1e-6, 1e-4):
        found = almgren_chriss(
            shares=1e6,
            days=5.0,
            intervals=20,
            volatility=0.95,
            temporary=2.5e-6,
            permanent=2.5e-7,
            fixed=0.0625,
            risk_aversion=aversion,
        )
        arrays[f"{aversion:g}.holdings"] = as_array(found.holdings)
        arrays[f"{aversion:g}.trades"] = as_array(found.trades)
        arrays[f"{aversion:g}.costs"] = as_array([found.expected_cost, found.variance, found.urgency])
    return arrays


def calendars() -> Arrays:
    """Roll days and margins by date of every contract."""

    days = pd.bdate_range("2010-04-16", "2024-12-31")
    arrays: Arrays = {}
    for name in hedging.contract_names():
        traded = hedging.contract(name)
        since = days[days > max(pd.Timestamp("2015-04-16"), pd.Timestamp(traded.launched or "2015-04-16"))]
        arrays[f"{name}.rolls"] = as_array(hedging.roll_schedule(since, traded, days_before_expiry=1).days)
        if any(rule.initial_margin is not None for rule in traded.rules):
            for hedger in (False, True):
                arrays[f"{name}.margins.{hedger}"] = as_array(traded.margins_on(since, hedging=hedger))
    return arrays


HEDGES: dict[str, Case] = {
    "hedge: every policy": partial(replayed, EVERY),
    "hedge: every policy, a reserve": partial(replayed, EVERY, None, 0.25),
    "hedge: partial": partial(replayed, PARTIAL, None, 0.3),
    "hedge: timing": partial(replayed, TIMING, None, 0.3),
    **{f"hedge: {name}": partial(replayed, ("full", "partial", "timing"), terms, 0.2) for name, terms in TERMS.items()},
    "hedge: own futures": partial(replayed, ("full", "full-rebalanced"), {}, 0.2, True),
    "hedge: exchange margins": partial(exchange_margins, hedging_quota=False),
    "hedge: hedging quota": partial(exchange_margins, hedging_quota=True),
    "replay: full": partial(many_paths, "full", reserve=0.2, round_contracts=True),
    "replay: partial": partial(many_paths, "partial:volatility=ewma", reserve=0.15, when_exhausted="reduce"),
    "replay: timing": partial(many_paths, "timing", rolls=(20, 50), execution="next_open", gains_fund_margin=True),
    "replay: points": partial(many_paths, "full-rebalanced", basis=-12.0, basis_unit="points", margin_rates=0.14),
    "reserve: gbm": partial(reserve, "full", "gbm:volatility=0.45", reserve=0.5, antithetic=True),
    "reserve: student_t": partial(reserve, "partial", "student_t:degrees=3", alpha=0.05, tracking_error=0.1),
    "reserve: bootstrap": partial(reserve, "timing", "bootstrap:block=10", past=True, reserve=0.3),
    "reserve: tail": reserve_tail,
    "report": report,
    "fear gauge": fear,
    "almgren_chriss": liquidation,
    "calendars": calendars,
}
