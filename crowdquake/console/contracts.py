"""What `contracts` tells: futures terms, by date, with sources."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import stdout
from hedging import CERTAINTIES, FuturesContract


def contract_json(contract: FuturesContract) -> dict[str, Any]:
    """Tell a contract's terms in plain values."""
    terms = asdict(contract) | {"launched": _day(contract.launched)}
    return terms | {"rules": [asdict(rule) | {"start": _day(rule.start)} for rule in contract.rules]}


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def print_contracts(contracts: list[FuturesContract]) -> None:
    """List contracts, a line each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("contract", "title", "money a point", "terms are", "initial margin", "margin is"):
        table.add_column(name, no_wrap=name == "contract")
    for item in contracts:
        table.add_row(
            item.name,
            item.title,
            f"{item.currency} {item.multiplier:g}",
            CERTAINTIES.get(item.certainty, ""),
            f"{100 * item.initial_margin:g} %",
            CERTAINTIES.get(item.margin_certainty, ""),
        )
    stdout().print(table)


def print_contract(contract: FuturesContract) -> None:
    """Tell one contract's terms by date, each with its source and how sure it is."""
    print_contracts([contract])
    for what, source in (("Terms", contract.source), ("Initial margin", contract.margin_source)):
        if source:
            stdout().print(f"{what}: {source}.")
    if not contract.rules:
        return
    table = Table(title="Rules by date", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("from", "margin", "hedgers'", "note", "certainty", "source"):
        table.add_column(name)
    for rule in contract.rules:
        rates = [("" if rate is None else f"{100 * rate:g} %") for rate in (rule.initial_margin, rule.hedging_margin)]
        table.add_row(
            f"{rule.start:%Y-%m-%d}",
            *rates,
            rule.note,
            CERTAINTIES.get(rule.certainty, ""),
            rule.source,
        )
    stdout().print(table)
