"""Is the reserve enough? Policies on scenarios, path models and the user's own series, side by side on one account."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from abm import Settings
from cqkit.manifest import file_digests, manifest
from hedging.holdings import Holdings, read_book
from hedging.models.paths import StockBook
from hedging.series import load_closes
from hedging.series.frames import Source as Table
from hedging.series.reading import TOLD_BY_THE_FILE, Reading
from hedging.series.trusting import trusted_past
from scenarios.ensemble import Progress
from scenarios.loading import changed
from scenarios.reserves import MIXTURE, ModelSource, Reserves, ScenarioSource, SeriesSource, Source, Weighted
from scenarios.reserves.answering import model_answers, series_answers
from scenarios.reserves.answers import Answer
from scenarios.reserves.asked import (
    SCENARIO_PATHS,
    Asked,
    agreed_book,
    agreed_days,
    agreed_policies,
    agreed_tail,
    agreed_terms,
    agreed_value,
    book_beta,
    book_notes,
    check_numbers,
    one_account,
)
from scenarios.reserves.mixing import mixtures
from scenarios.reserves.result import all_notes
from scenarios.reserves.sources import parse_sources
from scenarios.reserves.steering import STEERED
from scenarios.schema import Scenario
from scenarios.studies.base import cases_of, conduct
from scenarios.studies.reserve import DeskReserveStudy

_ONE = (str, PathLike, pd.DataFrame, pd.Series, Scenario)
_ORDER: tuple[type[Source], ...] = (SeriesSource, ModelSource, ScenarioSource)


def reserve(
    sources: str | Path | Table | Scenario | Sequence[str | Path | Table | Scenario],
    *,
    policies: Sequence[str] = (),
    reserve: float | None = None,
    margin: float | None = None,
    contract_name: str | None = None,
    days: int | None = None,
    paths: int | None = None,
    seed: int = 1,
    crowding: Sequence[float] | None = None,
    index: Table | None = None,
    book: str | PathLike[str] | Holdings | None = None,
    value: float | None = None,
    level: float | None = None,
    sampling: str = STEERED,
    tail_paths: int | None = None,
    alpha: float = 0.0,
    tracking_error: float = 0.0,
    accept_jumps: bool = False,
    reading: Reading = TOLD_BY_THE_FILE,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Reserves:
    """Say how much reserve policies need in every source, and what happens at the one that is held.

    Parameters
    ----------
    sources
        Scenarios (`"china-2024"`), path models (`"gbm:volatility=0.25"`), series of the user's own (`"index.csv"`,
        `"series:index=index.csv,fund=fund.csv,start=2007-06-29"`, or a frame). Those with weights (`"calm@0.9"`) are
        mixed besides.
    policies, reserve, margin
        Of all sources alike. Default: those of the first scenario's desk; without a scenario `full`, 0.15 and the
        contract's margin.
    contract_name
        What is shorted; default: index futures with the margin above.
    days
        How long the hedge lasts on path models; default: as long as in the longest scenario, else 250.
    paths
        Histories of every source; default: 400 of a scenario, 10,000 of a path model.
    crowding
        At which scenarios are tried besides their own; default: 0, 0.5 and 1, where they were tested there.
    index
        The index up to today: path models look back on it, and the bootstrap draws from it.
    book
        A file of holdings, or `example`: the desk's stock book in every scenario, of which is sold what has to be. Of
        holdings that are read already the scenarios know the worth alone.
    value
        What the book is worth, in money; default: as its file says, or as the first scenario's desk.
    level
        How surely the reserve has to be enough, as 0.999; default: the usual confidences, as far as the paths tell.
    sampling, tail_paths
        `steered`: so many more paths of every scenario (1,000) are steered to where that reserve is needed, and
        weighted for it; `plain`: none are (docs/tails.md).
    alpha, tracking_error
        Of the stock book against the index on path models, ratios a year.
    accept_jumps, reading
        How series are taken and read.
    overrides
        Keys of all scenarios set to other values.
    seed, workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    asking = Asking.of(
        sources,
        policies=policies,
        reserve=reserve,
        margin=margin,
        contract_name=contract_name,
        days=days,
        paths=paths,
        seed=seed,
        crowding=crowding,
        index=index,
        book=book,
        value=value,
        level=level,
        tail_paths=agreed_tail(level, sampling, tail_paths, paths),
        stock=StockBook(alpha=alpha, tracking_error=tracking_error),
        accept_jumps=accept_jumps,
        reading=reading,
        overrides=overrides,
        workers=workers,
    )
    return asking.answer(workers=workers, executor=executor, progress=progress)


@dataclass(frozen=True)
class Asking:
    """Sources with what is asked of them, looked at as a whole before anything is simulated.

    Attributes
    ----------
    sources
        With their weights.
    asked
        Of all alike.
    changes
        Keys of all scenarios that are set otherwise.
    notes
        What is to be known of the index that path models look back on.
    inputs
        Files that go in, by what they are.
    """

    sources: tuple[Weighted, ...]
    asked: Asked
    changes: Mapping[str, Any]
    notes: tuple[str, ...]
    inputs: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        sources: str | Path | Table | Scenario | Sequence[str | Path | Table | Scenario],
        *,
        policies: Sequence[str],
        reserve: float | None,
        margin: float | None,
        contract_name: str | None,
        days: int | None,
        paths: int | None,
        seed: int,
        crowding: Sequence[float] | None,
        index: Table | None,
        book: str | PathLike[str] | Holdings | None,
        value: float | None,
        level: float | None,
        tail_paths: int,
        stock: StockBook,
        accept_jumps: bool,
        reading: Reading,
        overrides: Mapping[str, Any] | None,
        workers: int | None,
    ) -> Asking:
        """Read sources, book and index; InputError with a line for every fault."""
        check_numbers(paths, seed, workers, days, value)
        changes = one_account(overrides)
        if isinstance(book, str | PathLike):
            read_book(book, value=value)  # its faults are told once, whatever the scenarios
            changes["desk.book"] = str(book)
        given: list[Any] = [sources] if isinstance(sources, _ONE) else list(sources)
        worth = book.total if isinstance(book, Holdings) and value is None else value
        found = tuple(_sized(item, worth) for item in parse_sources(given, changes))
        scenarios = [item.source.scenario for item in found if isinstance(item.source, ScenarioSource)]
        holdings = agreed_book(book, value, scenarios)
        past = None if index is None else load_closes(index, reading, name="index")
        doubts = [] if past is None else [*past.attrs.get("notes", ()), *trusted_past(past, accept_jumps)]
        asked = Asked(
            policies=agreed_policies(policies, scenarios),
            terms=agreed_terms(
                scenarios,
                reserve=reserve,
                margin=margin,
                contract_name=contract_name,
                currency=holdings.currency if holdings is not None else "",
            ),
            days=agreed_days(days, scenarios),
            paths=paths,
            seed=seed,
            crowding=None if crowding is None else tuple(crowding),
            value=agreed_value(holdings, value, scenarios),
            book=holdings,
            past=past,
            stock=replace(stock, beta=book_beta(holdings)),
            impact=scenarios[0].impact if scenarios else None,
            accept_jumps=accept_jumps,
            reading=reading,
            level=level,
            tail_paths=tail_paths,
        )
        asking = cls(found, asked, changes, (*doubts, *book_notes(holdings, book, found)), {"index": index})
        asking.markets()
        return asking

    @property
    def study(self) -> DeskReserveStudy:
        """What is put to every scenario."""
        asked = self.asked
        return DeskReserveStudy(
            asked.policies, asked.reserve, asked.margin, asked.crowding, asked.level, asked.tail_paths
        )

    def markets(self) -> list[Settings]:
        """Settings of all markets that are simulated; InputError if one cannot be."""
        found: list[Settings] = []
        for item in self.sources:
            if isinstance(item.source, ScenarioSource):
                cases = cases_of(self.study, item.source.scenario, self.asked.paths or SCENARIO_PATHS, self.asked.seed)
                found += [case.settings for case in cases.values()]
        return found

    def answer(
        self,
        *,
        workers: int | None = None,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> Reserves:
        """Simulate and replay all; arguments as of `reserve`."""
        started = time.perf_counter()
        answers: list[Answer] = []
        varied: list[Answer] = []
        notes: list[Sequence[str]] = [self.notes]
        manifests: list[dict[str, Any]] = []
        # What takes long comes last: faults of files are told before.
        for number, item in enumerate(sorted(self.sources, key=lambda item: _ORDER.index(type(item.source)))):

            def done(share: float, before: int = number) -> None:
                if progress is not None:
                    progress((before + share) / len(self.sources))

            source = item.source
            if isinstance(source, ScenarioSource):
                found = self._conducted(source, workers, executor, done)
                answers += [replace(one, source=source.label) for one in found.answers]
                varied += [replace(one, source=source.label) for one in found.varied]
                notes.append([f"{source.label}: {note}" for note in found.manifest.get("notes", [])])
                manifests.append(found.manifest)
            elif isinstance(source, ModelSource):
                answers += model_answers(source, self.asked, done)
            else:
                its_own, told = series_answers(source, self.asked)
                answers += its_own
                notes.append(told)
            done(1.0)
        weights = {item.source.label: item.weight for item in self.sources if item.weight is not None}
        answers += mixtures(weights, answers, self.asked.impact)
        made = self._manifest(manifests, time.perf_counter() - started)
        asked = self.asked
        return Reserves(
            self._in_order(answers), tuple(varied), asked.reserve, asked.margin, asked.book, all_notes(notes), made
        )

    def _in_order(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """Policy by policy, the sources as they were given."""
        policies = list(dict.fromkeys(one.policy for one in answers))
        sources = [*(item.source.label for item in self.sources), MIXTURE]
        return tuple(sorted(answers, key=lambda one: (policies.index(one.policy), sources.index(one.source))))

    def _conducted(
        self, source: ScenarioSource, workers: int | None, executor: Executor | None, progress: Progress
    ) -> Reserves:
        found: Reserves = conduct(
            self.study,
            source.scenario,
            paths=self.asked.paths or SCENARIO_PATHS,
            seed=self.asked.seed,
            workers=workers,
            executor=executor,
            progress=progress,
        )
        return found

    def _manifest(self, studies: Sequence[dict[str, Any]], seconds: float) -> dict[str, Any]:
        asked = self.asked
        told = {item.source.label: item.weight for item in self.sources}
        book = {} if asked.book is None else {"book": {"sha256": asked.book.digest}}
        files: dict[str, Any] = dict(self.inputs)
        for item in self.sources:
            if isinstance(item.source, SeriesSource):
                its_own = {"fund": item.source.fund, "futures": item.source.futures}
                files |= {item.source.label: item.source.index}
                files |= {f"{item.source.label}, {name}": file for name, file in its_own.items()}
        return manifest(
            seconds=seconds,
            seed=asked.seed,
            paths=asked.paths,
            level=asked.level,
            tail_paths=asked.tail_paths,
            overrides=self.changes,
            sources=told,
            policies=list(asked.policies),
            terms=asked.terms.changes(),
            days=asked.days,
            synthetic_index=any(one["synthetic_index"] for one in studies),
            studies=list(studies),
            inputs=file_digests(files) | book,
        )


def _sized(item: Weighted, worth: float | None) -> Weighted:
    """A scenario whose desk's book is worth so much money; other sources as they are."""
    source: Source = item.source
    if worth is None or not isinstance(source, ScenarioSource):
        return item
    size = worth / source.scenario.market.daily_value
    return replace(item, source=replace(source, scenario=changed(source.scenario, {"desk.size": size})))
