"""Long pain or short pain: one book sold over one day or over two years, and what that costs whom.

Every speed, with and without a rescue, is a run on the same noise, beside one in which nobody sells and nobody is
rescued. What a party loses is told against that run over the same days, path by path: a long sale must not look bad
because more happens in two years than in two days.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from abm import Market, Party, Settings, available_workers, run_together
from abm.settings import Rescue
from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from scenarios.run import check_arguments
from scenarios.schema import Scenario

SPEEDS = (1, 2, 5, 10, 20, 60, 125, 250, 500)  # trading days; 250 are a year
AFTER = 10  # days that are looked at after the last sale
BLOCK = 50  # paths simulated at a time
# Where a scenario has no rescue: new money over the crowd's capital, as USD 3bn in August 2007 were of some 90bn.
ASSUMED_RESCUE = 1 / 30
HELD = 1e6  # days over which a book is sold that nobody sells
RESAMPLES = 400
PARTIES = {
    "liquidator": "What the sale brings less than the book was worth on the eve",
    "crowd": "The crowd's deepest loss beyond the one without the sale",
    "crowd_end": "The crowd's loss ten days after the sale, beyond the one without it",
    "hedge_desk": "The hedge desk's deepest loss beyond the one without the sale",
}


@dataclass(frozen=True)
class UnwindStudy:
    """What each speed costs each party.

    Attributes
    ----------
    scenario
        Whose market it is.
    table
        A row a party, speed (`days`) and `rescue`: median cost `q50` in % and its 10-90 % band over paths, `best` for
        the lowest median of a party with and without rescue, `as_good` where the difference from it may be chance (95 %
        interval of the paired difference of medians).
    units
        What a party's per cent are of.
    rescue
        The rescue in words.
    paths, seed
        Of the ensemble.
    """

    scenario: Scenario
    table: pd.DataFrame
    units: dict[str, str]
    rescue: str
    paths: int
    seed: int

    def best(self) -> dict[str, dict[str, Any]]:
        """By party, with and without rescue: the best speed, those that may be as good, and that of the lowest q90."""
        found: dict[str, dict[str, Any]] = {}
        for (party, rescue), rows in self.table.groupby(["party", "rescue"], sort=False):
            lowest = rows[rows["best"]].iloc[0]
            found.setdefault(str(party), {})["rescue" if rescue else "no_rescue"] = {
                "days": float(lowest["days"]),
                "cost": float(lowest["q50"]),
                "safest": float(rows.sort_values("q90", kind="stable").iloc[0]["days"]),
                "as_good": [float(day) for day in rows.loc[rows["as_good"], "days"]],
            }
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "scenario": self.scenario.name,
            "paths": self.paths,
            "seed": self.seed,
            "units": self.units,
            "rescue": self.rescue,
            "best": self.best(),
            "table": self.table.to_dict("records"),
        }


def unwind(
    scenario: Scenario,
    *,
    days: Sequence[float] = SPEEDS,
    paths: int = 50,
    seed: int = 1,
    injection: float | None = None,
    on: date | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> UnwindStudy:
    """Sell the scenario's book at every speed, with and without a rescue.

    The book is the large fund's where there is one, else the liquidator's. A rescue is the scenario's own, or
    `injection` (days of the market's value) `on` a day; where a scenario has none, the crowd's funds get a thirtieth
    of their capital before the opening of the fourth day from the event.

    Raises
    ------
    InputError
        With a line for every fault in the arguments, or if the scenario has nobody who sells.
    """
    check_arguments(paths, seed, workers)
    _check_speeds(scenario, days)
    rescue = _rescue(scenario, injection, on)
    cases = {
        (speed, saved): _settings(scenario, speed, rescue if saved else None)
        for saved in (False, True)
        for speed in days
    }
    base = _settings(scenario, max(days), None, held=True)
    total, done = paths * sum(item.clock.days for item in (*cases.values(), base)), 0

    def advance(path_days: int) -> None:
        nonlocal done
        done += path_days
        if progress is not None:
            progress(done / total)

    costs: dict[tuple[float, bool], list[dict[str, FloatArray]]] = {case: [] for case in cases}
    for first in range(0, paths, BLOCK):
        block = min(BLOCK, paths - first)
        markets = {case: Market(item, seed, block, first) for case, item in cases.items()}
        nobody = Market(base, seed, block, first)
        run_together([*markets.values(), nobody], workers or available_workers(), advance)
        for case, market in markets.items():
            costs[case].append(_costs(market, nobody))
    joined = {
        case: {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        for case, parts in costs.items()
    }
    return UnwindStudy(scenario, _table(joined), _units(scenario), _told(scenario, rescue), paths, seed)


# -- the runs ----------------------------------------------------------------------------------------------------------


def _check_speeds(scenario: Scenario, days: Sequence[float]) -> None:
    faults = [f"--days {day:g}: must lie in 0.1..1000 trading days" for day in days if not 0.1 <= day <= 1000]
    if not days:
        faults.append("--days: must list at least one number of trading days")
    elif len(set(days)) < len(days):
        faults.append("--days: must list each number of trading days once")
    if scenario.large_fund.book == 0 and scenario.liquidator.size == 0:
        faults.append(f"{scenario.name}: nobody sells: large_fund.book or liquidator.size must be above 0")
    if scenario.liquidator.kind == "futures" or scenario.settings.futures_fund_count:
        faults.append(f"{scenario.name}: its seller or crowd hedge with futures: must be of long-short funds")
    raise_faults(faults)


def _rescue(scenario: Scenario, injection: float | None, on: date | None) -> Rescue:
    """The scenario's rescue, or the one that it might have had, with what the caller says of it."""
    clock, found = scenario.clock, scenario.rescue
    if found.injection == 0:
        fourth = date.fromisoformat(str(clock.dates[min(clock.event_day + 3, clock.days - 1)]))
        receiver = "large_fund" if scenario.large_fund.book > 0 else "funds"
        found = Rescue(date=fourth, injection=ASSUMED_RESCUE * scenario.funds.capital, receiver=receiver)
    size, when = found.injection if injection is None else injection, on or found.date
    faults = []
    if not 0 < size <= 1e4:
        faults.append(f"--injection {size:g}: must lie above 0 and up to 10000 (days of the market's value)")
    if np.datetime64(str(when), "D") not in clock.dates[1:]:
        faults.append(f"--on {when}: must be a trading day of the scenario from {clock.dates[1]} to {clock.dates[-1]}")
    raise_faults(faults)
    return found.model_copy(update={"injection": size, "date": when})


def _settings(scenario: Scenario, days: float, rescue: Rescue | None, held: bool = False) -> Settings:
    """The market in which the book is sold over so many days, or by nobody."""
    settings = scenario.settings
    parts: dict[str, Any] = {
        "rescue": rescue or Rescue(),
        "clock": settings.clock.model_copy(update={"days": _first_sale(settings) + math.ceil(days) + AFTER + 1}),
    }
    if settings.large_fund.book > 0:
        starts = settings.clock.dates[_first_sale(settings)]
        speed = {"unwinds": date.fromisoformat(str(starts)), "unwind_days": HELD if held else days}
        parts["large_fund"] = settings.large_fund.model_copy(update=speed)
    else:
        speed = {"size": 0.0} if held else {"days": days, "schedule": "twap"}
        parts["liquidator"] = settings.liquidator.model_copy(update=speed)
    return settings.model_copy(update=parts)


def _first_sale(settings: Settings) -> int:
    """Index of the day on which the sale begins."""
    clock = settings.clock
    large = settings.large_fund.book > 0
    starts = settings.large_fund.unwinds if large else settings.liquidator.begins
    if starts is None:
        return clock.event_day
    return int(np.searchsorted(clock.dates, np.datetime64(str(starts), "D")))


# -- what it costs -----------------------------------------------------------------------------------------------------


def _costs(market: Market, nobody: Market) -> dict[str, FloatArray]:
    """Costs by path, as ratios: to the book sold, to the crowd's NAV on the eve, to the hedge desk's book."""
    eve, last = _first_sale(market.settings) - 1, market.settings.clock.days
    crowd, calm = _crowd_change(market, eve, last), _crowd_change(nobody, eve, last)
    return {
        "liquidator": _shortfall(market, eve),
        "crowd": calm.min(axis=1) - crowd.min(axis=1),
        "crowd_end": calm[:, -1] - crowd[:, -1],
        "hedge_desk": _hedge_loss(market, eve, last) - _hedge_loss(nobody, eve, last),
    }


def _shortfall(market: Market, eve: int) -> FloatArray:
    """What the book was worth on the eve less what it was sold for, over its units on the eve."""
    record, settings = market.record, market.settings
    value = market.state.baskets.shares[:, :1].sum(axis=2) + np.cumsum(record["crowded_book"], axis=1)
    start = value[:, eve]
    if settings.large_fund.book == 0:
        return start - market.state.ledger.cash[:, Party.LIQUIDATOR] / settings.liquidator.size
    units = settings.large_fund.book - np.cumsum(record["large_fund_sold"], axis=1)
    kept = record["large_fund_equity"] - units * value  # cash less debt: moves by sales and by new money
    rescue = settings.rescue
    comes = rescue.injection > 0 and rescue.receiver == "large_fund"
    late = comes and np.datetime64(str(rescue.date), "D") > settings.clock.dates[eve]
    sold = kept[:, -1] - kept[:, eve] - (rescue.injection if late else 0.0)
    return start - np.divide(sold, units[:, eve], out=start.copy(), where=units[:, eve] > 0)  # nothing left to sell: 0


def _crowd_change(market: Market, eve: int, last: int) -> FloatArray:
    """The average fund's change of NAV since the eve without the new money, shape (paths, days); starts with 0."""
    nav = market.record.nav[:, :last].mean(axis=2)
    rescue = market.settings.rescue
    if rescue.injection > 0 and rescue.receiver == "funds":
        day = int(np.searchsorted(market.dates, np.datetime64(str(rescue.date), "D")))
        nav[:, day:] -= (rescue.injection / market.starting_equity.sum(axis=1))[:, None]
    before = nav[:, eve : eve + 1]
    return np.concatenate([np.zeros_like(before), nav[:, eve + 1 :] / before - 1], axis=1)


def _hedge_loss(market: Market, eve: int, last: int) -> FloatArray:
    """Deepest loss of the hedge desk since the eve, over its book.

    Without such a desk: the cash that a holder of the crowd's book, who sells nothing, has had to pay in on his short,
    liquid legs at the worst, over that book.
    """
    result = market.desk_result
    if result is not None:
        closes = result.hedged_pnl.shape[1]
        first = closes - (market.settings.clock.days - eve)  # closes are counted from the last
        since = result.hedged_pnl[:, first : first + last - eve] - result.hedged_pnl[:, first : first + 1]
        return -since.min(axis=1) / result.start_value
    change = np.cumsum(market.record["crowded_book"][:, eve + 1 : last], axis=1)
    return market.settings.large_fund.short_leg_share * np.maximum(-change.min(axis=1), 0)


# -- the table ---------------------------------------------------------------------------------------------------------


def _table(costs: dict[tuple[float, bool], dict[str, FloatArray]]) -> pd.DataFrame:
    rows = []
    for party in PARTIES:
        for saved in (False, True):
            chosen = {speed: values[party] for (speed, rescue), values in costs.items() if rescue == saved}
            medians = {speed: float(np.median(values)) for speed, values in chosen.items()}
            best = min(medians, key=lambda speed: medians[speed])
            for speed, values in chosen.items():
                low, high = np.percentile(values, [10, 90])
                rows.append(
                    {
                        "party": party,
                        "days": float(speed),
                        "rescue": saved,
                        "q10": 100 * float(low),
                        "q50": 100 * medians[speed],
                        "q90": 100 * float(high),
                        "best": speed == best,
                        "as_good": _may_be_as_good(values, chosen[best]),
                    }
                )
    return pd.DataFrame(rows)


def _may_be_as_good(values: FloatArray, best: FloatArray) -> bool:
    """Whether the 95 % interval of the difference of medians, over paths that both have, reaches down to 0."""
    generator = np.random.default_rng(0)
    chosen = generator.integers(values.size, size=(RESAMPLES, values.size))
    gaps = np.median(values[chosen], axis=1) - np.median(best[chosen], axis=1)
    return bool(np.percentile(gaps, 2.5) <= 0)


def _units(scenario: Scenario) -> dict[str, str]:
    desk = "the hedge desk's book" if scenario.desk.size > 0 else "a book held, paid in on its short, liquid legs"
    return {
        "liquidator": "% of the book sold",
        "crowd": "% of the average fund's NAV on the eve",
        "crowd_end": "% of the average fund's NAV on the eve",
        "hedge_desk": f"% of {desk}",
    }


def _told(scenario: Scenario, rescue: Rescue) -> str:
    money = rescue.injection * scenario.market.daily_value / 1e9
    whom = "the large fund" if rescue.receiver == "large_fund" else "the crowd's funds"
    return f"{scenario.market.currency} {money:.3g} bn for {whom} before the opening of {rescue.date}"
