"""What results say of a hedge and its reserve: one definition for tables, charts and the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.statistics import bootstrap
from crowdquake.report.results import ResultFolder
from scenarios.reserves.mixing import MIXTURE

RUN, RESERVES = "RunResult", "Reserves"


@dataclass(frozen=True)
class Needed:
    """The reserve that is enough with a confidence, a ratio to the book; NaN where paths are too few to tell."""

    confidence: float
    reserve: float
    low: float
    high: float
    paths_needed: float


@dataclass(frozen=True)
class HedgeFacts:
    """A policy on a source, at the reserve held; ratios to the book unless they say money.

    Attributes
    ----------
    result
        Whose folder it is in.
    policy, source
        What was held on what.
    probability, low, high, without
        Of a margin call, its 95 % interval, and the same where nobody liquidates (NaN if not known).
    first, first_early, first_late
        When the first call comes: most often, and the 10 and 90 % quantiles of called paths; empty without one.
    new_money, new_money_most
        Called in all, in money: mean over called paths, and the most.
    expected, worst
        The shortfall beyond the reserve, in money: over all paths, and the most.
    needed
        By confidence.
    reduced
        Whether calls that the reserve does not meet cut both legs: needs are then those of what was left.
    """

    result: ResultFolder
    policy: str
    source: str
    reserve: float
    book_money: float
    currency: str
    paths: int
    probability: float
    low: float
    high: float
    without: float
    first: str
    first_early: str
    first_late: str
    first_call: float
    new_money: float
    new_money_most: float
    expected: float
    worst: float
    needed: tuple[Needed, ...]
    reduced: bool = False

    @property
    def told(self) -> str:
        """Policy and source."""
        return f"{self.policy} / {self.source}"

    def expected_between(self) -> tuple[float, float]:
        """The 95 % interval of the expected shortfall, in money; NaN if paths were not kept.

        A percentile interval, since most paths have no shortfall and few have much; drawn only where it is asked for.
        """
        by_path = shortfalls(self.result)
        name = "main" if self.result.study == RUN else self.told
        if name not in by_path:
            return np.nan, np.nan
        shortfall, book, _ = by_path[name]
        low, high = bootstrap(lambda chosen: float(shortfall[chosen].mean()), shortfall.size)
        return low * book, high * book

    def beyond_held(self, ratio: float) -> bool:
        """Whether a need is known only to be above the reserve held: both legs were cut there."""
        return self.reduced and ratio > self.reserve

    @property
    def sure(self) -> Needed | None:
        """The reserve for the highest confidence up to 99 % that the paths can tell; None where needs were cut."""
        known = [item for item in self.needed if item.confidence <= 0.99 and not np.isnan(item.reserve)]
        return known[-1] if known and not self.reduced else None


def hedge_facts(results: Sequence[ResultFolder]) -> list[HedgeFacts]:
    """All policies on all sources of runs and reserves, in their order."""
    found: list[HedgeFacts] = []
    for result in results:
        if result.study == RUN and result.accounts:
            found.append(_of_run(result))
        elif result.study == RESERVES:
            found += _of_reserves(result)
    return found


def leading(facts: Sequence[HedgeFacts]) -> HedgeFacts | None:
    """The one that the first page is about, reserves before runs: of the first policy, on what was asked about.

    As in the sentence of `reserve`: the mixture where sources were weighted, else the scenario in which a call is
    likeliest, which path models and series only stand beside; without a scenario any source.
    """
    studied = [one for one in facts if one.result.study == RESERVES] or list(facts[:1])
    first = [one for one in studied if one.policy == studied[0].policy and one.result is studied[0].result]
    mixed = [one for one in first if one.source == MIXTURE]
    simulated = [one for one in first if one.source in one.result.scenarios]
    return max(mixed or simulated or first, key=lambda one: (one.probability, one.expected), default=None)


def named(facts: HedgeFacts, results: Sequence[ResultFolder]) -> str:
    """Policy and source, with the folder's name where there are several of them."""
    told = facts.told
    several = sum(result.study in {RUN, RESERVES} for result in results) > 1
    return f"{facts.result.label}: {told}" if several else told


def shortfalls(result: ResultFolder) -> dict[str, tuple[FloatArray, float, str]]:
    """Largest shortfall beyond the reserve by path, a ratio to the book, with book and currency; by its name."""
    if result.study == RUN and result.accounts:
        return {name: (needs.shortfall, needs.start_value, needs.currency) for name, needs in result.needs.items()}
    if result.study == RESERVES and result.has("by_path"):
        worth: dict[Any, Any] = {
            (row["policy"], row["source"]): row for row in result.table("calls").to_dict("records")
        }
        return {
            " / ".join(map(str, key)): (
                rows["shortfall"].to_numpy(dtype=np.float64),
                float(worth[key]["book_money"]),
                str(worth[key]["currency"]),
            )
            for key, rows in result.table("by_path").groupby(["policy", "source"], sort=False)
        }
    return {}


def _of_run(result: ResultFolder) -> HedgeFacts:
    needs, desk, dates = result.needs["main"], result.run.scenario.desk, result.account_dates
    found = needs.calls_found(lambda day: f"{dates[day]:%Y-%m-%d}")
    book = needs.start_value
    twin = result.needs.get("twin")
    alone = result.run.scenario.liquidator.size == 0 and result.run.scenario.large_fund.book == 0
    return HedgeFacts(
        result=result,
        policy=desk.policy,
        source=result.run.manifest["scenario"],
        reserve=needs.reserve,
        book_money=book,
        currency=needs.currency,
        paths=needs.paths,
        probability=found["probability"],
        low=found["low"],
        high=found["high"],
        without=np.nan if twin is None or alone else twin.called.size / twin.paths,
        first=found["first_most_frequent"],
        first_early=found["first_q10"],
        first_late=found["first_q90"],
        first_call=found["first_call"] * book,
        new_money=found["new_money_mean"] * book,
        new_money_most=found["new_money_most"] * book,
        expected=found["shortfall_expected"] * book,
        worst=found["shortfall_worst"] * book,
        needed=tuple(Needed(**row) for row in needs.reserves()),
        reduced=desk.when_exhausted == "reduce",
    )


def _of_reserves(result: ResultFolder) -> list[HedgeFacts]:
    needed = result.table("reserves")
    return [
        HedgeFacts(
            result=result,
            policy=str(row["policy"]),
            source=str(row["source"]),
            reserve=row["reserve"],
            book_money=row["book_money"],
            currency=str(row["currency"]),
            paths=int(row["paths"]),
            probability=row["probability"],
            low=row["low"],
            high=row["high"],
            without=row["probability_without_liquidator"],
            first=_said(row["first_most_frequent"]),
            first_early=_said(row["first_q10"]),
            first_late=_said(row["first_q90"]),
            first_call=row["first_call_money"],
            new_money=row["new_money_mean_money"],
            new_money_most=row["new_money_most_money"],
            expected=row["shortfall_expected_money"],
            worst=row["shortfall_worst_money"],
            needed=tuple(
                Needed(item["confidence"], item["reserve"], item["low"], item["high"], item["paths_needed"])
                for item in needed[(needed["policy"] == row["policy"]) & (needed["source"] == row["source"])].to_dict(
                    "records"
                )
            ),
        )
        for row in result.table("calls").to_dict("records")
    ]


def _said(cell: Any) -> str:
    return cell if isinstance(cell, str) else ""
