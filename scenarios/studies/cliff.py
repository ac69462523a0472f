"""The crowd's reserve and policy against the chance of a systemic unwind.

Every point is a whole crowd with another reserve or policy, in the same market on the same noise. A single fund's
reserve study cannot tell: there the market does not answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from abm import FundKind, Market
from abm.settings import News
from cqkit.arrays import FloatArray
from cqkit.crossings import crossing
from cqkit.errors import InputError, raise_faults
from cqkit.showing import Shown
from cqkit.statistics import mean_interval, wilson
from scenarios.ensemble import Case, Progress, Size
from scenarios.loading import changed
from scenarios.measures import ForcedShare, Outcome
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, conduct, register

RESERVES = (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.10, 0.15, 0.20)
POLICIES = ("full-rebalanced", "partial", "timing")
SLUMP = "slump.length"  # not a key of the file: its news that lasts more than a day goes on so many times as long
SYSTEMIC = 0.10  # share of the crowd's book sold under compulsion that makes an unwind systemic
ALPHA = 0.08  # a year, on the stock book: an assumption, not a result
HALF = 0.5
LONGEST_SLUMP = 10
OWN_KEYS = ("funds.reserve", "funds.policy")  # what every study varies


class Series(NamedTuple):
    """A crowd as its reserve varies: what else is changed, and what that is called."""

    label: str
    family: str  # policy, or the key that is varied
    changes: dict[str, Any]


@dataclass(frozen=True, repr=False)
class Cliff(Shown):
    """How the chance of a systemic unwind falls with the crowd's reserve.

    Attributes
    ----------
    scenario, policy
        What was run, and the policy that the scenario's own crowd follows.
    paths, seed, window, alpha
        Histories a point, their seed, days over which losses are counted, and the return assumed on the stock book.
    points
        A row a series and reserve: `systemic` with its 95 % Wilson interval (`low`, `high`), and of the swap-financed
        funds `book` over equity, `carry` (alpha x book over equity, a year), `slump` (mean return on equity over the
        window) with a 95 % interval, `with_slump` (a year with one such slump in it), `p10`, `p90`; all ratios.
    halves
        A row a series: the reserve at which the chance is one half, with a 95 % interval; NaN if the reserves that
        were run do not bracket it.
    manifest
        Scenario digest, seconds, versions.
    """

    scenario: str
    policy: str
    paths: int
    seed: int
    window: int
    alpha: float
    points: pd.DataFrame
    halves: pd.DataFrame
    manifest: dict[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"points": self.points, "halves": self.halves}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = ("scenario", "policy", "paths", "seed", "window", "alpha")
        tables = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        told = {name: getattr(self, name) for name in names}
        return {**told, "systemic_share": SYSTEMIC, **tables, "manifest": self.manifest}


@register
@dataclass(frozen=True)
class CliffStudy(Study):
    """The whole crowd's reserve and policy against the chance of a systemic unwind."""

    name: ClassVar[str] = "cliff"
    size: ClassVar[Size] = Size(block=100, batch=12)
    reserves: tuple[float, ...] = RESERVES
    policies: tuple[str, ...] = POLICIES
    vary: Mapping[str, Sequence[float]] = field(default_factory=dict)
    alpha: float = ALPHA

    def check(self, scenario: Scenario) -> None:
        _check(scenario, self.reserves, self.policies, self.alpha)

    def series(self) -> list[Series]:
        """Crowds as their reserve varies."""
        return _series(self.policies, self.vary)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[tuple[str, float], Case]:  # noqa: ARG002
        return {
            (one.label, reserve): Case(_altered(scenario, one, reserve).settings)
            for one in self.series()
            for reserve in sorted(set(self.reserves))
        }

    def read(self, key: Any, market: Market) -> Crowd:  # noqa: ARG002
        return read_crowd(market)

    def result(self, found: Found) -> Cliff:
        chosen = sorted(set(self.reserves))
        rows, halves = [], []
        for one in self.series():
            crowds = [_joined(found.readings[one.label, reserve]) for reserve in chosen]
            told = {"series": one.label, "family": one.family}
            rows += [
                {**told, "reserve": reserve, **crowd.row(self.alpha)}
                for reserve, crowd in zip(chosen, crowds, strict=True)
            ]
            halves.append({**told, **_half(chosen, crowds)})
        scenario = found.scenario
        return Cliff(
            scenario.name,
            str(scenario.funds.policy),
            found.paths,
            found.seed,
            scenario.clock.horizon,
            self.alpha,
            pd.DataFrame(rows),
            pd.DataFrame(halves),
            found.manifest,
        )


def _joined(blocks: Sequence[Crowd]) -> Crowd:
    return Crowd(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def cliff(
    scenario: str | Path | Scenario,
    *,
    reserves: Sequence[float] = RESERVES,
    policies: Sequence[str] = POLICIES,
    vary: Mapping[str, Sequence[float]] | None = None,
    alpha: float = ALPHA,
    paths: int = 200,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Cliff:
    """Run the scenario's crowd at every reserve, under every policy, and with other keys varied one at a time.

    Parameters
    ----------
    scenario
        One whose crowd holds swap-financed futures funds: `funds.reserve` is theirs.
    reserves
        Ratios to the stock book.
    policies
        Followed by the whole crowd.
    vary
        Further series under the scenario's own policy: a key, as `funds.crowding`, and its values. `slump.length` makes
        news that lasts more than a day go on so many times as long.
    alpha
        Return a year that the stock book earns in a calm market: an assumption, which scales the carry.
    paths, seed, overrides, workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    study = CliffStudy(tuple(reserves), tuple(policies), dict(vary or {}), alpha)
    found: Cliff = conduct(
        study,
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found


class Crowd(NamedTuple):
    """One crowd's outcome by path."""

    systemic: FloatArray  # 1 or 0
    earned: FloatArray  # return on the swap-financed funds' equity over the window
    held: FloatArray  # all their books at the start
    equity: FloatArray  # all their equity then, in the same unit

    @property
    def book(self) -> float:
        """Book over equity, of all of them."""
        return float(self.held.sum() / self.equity.sum())

    def row(self, alpha: float) -> dict[str, float]:
        paths = self.systemic.size
        share = wilson(int(self.systemic.sum()), paths)
        slump = mean_interval(self.earned)
        p10, p90 = np.percentile(self.earned, [10, 90])
        carry = alpha * self.book
        return {
            "systemic": share.value,
            "low": share.low,
            "high": share.high,
            "book": self.book,
            "carry": carry,
            "slump": slump.value,
            "slump_low": slump.low,
            "slump_high": slump.high,
            "with_slump": carry + slump.value,
            "p10": float(p10),
            "p90": float(p90),
        }


def _check(scenario: Scenario, reserves: Sequence[float], policies: Sequence[str], alpha: float) -> None:
    faults = []
    if scenario.settings.futures_fund_count == 0 or scenario.futures_funds.swap_share == 0:
        faults.append(f"{scenario.name}: its crowd holds no swap-financed futures funds: must have a reserve to vary")
    if len(set(reserves)) < 2 or not all(0 <= reserve <= 1 for reserve in reserves):
        told = ", ".join(f"{reserve:g}" for reserve in reserves)
        faults.append(f"reserves = {told}: must be two or more ratios to the book, 0..1, not percent")
    if not policies:
        faults.append("policies: must name at least one")
    if not -1 <= alpha <= 1:
        faults.append(f"alpha = {alpha:g}: must lie in -1..1 (a ratio a year)")
    raise_faults(faults)


def _series(policies: Sequence[str], vary: Mapping[str, Sequence[float]]) -> list[Series]:
    series = [Series(policy, "policy", {"funds.policy": policy}) for policy in dict.fromkeys(policies)]
    for key, values in vary.items():
        series += [Series(f"{key} = {value:g}", key, {key: value}) for value in values]
    raise_faults([f"--vary {key}: is a study's own: must be another key" for key in vary if key in OWN_KEYS])
    labels = Counter(one.label for one in series)
    raise_faults([f"{label}: given {count} times: must be given once" for label, count in labels.items() if count > 1])
    return series


def _altered(scenario: Scenario, series: Series, reserve: float) -> Scenario:
    """The scenario with another crowd; its targets and counterfactuals, which are about its own, are left out."""
    changes = dict(series.changes)
    news = scenario.news
    if SLUMP in changes:
        times = changes.pop(SLUMP)
        if not 0 < times <= LONGEST_SLUMP or not any(item.days > 1 for item in news):
            raise InputError(
                f"{SLUMP} = {times:g}: must be above 0 and up to {LONGEST_SLUMP} (times as long), in a scenario whose "
                "news goes on for days"
            )
        news = tuple(_stretched(item, times) for item in news)
    bare = scenario.model_copy(update={"target": (), "counterfactual": (), "sensitivity": (), "news": news})
    return changed(bare, {**changes, "funds.reserve": float(reserve)}, own=scenario.settings)


def _stretched(news: News, times: float) -> News:
    """News that goes on for so many times as many days, at least one; a single day's stays."""
    return news.model_copy(update={"days": max(round(times * news.days), 1)}) if news.days > 1 else news


def read_crowd(market: Market) -> Crowd:
    """Read off a crowd's outcome; returns are the swap-financed funds', whose reserve is varied."""
    outcome = Outcome(market.settings, market.record, None)
    swaps, event, window = market.record.kinds == FundKind.SWAP, outcome.event_day, market.settings.clock.horizon
    hedgers, kinds = market.state.futures_funds, market.record.kinds[market.record.kinds != FundKind.LONG_SHORT]
    held = hedgers.book[:, kinds == FundKind.SWAP]
    equity = held * (hedgers.initial + hedgers.reserve_wanted)[:, kinds == FundKind.SWAP]
    nav = market.record.nav[:, :, swaps]
    earned = nav[:, event + window - 1] / nav[:, event - 1] - 1
    systemic = (ForcedShare().values(outcome) > SYSTEMIC).astype(float)
    return Crowd(systemic, np.average(earned, axis=1, weights=equity), held.sum(axis=1), equity.sum(axis=1))


def _half(reserves: Sequence[float], crowds: Sequence[Crowd]) -> dict[str, float]:
    """Reserve at which the chance of a systemic unwind is one half, with its 95 % interval; NaN if none brackets it.

    The interval is that of `cqkit.crossings`, which says no more than the reserves tried do; beyond them it reaches to
    the ends of what a reserve can be.
    """
    hits = {reserve: crowd.systemic > 0 for reserve, crowd in zip(reserves, crowds, strict=True)}
    found = crossing(hits, HALF)
    if found.outcome != "found":
        return {"half": np.nan, "low": np.nan, "high": np.nan}
    return {"half": found.value, "low": max(found.low, 0.0), "high": min(found.high, 1.0)}
