"""The reserve of a hedge set in advance: by reflection, and by simulation for any policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import pandas as pd

from cqkit.errors import raise_faults
from cqkit.manifest import file_digests, manifest
from cqkit.showing import Shown
from hedging.contracts.files import contract
from hedging.contracts.specification import IF
from hedging.models.paths import GeometricBrownian, PathModel, StockBook, parse_path_model
from hedging.policies import FullHedge, HedgePolicy, parse_policy
from hedging.reserves.estimates import CONFIDENCES
from hedging.reserves.reflection import REFLECTION_ASSUMPTIONS, reflection_call_probability, reflection_reserve
from hedging.reserves.simulation import simulate_reserve
from hedging.series.frames import Source
from hedging.series.loading import load_closes
from hedging.series.prices import YEAR
from hedging.series.reading import Reading
from hedging.series.trusting import trusted_past
from hedging.terms import REPORT_BOOK, reserve_faults

LONGEST = 10 * YEAR
MOST_PATHS = 1_000_000


@dataclass(frozen=True, repr=False)
class ReserveStudy(Shown):
    """What a hedge may need, and what holding it costs.

    Attributes
    ----------
    policy, model, days, paths, seed, margin
        What was simulated; `policy` is the label.
    table
        Reserves by confidence: from the sample and from the fitted tail, with intervals.
    calls, dilution
        Frontiers: reserve against the probability of a call, and against the return that it leaves.
    reflection
        The closed form's reserves by confidence, for the full hedge under geometric Brownian motion; else empty.
    reserve, call_probability
        The reserve asked about and its chance of a call, with a 95 % interval; None without one.
    notes
        What to know of the tail and the formula.
    manifest
        How it came about: seed, paths, model input, digest of the file, versions.
    """

    policy: str
    model: str
    days: int
    paths: int
    seed: int
    margin: float
    table: pd.DataFrame
    calls: pd.DataFrame
    dilution: pd.DataFrame
    reflection: dict[float, float]
    reserve: float | None
    call_probability: tuple[float, float, float] | None
    notes: tuple[str, ...]
    manifest: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Reserves by confidence, and both frontiers."""
        return {"reserves": self.table, "calls": self.calls, "dilution": self.dilution}

    def as_json(self) -> dict[str, Any]:
        """Plain values; reserves and returns are ratios to the book."""
        return {
            "policy": self.policy,
            "model": self.model,
            "days": self.days,
            "paths": self.paths,
            "seed": self.seed,
            "margin": self.margin,
            "reserves": self.table.to_dict("records"),
            "reflection": {f"{confidence:g}": value for confidence, value in self.reflection.items()},
            "reserve": self.reserve,
            "call_probability": self.call_probability,
            "call_frontier": self.calls.to_dict("records"),
            "dilution_frontier": self.dilution.to_dict("records"),
            "notes": list(self.notes),
        }


def hedge_reserve(
    policy: str = "full",
    *,
    model: str = "gbm",
    days: int = YEAR,
    paths: int = 10_000,
    seed: int = 1,
    index: Source | None = None,
    accept_jumps: bool = False,
    alpha: float = 0.0,
    tracking_error: float = 0.0,
    antithetic: bool = False,
    reserve: float | None = None,
    contract_name: str = IF.name,
    column: str | None = None,
    date_format: str | None = None,
    tz: str | None = None,
    decimal: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> ReserveStudy:
    """Size the reserve of a hedge in advance.

    Parameters
    ----------
    policy, model
        As `partial:confidence=0.95` and `gbm:volatility=0.45`; models are gbm, student_t and bootstrap.
    days, paths, seed
        Length of the hedge, simulated histories, seed.
    index
        File, or frame, with the index up to today: policies look back on it, and the bootstrap draws from it.
    accept_jumps
        Whether moves of it that look like a wrong mark, a change of unit or a split are taken as they are.
    column, date_format, tz, decimal
        How the file is read (`hedging.series.reading`).
    alpha, tracking_error
        Of the stock book against the index, ratios a year.
    antithetic
        Draw paths in mirrored pairs.
    reserve
        A reserve whose chance of a call is asked for, a ratio to the book.
    contract_name
        What is shorted.
    progress
        Told the share of the work done, 0..1.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    started = perf_counter()
    raise_faults([*_argument_faults(days, paths, seed), *reserve_faults(reserve)])
    label, chosen = parse_policy(policy)
    drawn, traded = parse_path_model(model), contract(contract_name)
    past = None if index is None else load_closes(index, Reading(column, date_format, tz, decimal), name="index")
    doubts = [] if past is None else [*past.attrs.get("notes", ()), *trusted_past(past, accept_jumps)]
    found = simulate_reserve(
        chosen,
        drawn,
        days=days,
        start_value=REPORT_BOOK,
        paths=paths,
        seed=seed,
        past=None if past is None else past.to_numpy(),
        book=StockBook(alpha=alpha, tracking_error=tracking_error),
        antithetic=antithetic,
        progress=None if progress is None else lambda done, total: progress(done / total),
        contract=traded,
        gains_fund_margin=False,  # as in the 2008 report
    )
    closed, notes = _reflection(chosen, drawn, days, traded.initial_margin, reserve)
    chance = None if reserve is None else found.call_probability(reserve)
    book = {"alpha": alpha, "tracking_error": tracking_error, "antithetic": antithetic, "contract": traded.name}
    told = manifest(
        seed=seed,
        paths=paths,
        seconds=perf_counter() - started,
        overrides=book,
        inputs=file_digests({"index": index}),
    )
    return ReserveStudy(
        label,
        model,
        days,
        paths,
        seed,
        traded.initial_margin,
        found.table(CONFIDENCES),
        found.call_frontier(),
        found.dilution_frontier(),
        closed,
        reserve,
        None if chance is None else (chance.value, chance.low, chance.high),
        (*doubts, *found.tail().notes, *notes),
        told,
    )


def _argument_faults(days: int, paths: int, seed: int) -> list[str]:
    faults = []
    if not 1 <= days <= LONGEST:
        faults.append(f"days = {days}: must lie in 1..{LONGEST}")
    if not 2 <= paths <= MOST_PATHS:
        faults.append(f"paths = {paths}: must lie in 2..{MOST_PATHS}")
    if not 0 <= seed < 2**63:
        faults.append(f"seed = {seed}: must be a whole number from 0 to 2^63 - 1")
    return faults


def _reflection(
    policy: HedgePolicy, model: PathModel, days: int, margin: float, reserve: float | None
) -> tuple[dict[float, float], tuple[str, ...]]:
    """The closed form, where its assumptions hold: a full hedge on a driftless log price."""
    if not (isinstance(policy, FullHedge) and isinstance(model, GeometricBrownian) and model.drift == 0):
        return {}, ()
    years = days / YEAR
    closed = {confidence: reflection_reserve(model.volatility, confidence, years, margin) for confidence in CONFIDENCES}
    notes = tuple(f"by reflection: {line}" for line in REFLECTION_ASSUMPTIONS)
    if reserve is not None:
        chance = reflection_call_probability(reserve, model.volatility, years, margin)
        notes = (f"by reflection, the chance of a call is {100 * chance:.1f} %", *notes)
    return closed, notes
