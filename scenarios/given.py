"""What is known of a crowd whose books are given (`funds.holdings`), and what cannot vary beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.crowding import average_overlap
from abm.holdings import own_books
from cqkit.errors import raise_faults
from hedging.series.money import iso_code
from scenarios.domain import Domain
from scenarios.schema import Scenario, Variant

# Keys that books which are given settle, each with why it cannot be set beside them.
SETTLED: Mapping[str, str] = {
    "funds.crowding": "how alike they are is measured in them",
    "funds.styles": "no style books are drawn",
    "funds.capital": "their sizes are kept, and leverage gives the equity (funds.scale multiplies them)",
    "funds.capital_spread": "their sizes are kept",
    "funds.position_limit": "they are held as listed",
    "funds.smallest": "they are held as listed",
    "funds.borrow_limit": "they are held as listed",
}
MOST_CAPITAL = 1e3  # days of the market's value
_ABOUT = "funds.holdings:"  # how a remark on the books begins


def is_given(table: Mapping[str, Any]) -> bool:
    """Whether a scenario's table gives the crowd's books."""
    funds = table.get("funds")
    return isinstance(funds, dict) and funds.get("holdings") is not None


def make_room(table: Mapping[str, Any]) -> None:
    """Leave out of a table what books that are given settle; that there is no crowd (`capital = 0`) stays."""
    funds = table.get("funds")
    if isinstance(funds, dict):
        for key in ("funds.count", *SETTLED):
            name = key.partition(".")[2]
            if not _stays(key, funds.get(name)):
                funds.pop(name, None)


def settled_faults(values: Mapping[str, Any], origin: str) -> list[str]:
    """Say of every key that books which are given settle why it cannot be set; `values` by dotted key."""
    return [
        f"{origin}: {key} = {value}: the crowd's books are given (funds.holdings): {SETTLED[key]}"
        for key, value in values.items()
        if key in SETTLED and not _stays(key, value)
    ]


def dotted(table: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of [funds] as they are set in a table, dotted."""
    funds = table.get("funds")
    return {f"funds.{name}": value for name, value in funds.items()} if isinstance(funds, dict) else {}


def settle(scenario: Scenario, origin: str) -> Scenario:
    """Take count, capital and crowding of the funds from the books, if they are given, and leave out what they settle.

    Raises
    ------
    InputError
        With a line for every fault in the file, or if it has not as many funds as are asked for.
    """
    funds = scenario.funds
    if funds.holdings is None:
        return scenario
    asked = funds.count if "count" in funds.model_fields_set else None
    books, market = own_books(funds.holdings, asked, scenario.market.stocks, scenario.listed), scenario.market
    matrix, faults = books.matrix, []
    if books.currency and books.currency != iso_code(market.currency):
        faults.append(
            f"{origin}: funds.holdings: books in {books.currency}: must be in the market's {market.currency} "
            "(market.currency)"
        )
    side = funds.scale * float(np.abs(matrix).sum()) / 2 / market.daily_value
    if side / funds.leverage > MOST_CAPITAL:
        faults.append(
            f"{origin}: funds.holdings: the books are worth {side:.4g} days of the market's value a side: at most "
            f"{MOST_CAPITAL:g} at leverage 1: are they in {market.currency}? (funds.scale multiplies them)"
        )
    raise_faults(faults)
    nobody = "capital" in funds.model_fields_set and funds.capital == 0
    overlap = average_overlap(matrix) if len(matrix) > 1 else 1.0
    found = {
        "count": len(matrix),
        "capital": 0.0 if nobody else side / funds.leverage,
        "crowding": float(np.clip(overlap, 0, 1)),
    }
    times = "" if funds.scale == 1 else f" times {funds.scale:g}"
    told = (
        f"{_ABOUT} {len(matrix)} funds hold {side:.3g} days of the market's value a side, the sizes given{times}; "
        f"their mean overlap is {overlap:.2f}"
    )
    remarks = (told, *(line for line in scenario.remarks if not line.startswith(_ABOUT)))
    update = {"funds": funds.model_copy(update=found), "remarks": remarks}
    return _without_settled(scenario.model_copy(update=update))


def _stays(key: str, value: Any) -> bool:
    """Whether it says that there is no crowd at all, which can be said of any."""
    return key == "funds.capital" and not isinstance(value, bool) and value == 0


def _without_settled(scenario: Scenario) -> Scenario:
    """Leave out counterfactuals and sensitivities that vary what the books settle, and targets that need them."""
    notes = list(scenario.remarks)
    kept: dict[str, list[Variant]] = {"counterfactual": [], "sensitivity": []}
    gone = set()
    for what, variants in kept.items():
        for variant in getattr(scenario, what):
            varied = [fault.split(" = ")[0] for fault in settled_faults({**variant.set, **variant.multiply}, "")]
            if varied:
                gone.add(variant.name)
                keys = ", ".join(key.removeprefix(": ") for key in varied)
                notes.append(f"{what} {variant.name} is left out: it varies {keys}, which the given books settle")
            else:
                variants.append(variant)
    targets = tuple(target for target in scenario.target if not gone & set(target.runs.values()))
    update = {name: tuple(variants) for name, variants in kept.items()}
    return scenario.model_copy(update={**update, "target": targets, "remarks": tuple(notes)})


def free_domain(scenario: Scenario) -> Domain:
    """The box of a scenario without axes along which books that are given cannot vary."""
    domain = scenario.domain
    if scenario.funds.holdings is None:
        return domain
    axes = tuple(
        axis.model_copy(update={"beside": tuple(key for key in axis.beside if key not in SETTLED)})
        for axis in domain.axis
        if axis.key not in SETTLED
    )
    return domain.model_copy(update={"axis": axes})
