"""Contracts by name, and from the user's own files."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

from cqkit.errors import InputError, raise_faults
from cqkit.plain import shown
from cqkit.registry import choices
from hedging.contracts.specification import (
    CONTRACT_LAWS,
    IF,
    RULE_LAWS,
    ContractRule,
    FuturesContract,
    Law,
    broken_laws,
    rule_order_faults,
)

_NEEDED = ("name", "multiplier", "initial_margin", "currency")


def contract(source: str | PathLike[str]) -> FuturesContract:
    """Look up a contract by name, or read one from a file.

    Parameters
    ----------
    source : str or path
        One of `contract_names()`, or a TOML file (its name ends in .toml or has a folder in it) with the keys of
        `hedging/data/example-contract.toml`.

    Returns
    -------
    FuturesContract

    Raises
    ------
    InputError
        When there is no such contract, or a line for every fault in the file: file, key, what was found, what is
        allowed.
    """
    text = str(source)
    if text in _library():
        return _library()[text]
    path = Path(text)
    if not text.lower().endswith(".toml") and path.name == text:
        close = difflib.get_close_matches(text.upper(), contract_names(), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise InputError(
            f"contract = {shown(text)}: must be one of {', '.join(contract_names())}, "
            f"or a file that ends in .toml{hint}"
        )
    return _contract(_read(path), path.name)


def contract_names() -> tuple[str, ...]:
    """Names of the contracts that come with the package, sorted."""
    return tuple(sorted(_library()))


def example_contract() -> str:
    """Text of a contract file to copy and change."""
    return (resources.files("hedging") / "data" / "example-contract.toml").read_text(encoding="utf-8")


@cache
def _library() -> Mapping[str, FuturesContract]:
    file = resources.files("hedging") / "data" / "contracts.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    listed = {name: _contract({"name": name, **terms}, f"{file.name}: {name}") for name, terms in tables.items()}
    return {IF.name: IF, **listed}


def _read(path: Path) -> dict[str, Any]:
    """Read a TOML file."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8").removeprefix("\ufeff"))
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file: must be a TOML file that describes a contract") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: byte {error.start}: must be text in UTF-8: save the file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: is not TOML: {error}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path.name}: cannot be read ({reason}): must be a readable TOML file") from error


def _contract(table: Mapping[str, Any], origin: str) -> FuturesContract:
    """Check a contract's table and build it; faults begin with `origin`."""
    terms = {key: found for key, found in table.items() if key != "rules"}
    faults = [f"{key} = (missing): must be given: {CONTRACT_LAWS[key].allowed}" for key in _NEEDED if key not in terms]
    faults += [*_unknown(terms, [*CONTRACT_LAWS, "rules"], CONTRACT_LAWS), *broken_laws(terms, CONTRACT_LAWS)]
    if terms.get("months_listed") == 0 and terms.get("quarters_listed") == 0:
        faults.append("quarters_listed = 0: must be at least 1 where months_listed is 0")
    rules, rule_faults = _rules(table.get("rules", []))
    raise_faults([f"{origin}: {fault}" for fault in [*faults, *rule_faults]])
    return FuturesContract(**terms, rules=rules)


def _rules(tables: Any) -> tuple[tuple[ContractRule, ...], list[str]]:
    """Check and build the rules; no rule where there is a fault."""
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        return (), [f"rules = {str(tables)[:40]}: must be tables, each headed [[rules]]"]
    faults = []
    for number, table in enumerate(tables, 1):
        # `from` reads better in a file, but is no name in Python.
        allowed = ["from", *(key for key in RULE_LAWS if key != "start")]
        laws = {"from": RULE_LAWS["start"], **{key: RULE_LAWS[key] for key in allowed[1:]}}
        found = [*_unknown(table, allowed, laws), *broken_laws(table, laws)]
        if "from" not in table:
            found.append("from = (missing): must be a date, YYYY-MM-DD")
        if "hedging_margin" in table and "initial_margin" not in table:
            found.append(f"hedging_margin = {table['hedging_margin']}: must stand beside an initial_margin")
        faults += [f"rules {number}: {fault}" for fault in found]
    if faults:
        return (), faults
    rules = tuple(
        ContractRule(start=table["from"], **{key: found for key, found in table.items() if key != "from"})
        for table in tables
    )
    return rules, rule_order_faults(rules)


def _unknown(table: Mapping[str, Any], allowed: Sequence[str], laws: Mapping[str, Law]) -> list[str]:
    """Find keys that nobody knows, and name the likeliest one."""
    faults = []
    for key, found in table.items():
        if key in laws:
            continue
        faults.append(f"{key} = {str(found)[:40]}: unknown key, must be {choices(key, allowed)}")
    return faults
