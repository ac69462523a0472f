"""Long pain or short pain: one book sold over one day or over two years, and what that costs whom.

Every speed, with and without a rescue, is a run on the same noise, beside one in which nobody sells and nobody is
rescued. What a party loses is told against that run over the same days, path by path: a long sale must not look bad
because more happens in two years than in two days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Market, Settings
from abm.settings import Rescue
from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from cqkit.showing import Shown
from cqkit.statistics import paired_medians
from scenarios.ensemble import Case, Progress, Size
from scenarios.sales import Sold, costs_of, first_sale, read_sale
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, conduct, register

SPEEDS = (1, 2, 5, 10, 20, 60, 125, 250, 500)  # trading days; 250 are a year
AFTER = 10  # days that are looked at after the last sale
# Where a scenario has no rescue: new money over the crowd's capital, as USD 3bn in August 2007 were of some 90bn.
ASSUMED_RESCUE = 1 / 30
HELD = 1e6  # days over which a book is sold that nobody sells
NOBODY = "nobody sells"  # the case that all others are held against
PARTIES = {
    "liquidator": "What the sale brings less than the book was worth on the eve",
    "crowd": "The crowd's deepest loss beyond the one without the sale",
    "crowd_end": "The crowd's loss ten days after the sale, beyond the one without it",
    "hedge_desk": "The hedge desk's deepest loss beyond the one without the sale",
}


@dataclass(frozen=True, repr=False)
class Unwinding(Shown):
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
    manifest
        Scenario digest, overrides, seconds, versions.
    """

    scenario: Scenario
    table: pd.DataFrame
    units: dict[str, str]
    rescue: str
    paths: int
    seed: int
    manifest: dict[str, Any]

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

    def tables(self) -> dict[str, pd.DataFrame]:
        """The table by the name of its file, with the scenario as its last column."""
        return {"unwinding": self.table.assign(scenario=self.scenario.name)}

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
            "manifest": self.manifest,
        }


@dataclass(frozen=True, repr=False)
class Unwindings(Shown):
    """One book's sale studied in several markets."""

    studies: tuple[Unwinding, ...]

    @property
    def manifest(self) -> dict[str, Any]:
        """What all studies have in common, and their own manifests."""
        own = [study.manifest for study in self.studies]
        shared = {key: own[0][key] for key in own[0] if all(one.get(key) == own[0][key] for one in own)}
        synthetic = any(one["synthetic_index"] for one in own)
        return {**shared, "synthetic_index": synthetic, "studies": own}

    def tables(self) -> dict[str, pd.DataFrame]:
        """All studies' tables in one."""
        return {"unwinding": pd.concat([study.tables()["unwinding"] for study in self.studies], ignore_index=True)}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"studies": [study.as_json() for study in self.studies]}


@register
@dataclass(frozen=True)
class UnwindStudy(Study):
    """One book sold over a day or two years, with and without a rescue.

    The book is the large fund's where there is one, else the liquidator's. A rescue is the scenario's own, or
    `injection` (days of the market's value) `on` a day; where a scenario has none, the crowd's funds get a thirtieth of
    their capital before the opening of the fourth day from the event.
    """

    name: ClassVar[str] = "unwind"
    size: ClassVar[Size] = Size(block=50, batch=10_000)  # all cases on one drawing of the noise
    days: tuple[float, ...] = SPEEDS
    injection: float | None = None
    on: date | None = None

    def check(self, scenario: Scenario) -> None:
        _check_speeds(scenario, self.days)
        self.rescue(scenario)

    def rescue(self, scenario: Scenario) -> Rescue:
        """The rescue of the cases that have one."""
        return _rescue(scenario, self.injection, self.on)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Any, Case]:  # noqa: ARG002
        rescue = self.rescue(scenario)
        cases: dict[Any, Case] = {
            (speed, saved): Case(_settings(scenario, speed, rescue if saved else None))
            for saved in (False, True)
            for speed in self.days
        }
        return cases | {NOBODY: Case(_settings(scenario, max(self.days), None, held=True))}

    def read(self, key: Any, market: Market) -> Sold:  # noqa: ARG002
        return read_sale(market)

    def result(self, found: Found) -> Unwinding:
        sold = {
            key: Sold(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))
            for key, blocks in found.readings.items()
        }
        nobody, scenario = sold.pop(NOBODY), found.scenario
        costs = {key: costs_of(one, nobody) for key, one in sold.items()}
        told = _told(scenario, self.rescue(scenario))
        return Unwinding(scenario, _table(costs), _units(scenario), told, found.paths, found.seed, found.manifest)


def unwind(
    scenario: str | Path | Scenario,
    *,
    days: Sequence[float] = SPEEDS,
    paths: int = 50,
    seed: int = 1,
    injection: float | None = None,
    on: date | None = None,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Unwinding:
    """Sell the scenario's book at every speed, with and without a rescue.

    Parameters
    ----------
    scenario
        One in which somebody sells: a name, a TOML file, or a loaded scenario.
    days
        Trading days that the sale takes, one run each.
    injection, on
        The rescue's new money, in days of the market's value, and its day; default: the scenario's, or an assumed one
        (`UnwindStudy`).
    paths, seed, overrides, workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault in the arguments, or if the scenario has nobody who sells.
    """
    raise_faults(_injection_faults(injection))  # named as it was given, NaN too
    found: Unwinding = conduct(
        UnwindStudy(tuple(days), injection, on),
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found


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


def _injection_faults(size: float | None) -> list[str]:
    if size is None or 0 < size <= 1e4:
        return []
    return [f"--injection {size:g}: must lie above 0 and up to 10000 (days of the market's value)"]


def _rescue(scenario: Scenario, injection: float | None, on: date | None) -> Rescue:
    """The scenario's rescue, or the one that it might have had, with what the caller says of it."""
    clock, found = scenario.clock, scenario.rescue
    if found.injection == 0:
        fourth = date.fromisoformat(str(clock.dates[min(clock.event_day + 3, clock.days - 1)]))
        receiver = "large_fund" if scenario.large_fund.book > 0 else "funds"
        found = Rescue(date=fourth, injection=ASSUMED_RESCUE * scenario.funds.capital, receiver=receiver)
    size, when = found.injection if injection is None else injection, on or found.date
    faults = _injection_faults(size)
    if np.datetime64(str(when), "D") not in clock.dates[1:]:
        faults.append(f"--on {when}: must be a trading day of the scenario from {clock.dates[1]} to {clock.dates[-1]}")
    raise_faults(faults)
    return found.model_copy(update={"injection": size, "date": when})


def _settings(scenario: Scenario, days: float, rescue: Rescue | None, held: bool = False) -> Settings:
    """The market in which the book is sold over so many days, or by nobody."""
    settings = scenario.settings
    parts: dict[str, Any] = {
        "rescue": rescue or Rescue(),
        "clock": settings.clock.model_copy(update={"days": first_sale(settings) + math.ceil(days) + AFTER + 1}),
    }
    if settings.large_fund.book > 0:
        starts = settings.clock.dates[first_sale(settings)]
        speed = {"unwinds": date.fromisoformat(str(starts)), "unwind_days": HELD if held else days}
        parts["large_fund"] = settings.large_fund.model_copy(update=speed)
    else:
        speed = {"size": 0.0} if held else {"days": days, "schedule": "twap"}
        parts["liquidator"] = settings.liquidator.model_copy(update=speed)
    return settings.model_copy(update=parts)


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
                        "as_good": paired_medians(values, chosen[best])[0] <= 0,
                    }
                )
    return pd.DataFrame(rows)


def _units(scenario: Scenario) -> dict[str, str]:
    desk = "the hedge desk's book" if scenario.desk_size > 0 else "a book held, paid in on its short, liquid legs"
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
