"""Who is in the slow market: each with what the laws ask of him, and what is his."""

from __future__ import annotations

from dataclasses import dataclass, field

from slow_rule import Rule


@dataclass
class Fund:
    exposure: list[float]
    equity: float
    book: float
    leverage: float
    limit: float
    watched: bool
    rule: Rule
    order: float = 0.0
    calls: int = 0  # of the day, and the equity that would have avoided the worst of them
    missing: float = 0.0


@dataclass
class Opportunists:
    equity: float
    wanted: float = 0.0  # book, if equity allows it
    book: float = 0.0
    order: float = 0.0


@dataclass
class Member:
    """An index holder who carries the crowded book beside the index."""

    stop: float
    holding: float = 1.0
    target: float = 1.0


@dataclass
class FuturesFund:
    shares: list[float]  # of each stock in the whole starting book
    book: float  # what that was worth
    swap: bool
    initial: float  # margins, ratios to their base: asked for at the start, and least
    floor: float
    reserve_wanted: float
    start_value: float
    watched: bool
    policy: str
    rule: Rule
    contracts: float
    deposit: float
    reserve: float
    start_equity: float
    held: float = 1.0
    called_to: float = 1.0  # share of the book that the latest call leaves
    warned: bool = False
    stopped: bool = False
    line: float = 1.0  # share of the book that its contract leaves, and how much is sold a day to get there
    line_rate: float = 0.0
    stock_plan: float = 0.0
    hedge_plan: float = 0.0
    margin_level: float = 1.0
    order: float = 0.0
    hedge_order: float = 0.0
    calls: int = 0  # of the day
    units: float = 1.0  # fund units outstanding
    unit_values: list[float] = field(default_factory=lambda: [1.0])  # at the closes so far
    asked_on: int = -(10**6)
    owed: dict[int, float] = field(default_factory=dict)  # share of equity to be paid, by day
    payable: float = 0.0
