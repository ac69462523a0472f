"""The crowd's reserve and policy against the chance of a systemic unwind.

Every point is a whole crowd with another reserve or policy, in the same market on the same noise. A single fund's
reserve study cannot tell: there the market does not answer.
"""

from __future__ import annotations

import itertools
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from abm import FundKind, Market, available_workers, run_together
from abm.settings import News
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from scenarios.loading import changed, load_scenario
from scenarios.measures import ForcedShare, Outcome
from scenarios.run import check_arguments
from scenarios.schema import Scenario

RESERVES = (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.10, 0.15, 0.20)
POLICIES = ("full-rebalanced", "partial", "timing")
SLUMP = "slump.length"  # not a key of the file: its news that lasts more than a day goes on so many times as long
SYSTEMIC = 0.10  # share of the crowd's book sold under compulsion that makes an unwind systemic
ALPHA = 0.08  # a year, on the stock book: an assumption, not a result
HALF = 0.5
LONGEST_SLUMP = 10
OWN_KEYS = ("funds.reserve", "funds.policy")  # what every study varies
BATCH, BLOCK = 12, 100  # markets traded at a time, and paths of each: they bound the memory
RESAMPLES = 400


class Series(NamedTuple):
    """A crowd as its reserve varies: what else is changed, and what that is called."""

    label: str
    family: str  # policy, or the key that is varied
    changes: dict[str, Any]


@dataclass(frozen=True)
class Cliff:
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
        A row a series: the reserve at which the chance is one half, with a 95 % bootstrap interval; NaN if the
        reserves that were run do not bracket it.
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

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = ("scenario", "policy", "paths", "seed", "window", "alpha")
        tables = {name: getattr(self, name).to_dict("records") for name in ("points", "halves")}
        return {**{name: getattr(self, name) for name in names}, "systemic_share": SYSTEMIC, **tables}


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
    progress: Callable[[float], None] | None = None,
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
    paths, seed, overrides, workers, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    check_arguments(paths, seed, workers)
    checked = load_scenario(scenario, overrides)
    _check(checked, reserves, policies, alpha)
    started = time.perf_counter()
    chosen = sorted(set(reserves))
    series = _series(policies, vary or {})
    crowds = [_altered(checked, one, reserve) for one in series for reserve in chosen]
    found = _simulate(crowds, paths, seed, workers or available_workers(), progress)
    rows, halves = [], []
    for number, one in enumerate(series):
        own = found[number * len(chosen) : (number + 1) * len(chosen)]
        rows += [
            {"series": one.label, "family": one.family, "reserve": reserve, **point.row(alpha)}
            for reserve, point in zip(chosen, own, strict=True)
        ]
        halves.append({"series": one.label, "family": one.family, **_half(chosen, own, seed)})
    return Cliff(
        checked.name,
        str(checked.funds.policy),
        paths,
        seed,
        checked.clock.horizon,
        alpha,
        pd.DataFrame(rows),
        pd.DataFrame(halves),
        {
            "scenario": checked.name,
            "digest": checked.digest,
            "overrides": {key: str(value) for key, value in (overrides or {}).items()},
            "seed": seed,
            "paths": paths,
            "seconds": round(time.perf_counter() - started, 2),
            "versions": {"python": platform.python_version()}
            | {name: version(name) for name in ("crowdquake", "numpy")},
        },
    )


class _Point(NamedTuple):
    """One crowd's outcome by path."""

    systemic: FloatArray  # 1 or 0
    earned: FloatArray  # return on the swap-financed funds' equity over the window
    book: float  # of theirs, over equity

    def row(self, alpha: float) -> dict[str, float]:
        paths = self.systemic.size
        share = stats.binomtest(int(self.systemic.sum()), paths)
        low, high = share.proportion_ci(method="wilson")
        mean = float(self.earned.mean())
        error = float(1.96 * self.earned.std(ddof=1) / np.sqrt(paths)) if paths > 1 else float("nan")
        p10, p90 = np.percentile(self.earned, [10, 90])
        carry = alpha * self.book
        return {
            "systemic": float(share.statistic),
            "low": float(low),
            "high": float(high),
            "book": self.book,
            "carry": carry,
            "slump": mean,
            "slump_low": mean - error,
            "slump_high": mean + error,
            "with_slump": carry + mean,
            "p10": float(p10),
            "p90": float(p90),
        }


def _check(scenario: Scenario, reserves: Iterable[float], policies: Sequence[str], alpha: float) -> None:
    faults = []
    chosen = list(reserves)
    if scenario.settings.futures_fund_count == 0 or scenario.futures_funds.swap_share == 0:
        faults.append(f"{scenario.name}: its crowd holds no swap-financed futures funds: must have a reserve to vary")
    if len(set(chosen)) < 2 or not all(0 <= reserve <= 1 for reserve in chosen):
        told = ", ".join(f"{reserve:g}" for reserve in chosen)
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
    return changed(bare, {**changes, "funds.reserve": float(reserve)})


def _stretched(news: News, times: float) -> News:
    """News that goes on for so many times as many days, at least one; a single day's stays."""
    return news.model_copy(update={"days": max(round(times * news.days), 1)}) if news.days > 1 else news


def _simulate(
    crowds: list[Scenario], paths: int, seed: int, workers: int, progress: Callable[[float], None] | None
) -> list[_Point]:
    """Simulate all crowds on the same noise, a few at a time."""
    parts: list[list[_Point]] = [[] for _ in crowds]
    total = paths * sum(crowd.clock.days for crowd in crowds)
    done = 0

    def advance(path_days: int) -> None:
        nonlocal done
        done += path_days
        if progress is not None:
            progress(done / total)

    for first, start in itertools.product(range(0, paths, BLOCK), range(0, len(crowds), BATCH)):
        chosen = range(start, min(start + BATCH, len(crowds)))
        block = min(BLOCK, paths - first)
        markets = [Market(crowds[number].settings, seed, block, first) for number in chosen]
        run_together(markets, workers, advance)
        for number, market in zip(chosen, markets, strict=True):
            parts[number].append(_read(market))
    return [
        _Point(np.concatenate([p.systemic for p in part]), np.concatenate([p.earned for p in part]), part[0].book)
        for part in parts
    ]


def _read(market: Market) -> _Point:
    """Read off a crowd's outcome; returns are the swap-financed funds', whose reserve is varied."""
    outcome = Outcome(market.settings, market.record, None)
    swaps, event, window = market.record.kinds == FundKind.SWAP, outcome.event_day, market.settings.clock.horizon
    hedgers, kinds = market.state.futures_funds, market.record.kinds[market.record.kinds != FundKind.LONG_SHORT]
    held = hedgers.book[:, kinds == FundKind.SWAP]
    equity = held * (hedgers.initial + hedgers.reserve_wanted)[:, kinds == FundKind.SWAP]
    nav = market.record.nav[:, :, swaps]
    earned = nav[:, event + window - 1] / nav[:, event - 1] - 1
    systemic = (ForcedShare().values(outcome) > SYSTEMIC).astype(float)
    return _Point(systemic, np.average(earned, axis=1, weights=equity), float(held.sum() / equity.sum()))


def _half(reserves: Sequence[float], points: Sequence[_Point], seed: int) -> dict[str, float]:
    """Reserve at which the chance of a systemic unwind is one half, and its 95 % bootstrap interval over paths."""
    systemic = np.array([point.systemic for point in points])
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = generator.integers(systemic.shape[1], size=systemic.shape[1])
        drawn.append(crossing(reserves, systemic[:, chosen].mean(axis=1)))
    known = [value for value in drawn if not np.isnan(value)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) > RESAMPLES // 2 else (np.nan, np.nan)
    return {"half": crossing(reserves, systemic.mean(axis=1)), "low": float(low), "high": float(high)}


def crossing(reserves: Sequence[float], share: FloatArray) -> float:
    """Where the chance falls through one half, linearly between the reserves that were run; NaN if it does not."""
    for i in range(len(reserves) - 1):
        if share[i] >= HALF > share[i + 1]:
            return float(reserves[i] + (share[i] - HALF) / (share[i] - share[i + 1]) * (reserves[i + 1] - reserves[i]))
    return float("nan")


def parse_numbers(what: str, text: str, kind: str = "numbers", example: str = "0.02,0.05") -> list[float]:
    """Read numbers with commas between them; messages say what they belong to, of what kind they are, an example."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{what} {text}: must be {kind} with commas between them, as {example}") from None
    if not np.isfinite(found).all():
        raise InputError(f"{what} {text}: must be finite numbers")
    return found


def parse_vary(assignments: Iterable[str]) -> dict[str, list[float]]:
    """Read `key=value,value` words of a command line."""
    found: dict[str, list[float]] = {}
    for assignment in assignments:
        key, equals, values = (part.strip() for part in assignment.partition("="))
        if not key or not equals:
            raise InputError(f"--vary {assignment}: must be key=values, as in funds.crowding=0,0.5")
        if key in found:
            raise InputError(f"--vary {assignment}: {key} is given more than once: must be given once")
        found[key] = parse_numbers(f"--vary {key} =", values)
    return found
