"""Index-futures contracts and the rules they trade under, by period."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.contracts.expiry import EXPIRY_WORDS, ExpiryRule, is_expiry_rule

Amount = TypeVar("Amount", float, FloatArray)

# How sure a term or rule is.
CERTAINTIES: Mapping[str, str] = {
    "V": "verified in the source named",
    "V2": "verified in a secondary source only",
    "C": "computed from verified inputs",
    "M-hi": "from memory, high confidence",
    "M-med": "from memory, medium confidence",
    "M-lo": "from memory, low confidence",
}


class Law(NamedTuple):
    """What a term may be: a test, and the same in words."""

    holds: Callable[[Any], bool]
    allowed: str


def _is_number(found: Any) -> bool:
    if not isinstance(found, Real) or isinstance(found, bool):
        return False
    try:
        return math.isfinite(found)
    except OverflowError:  # a whole number of more digits than a float holds
        return False


def _is_count(found: Any) -> bool:
    return isinstance(found, Integral) and not isinstance(found, bool) and int(found) >= 0


_WORD = Law(lambda found: isinstance(found, str) and bool(found.strip()) and found.isprintable(), "must be a word")
_TEXT = Law(lambda found: isinstance(found, str), "must be text")
_DAY = Law(lambda found: type(found) is date, "must be a date, YYYY-MM-DD")
_COUNT = Law(_is_count, "must be a whole number, 0 or more")
_LISTED = Law(lambda found: _is_count(found) and found <= 120, "must be a whole number, 0 or more, up to 120")
_POSITIVE = Law(lambda found: _is_number(found) and found > 0, "must be positive and finite")
_NOT_NEGATIVE = Law(lambda found: _is_number(found) and found >= 0, "must be 0 or more, and finite")
_MARGIN = Law(
    lambda found: _is_number(found) and 0 < found <= 1,
    "must lie above 0 and at most 1 (a share of notional, not percent)",
)
_FEE = Law(
    lambda found: _is_number(found) and 0 <= found < 0.1, "must lie in 0..0.1 (a share of notional, not percent)"
)
_MAINTENANCE = Law(
    lambda found: _is_number(found) and 0 < found <= 1,
    "must lie above 0 and at most 1 (a share of the initial margin, not percent)",
)
_EXPIRY = Law(is_expiry_rule, EXPIRY_WORDS)
_CERTAINTY = Law(
    lambda found: isinstance(found, str) and found in {"", *CERTAINTIES},
    f"must be one of {', '.join(CERTAINTIES)}, or left out",
)

RULE_LAWS: Mapping[str, Law] = {
    "start": _DAY,
    "initial_margin": _MARGIN,
    "hedging_margin": _MARGIN,
    "minimum_margin": _MARGIN,
    "intraday_fee": _FEE,
    "position_limit": _COUNT,
    "daily_lots": _COUNT,
    "note": _TEXT,
    "certainty": _CERTAINTY,
    "source": _TEXT,
}

CONTRACT_LAWS: Mapping[str, Law] = {
    "name": _WORD,
    "multiplier": _POSITIVE,
    "initial_margin": _MARGIN,
    "currency": _WORD,
    "tick": _NOT_NEGATIVE,
    "maintenance_ratio": _MAINTENANCE,
    "expiry": _EXPIRY,
    "months_listed": _LISTED,
    "quarters_listed": _LISTED,
    "launched": _DAY,
    "title": _TEXT,
    "exchange": _TEXT,
    "certainty": _CERTAINTY,
    "source": _TEXT,
    "margin_certainty": _CERTAINTY,
    "margin_source": _TEXT,
}


def broken_laws(terms: Mapping[str, Any], laws: Mapping[str, Law]) -> list[str]:
    """Say which terms break their law: key, what was found, what is allowed; None breaks none."""
    return [
        f"{key} = {_shown(terms[key])}: {law.allowed}"
        for key, law in laws.items()
        if terms.get(key) is not None and not law.holds(terms[key])
    ]


def _shown(found: Any) -> str:
    text = str(found)[:40]
    return text if text.isprintable() and text.strip() else "(empty)" if not text.strip() else repr(text)


@dataclass(frozen=True)
class ContractRule:
    """What an exchange set on a day; a term it does not mention stays as it was.

    Parameters
    ----------
    start : date
        First day in force.
    initial_margin : float, optional
        Initial margin as a share of notional.
    hedging_margin : float, optional
        What accounts with a hedging quota post where that differs; only beside an `initial_margin`.
    minimum_margin : float, optional
        Lowest initial margin that the contract's terms allow, as a share of notional.
    intraday_fee : float, optional
        Fee for closing on the day of opening, as a share of notional. A replay trades once a day and never
        pays it.
    position_limit, daily_lots : int, optional
        Most contracts an account may hold, and those opened in a day above which trading counts as abnormal;
        hedgers are exempt as a rule, and replays do not enforce them.
    note, certainty, source : str
        What else there is to say, how sure it is (`CERTAINTIES`), and where it comes from.

    Raises
    ------
    InputError
        When a term lies outside its range.
    """

    start: date
    initial_margin: float | None = None
    hedging_margin: float | None = None
    minimum_margin: float | None = None
    intraday_fee: float | None = None
    position_limit: int | None = None
    daily_lots: int | None = None
    note: str = ""
    certainty: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        faults = broken_laws(vars(self), RULE_LAWS)
        if self.hedging_margin is not None and self.initial_margin is None:
            faults.append(f"hedging_margin = {self.hedging_margin}: must stand beside an initial_margin")
        raise_faults([f"rule from {self.start}: {fault}" for fault in faults])

    @property
    def verified(self) -> bool:
        """Whether the rule is verified in its source; anything else must be shown with its label."""
        return self.certainty == "V"


RULE_TERMS = ("initial_margin", "hedging_margin", "minimum_margin", "intraday_fee", "position_limit", "daily_lots")


@dataclass(frozen=True)
class FuturesContract:
    """Terms of an index-futures contract.

    Parameters
    ----------
    name : str
        Exchange code.
    multiplier : float
        Money per index point.
    initial_margin : float
        Initial margin as a share of notional, above 0 and at most 1: before the first rule that changes it,
        and wherever no dates are given.
    currency : str
        ISO code of the money.
    tick : float
        Smallest step of the price, in points; 0 if it is not known.
    maintenance_ratio : float, optional
        Maintenance margin as a share of the initial margin, above 0 and at most 1: the deposit is topped up
        to the initial margin when it falls below. Without one it is topped up at every close.
    expiry : str
        Last trading day, and where it moves when the exchange is closed on it: a rule of `expiry_day`.
    months_listed, quarters_listed : int
        How many of the nearest months are listed, and how many quarter months (March, June, September,
        December) after them. Without nearest months, quarter months are all there is.
    launched : date, optional
        First trading day.
    title, exchange : str
        In words.
    certainty, source, margin_certainty, margin_source : str
        How sure the terms, and `initial_margin` apart from them, are (`CERTAINTIES`), and whence they come.
    rules : tuple of ContractRule
        What the exchange changed, in the order of dates.

    Raises
    ------
    InputError
        When a term lies outside its range, or rules are unsorted or set a term twice on a day.
    """

    name: str
    multiplier: float
    initial_margin: float
    currency: str
    tick: float = 0.0
    maintenance_ratio: float | None = None
    expiry: ExpiryRule = "third-friday-or-next"
    months_listed: int = 2
    quarters_listed: int = 2
    launched: date | None = None
    title: str = ""
    exchange: str = ""
    certainty: str = ""
    source: str = ""
    margin_certainty: str = ""
    margin_source: str = ""
    rules: tuple[ContractRule, ...] = ()

    def __post_init__(self) -> None:
        where = f"contract {self.name or '(unnamed)'}"
        faults = broken_laws(vars(self), CONTRACT_LAWS)
        if self.months_listed == 0 and self.quarters_listed == 0:
            faults.append("quarters_listed = 0: must be at least 1 where months_listed is 0")
        raise_faults([f"{where}: {fault}" for fault in [*faults, *rule_order_faults(self.rules)]])

    def notional(self, contracts: Amount, price: Amount) -> Amount:
        """Money that `contracts` stand for at an index level of `price`; any matching shapes."""
        return contracts * price * self.multiplier

    def margin(self, contracts: Amount, price: Amount) -> Amount:
        """Money to post; a long position (negative `contracts`) needs as much as a short one."""
        return self.initial_margin * self.notional(abs(contracts), price)

    def in_force(self, term: str, day: date) -> ContractRule | None:
        """Find the rule that sets `term` (one of `RULE_TERMS`) on a day; None before there is one.

        Raises
        ------
        InputError
            When there is no such term.
        """
        if term not in RULE_TERMS:
            raise InputError(f"term = {term}: must be one of {', '.join(RULE_TERMS)}")
        found = None
        for rule in self.rules:
            if rule.start <= day and getattr(rule, term) is not None:
                found = rule
        return found

    def margin_on(self, day: date, *, hedging: bool = False) -> float:
        """Initial margin in force on a day, as a share of notional.

        Parameters
        ----------
        day : date
            Not before the contract was launched.
        hedging : bool
            Whether the account has a hedging quota, which may lower its margin.

        Raises
        ------
        InputError
            When the contract was not launched yet.
        """
        if self.launched is not None and day < self.launched:
            raise InputError(
                f"contract {self.name}: {day:%Y-%m-%d}: no margin is known before its launch on "
                f"{self.launched:%Y-%m-%d}: give a margin that holds throughout"
            )
        rule = self.in_force("initial_margin", day)
        if rule is None or rule.initial_margin is None:
            return self.initial_margin
        return rule.hedging_margin if hedging and rule.hedging_margin is not None else rule.initial_margin

    def margins_on(self, dates: pd.DatetimeIndex, *, hedging: bool = False) -> FloatArray:
        """Initial margins in force on dates, shape (len(dates),); as `margin_on`, ready for a replay."""
        return np.array([self.margin_on(day.date(), hedging=hedging) for day in dates], dtype=np.float64)

    def rules_between(self, first: date, last: date) -> tuple[ContractRule, ...]:
        """Rules that begin after `first` and not after `last`, or are in force on `first`; by date."""
        on_first = {self.in_force(term, first) for term in RULE_TERMS}
        return tuple(rule for rule in self.rules if rule in on_first or first < rule.start <= last)


def rule_order_faults(rules: tuple[ContractRule, ...]) -> list[str]:
    """Find rules out of order, and terms set twice on a day."""
    faults = []
    for number, (rule, above) in enumerate(zip(rules[1:], rules, strict=False), 2):
        if rule.start < above.start:
            faults.append(f"rules {number}: from = {rule.start}: must not be before the {above.start} above it: sort")
    for number, rule in enumerate(rules, 1):
        faults += [
            f"rules {number}: {term} = {getattr(rule, term)}: is set on {rule.start} already: keep one of them"
            for term in RULE_TERMS
            if getattr(rule, term) is not None
            and any(other.start == rule.start and getattr(other, term) is not None for other in rules[: number - 1])
        ]
    return faults


# The 2008 report's terms, and every replay's default. CSI 300 futures were listed in April 2010 only, so the report
# takes the index for the futures price and assumes 10 % margin. The listed contract's terms are `contract("IF")`.
IF = FuturesContract(
    name="IF-2008-report",
    multiplier=300.0,
    initial_margin=0.10,
    currency="CNY",
    title="CSI 300 index futures as the 2008 report assumes them",
    certainty="V",
    source="2008 report, section 2",
    margin_certainty="V",
    margin_source="2008 report, section 2",
)
