"""What is asked of all sources alike: policies, terms, how long, how often; and what holds where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from abm.settings import Impact
from cqkit.errors import InputError, raise_faults
from hedging import Terms, contract, parse_policy
from hedging.contracts import IF
from hedging.holdings import Holdings, read_book
from hedging.models.paths import StockBook
from hedging.series.prices import YEAR
from hedging.series.reading import Reading
from hedging.terms import REPORT_BOOK, reserve_faults
from scenarios.desk import desk_dates
from scenarios.ensemble import MAX_PATHS, check_arguments
from scenarios.reserves.sources import ModelSource, ScenarioSource, SeriesSource, Weighted
from scenarios.reserves.steering import LEAST_PILOTS, LEVELS, PLAIN, STEERED
from scenarios.schema import Scenario

RESERVE = 0.15
SCENARIO_PATHS, MODEL_PATHS, TAIL_PATHS = 400, 10_000, 1000
LONGEST = 10 * YEAR
OWN_KEYS = ("desk.policy", "desk.reserve", "desk.margin", "desk.when_exhausted", "desk.gains_fund_margin")
ONE_ACCOUNT = {"desk.price_taker": True, "desk.gains_fund_margin": True}  # of every desk, unless --set says otherwise


@dataclass(frozen=True)
class Asked:
    """What is asked of all sources alike.

    Attributes
    ----------
    policies
        As they are written.
    terms
        With the reserve held; margin and contract are those of all sources.
    days
        How long the hedge lasts on path models, and on a series that does not say its start.
    paths
        Of every source; None: 400 of a scenario, 10,000 of a path model.
    seed
        Of all.
    crowding
        At which scenarios are tried besides their own; None: the usual ones.
    value
        What the book is worth, in money, on path models and series.
    book
        Its holdings, if they are known.
    past
        The index up to today, for path models.
    stock
        How the stock book moves with the index on path models.
    impact
        Under which a book is sold on sources that are no market; None: the settings' own.
    accept_jumps, reading
        How series are taken and read.
    level
        How surely the reserve has to be enough; None: the usual confidences.
    tail_paths
        Of every scenario that are steered to that level, beside the plain ones.
    """

    policies: tuple[str, ...]
    terms: Terms
    days: int
    paths: int | None
    seed: int
    crowding: tuple[float, ...] | None
    value: float
    book: Holdings | None
    past: pd.Series[float] | None
    stock: StockBook
    impact: Impact | None
    accept_jumps: bool
    reading: Reading
    level: float | None = None
    tail_paths: int = 0

    @property
    def margin(self) -> float:
        """Initial margin, a ratio."""
        return self.terms.traded().initial_margin

    @property
    def reserve(self) -> float:
        """Reserve held, a ratio to the book."""
        return RESERVE if self.terms.reserve is None else self.terms.reserve


def agreed_terms(
    scenarios: Sequence[Scenario],
    *,
    reserve: float | None,
    margin: float | None,
    contract_name: str | None,
    currency: str,
) -> Terms:
    """Terms of all sources: what is said, else those of the first scenario's desk, else 0.15 and the contract's margin.

    Raises
    ------
    InputError
        When a number is out of range, or the contract is unknown.
    """
    desk = scenarios[0].desk if scenarios else None
    raise_faults(reserve_faults(reserve))
    traded = contract(contract_name or IF.name)
    if margin is None and contract_name is None and desk is not None:
        margin = desk.margin
    held = reserve if reserve is not None else RESERVE if desk is None else desk.reserve
    money = currency or (scenarios[0].market.currency if scenarios else traded.currency)
    terms = Terms(
        contract=replace(traded, currency=money),
        margin=margin,
        execution="close",
        gains_fund_margin=True,
        reserve=held,
    )
    raise_faults(terms.faults())
    return terms


def agreed_policies(given: Sequence[str], scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Policies as they are written: what is said, else that of the first scenario's desk, else `full`."""
    chosen = tuple(given) or ((scenarios[0].desk.policy,) if scenarios else ("full",))
    labels = [parse_policy(text)[0] for text in chosen]
    twice = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
    raise_faults(
        [f"policy = {label}: given twice: must be given once, or each with a label of its own" for label in twice]
    )
    return chosen


def agreed_days(days: int | None, scenarios: Sequence[Scenario]) -> int:
    """How long the hedge lasts: what is said, else as in the scenario in which it lasts longest, else a year."""
    return days or max((len(desk_dates(one.settings)) - 1 for one in scenarios), default=YEAR)


def agreed_value(book: Holdings | None, value: float | None, scenarios: Sequence[Scenario]) -> float:
    """What the book is worth: as is said, else as its file says, else as the first scenario's desk, or the report's."""
    if value is not None:
        return value
    if book is not None:
        return book.total
    return scenarios[0].desk_size * scenarios[0].market.daily_value if scenarios else REPORT_BOOK


def agreed_book(
    book: str | PathLike[str] | Holdings | None, value: float | None, scenarios: Sequence[Scenario]
) -> Holdings | None:
    """Holdings as a market knows them, else as they are given, in money of what the book is worth; None without any.

    Raises
    ------
    InputError
        With a line for every fault in the file, or when the book is worth nothing.
    """
    listed = next((one.listed for one in scenarios if one.listed is not None), None)
    if listed is not None:
        found: Holdings | None = listed.book
    else:
        found = read_book(book, value=value) if isinstance(book, str | PathLike) else book
    if found is None:
        return None
    if not found.total > 0:
        raise InputError(
            f"{found.name}: is worth {found.total:.4g} net of its short positions: must be worth something"
        )
    scale = 1.0 if value is None else value / found.total
    return replace(found, value=found.value * scale, cash=found.cash * scale)


def book_beta(book: Holdings | None) -> float:
    """The book's beta to the index; that of a stock of which it is not known is taken for 1, and cash has none."""
    if book is None:
        return 1.0
    betas = np.where(np.isfinite(book.beta), book.beta, 1.0)
    return float(book.value @ betas / book.total)


def book_notes(
    holdings: Holdings | None, book: str | PathLike[str] | Holdings | None, sources: Sequence[Weighted]
) -> list[str]:
    """What is to be known of a book, beside what scenarios say of it themselves."""
    if holdings is None:
        return []
    kinds = {type(item.source) for item in sources}
    notes = []
    if isinstance(book, Holdings):
        notes += [*holdings.notes, "scenarios: their desks hold the index with a tilt, worth as much as the book"]
    elif ScenarioSource not in kinds:
        notes += holdings.notes
    if ModelSource in kinds:
        notes.append(f"path models: the book moves {book_beta(holdings):.2f} times as far as the index, its beta")
    if SeriesSource in kinds:
        notes.append("series: the stock book is the index, or the fund that is given")
    return notes


def one_account(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keys of all scenarios that are set otherwise, so that their desks keep the account of all other sources.

    Raises
    ------
    InputError
        When what is said for all sources is set for a scenario.
    """
    given = dict(overrides or {})
    raise_faults(
        [f"--set {key}: must be left out: it is said for all sources alike" for key in OWN_KEYS if key in given]
    )
    return {**ONE_ACCOUNT, **given}


def agreed_tail(level: float | None, sampling: str, tail_paths: int | None, paths: int | None) -> int:
    """How many paths of a scenario are steered; InputError with a line for every fault."""
    faults = []
    least, most = LEVELS
    if sampling not in (PLAIN, STEERED):
        faults.append(f"sampling = {sampling}: must be {PLAIN} or {STEERED}")
    if level is not None and not least <= level <= most:
        faults.append(f"level = {level:g}: must lie in {least:g}..{most:g} (a probability, not percent)")
    if tail_paths is not None and not (LEAST_PILOTS <= tail_paths <= MAX_PATHS and tail_paths % 2 == 0):
        faults.append(f"tail_paths = {tail_paths}: must lie in {LEAST_PILOTS}..{MAX_PATHS}, and be even")
    if tail_paths is not None and (level is None or sampling == PLAIN):
        faults.append("tail_paths: must be left out without a level that paths are steered to")
    steers = level is not None and sampling == STEERED
    if steers and paths is not None and paths < LEAST_PILOTS:
        faults.append(
            f"paths = {paths}: must be at least {LEAST_PILOTS}, to say where to steer others; or plain sampling"
        )
    raise_faults(faults)
    return (tail_paths or TAIL_PATHS) if steers else 0


def check_numbers(paths: int | None, seed: int, workers: int | None, days: int | None, value: float | None) -> None:
    """Refuse what cannot be run, with a line for every fault."""
    check_arguments(2 if paths is None else paths, seed, workers)
    faults = []
    if paths == 1:
        faults.append("paths = 1: must be at least 2")
    if days is not None and not 1 <= days <= LONGEST:
        faults.append(f"days = {days}: must lie in 1..{LONGEST}")
    if value is not None and not 1 <= value <= 1e18:
        faults.append(f"value = {value:g}: must lie in 1..1e18 (money)")
    raise_faults(faults)
