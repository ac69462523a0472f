"""The board: every row run and judged, misses first; rows that the laws were fitted to stand apart."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

import validation.rows  # noqa: F401  # that they are known
from cqkit.errors import CrowdquakeError, InputError
from cqkit.manifest import manifest
from validation.figures import VERDICTS, Figure, Verdict, worst
from validation.row import ROWS, CannotBeExpressedError, Kind, NotRunError, Row
from validation.trial import Trial

KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: dict[Kind, str] = {
    "out of sample": "Out of sample: no law was fitted to these",
    "in sample": "In sample: the laws were fitted to these, or they are put in",
    "closed form": "Closed forms: what follows from the laws as they are written",
}


@dataclass(frozen=True)
class Judged:
    """A row with what came out.

    Attributes
    ----------
    row
        As it is declared.
    figures
        Its numbers; empty where it was not run.
    verdict
        On the worst of them.
    why
        Why it was not run, or what is missing; "" otherwise.
    seconds
        That it took.
    """

    row: Row
    figures: tuple[Figure, ...]
    verdict: Verdict
    why: str
    seconds: float


@dataclass(frozen=True)
class Board:
    """All rows judged: by kind, misses first."""

    judged: tuple[Judged, ...]
    manifest: dict[str, Any]

    @property
    def counts(self) -> dict[Kind, dict[Verdict, int]]:
        """How many rows have which verdict, by kind."""
        found = {kind: Counter(item.verdict for item in self.of(kind)) for kind in KINDS}
        return {kind: {verdict: counted[verdict] for verdict in VERDICTS} for kind, counted in found.items()}

    @property
    def papers(self) -> tuple[str, ...]:
        """The papers that its rows are from."""
        return tuple(dict.fromkeys(item.row.paper for item in self.judged))

    @property
    def holds(self) -> bool:
        """Whether no closed form is missed: what a paper found in data may be, and is told."""
        return not any(item.verdict == "missed" for item in self.of("closed form"))

    def of(self, kind: Kind) -> list[Judged]:
        """Rows of a kind, misses first."""
        chosen = [item for item in self.judged if item.row.kind == kind]
        return sorted(chosen, key=lambda item: VERDICTS.index(item.verdict))

    def tables(self) -> dict[str, pd.DataFrame]:
        """A row a figure, and a row a row of the board."""
        return {"figures": pd.DataFrame(_figure_rows(self)), "rows": pd.DataFrame(_rows(self))}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        figures: dict[str, list[dict[str, Any]]] = {}
        for entry in _figure_rows(self):
            figures.setdefault(entry.pop("row"), []).append(entry)
        every = [{**entry, "figures": figures.get(entry["row"], [])} for entry in _rows(self)]
        return {"counts": self.counts, "papers": len(self.papers), "rows": every, "manifest": self.manifest}


def validate(
    paper: str | None = None,
    *,
    fast: bool = False,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Board:
    """Run the board of published results.

    Parameters
    ----------
    paper
        Part of a paper's or row's name: only such rows are run.
    fast
        Few paths, and long runs left out: minutes instead of a quarter of an hour.
    seed, workers
        As of `run`.
    overrides
        Scenario keys set otherwise in all scenarios, as `{"impact.strength": 1.5}`: which rows turn red?
    progress
        Told the share of the rows done.

    Raises
    ------
    InputError
        When no row is of that paper, or a scenario cannot be had with what is set otherwise.
    """
    started = time.perf_counter()
    chosen = chosen_rows(paper)
    trial = Trial(fast=fast, seed=seed, overrides=overrides, workers=workers)
    _ = trial.impact  # keys that no scenario has are told before anything is run
    judged = []
    for number, item in enumerate(chosen, 1):
        judged.append(judge(item, trial))
        if progress is not None:
            progress(number / len(chosen))
    told = manifest(
        seconds=time.perf_counter() - started, seed=seed, paths=trial.paths(), overrides=overrides, fast=fast
    )
    return Board(tuple(judged), told)


def chosen_rows(paper: str | None) -> list[Row]:
    """The rows of a paper, by part of its name or of a row's; all without one."""
    every = [item for _, item in ROWS.items()]
    if paper is None:
        return every
    word = paper.casefold()
    found = [item for item in every if word in item.paper.casefold() or word in item.name.casefold()]
    if not found:
        known = ", ".join(sorted({item.paper for item in every}))
        raise InputError(f"--paper {paper or '(empty)'}: no row is of that paper: must be part of one of {known}")
    return found


def judge(item: Row, trial: Trial) -> Judged:
    """Run a row and give its verdict; a market that leaves its range is a miss."""
    started = time.perf_counter()
    figures: tuple[Figure, ...] = ()
    why = ""
    verdict: Verdict
    try:
        figures = tuple(item.compute(trial))
        verdict = worst(figure.verdict for figure in figures)
    except CannotBeExpressedError as missing:
        verdict, why = "cannot be expressed", str(missing)
    except NotRunError as reason:
        verdict, why = "not run", str(reason)
    except CrowdquakeError as error:
        verdict, why = "missed", str(error)
    return Judged(item, figures, verdict, why, time.perf_counter() - started)


def _figure_rows(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "row": item.row.name,
            "figure": figure.name,
            "published": figure.published,
            "measured": figure.measured,
            "interval_low": _end(figure.interval, 0),
            "interval_high": _end(figure.interval, 1),
            "allowed_low": _finite(figure.low),
            "allowed_high": _finite(figure.high),
            "verdict": figure.verdict,
        }
        for kind in KINDS
        for item in board.of(kind)
        for figure in item.figures
    ]


def _rows(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "row": item.row.name,
            "verdict": item.verdict,
            "kind": kind,
            "paper": item.row.paper,
            "place": item.row.place,
            "states": item.row.statement,
            "certainty": item.row.certainty,
            "run": item.row.run,
            "tolerance": item.row.tolerance,
            "why": item.why,
            "seconds": round(item.seconds, 1),
        }
        for kind in KINDS
        for item in board.of(kind)
    ]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _end(interval: Sequence[float] | None, which: int) -> float | None:
    return None if interval is None else _finite(interval[which])
