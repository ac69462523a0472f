"""Exchanges whose rules a scenario may take over by name: a TOML file each, found in this folder.

A file has tables of a scenario (`[market]`, `[futures]`, `[futures_funds]`) with the settings that are the exchange's
rules and its brokers' customs, and a `title`. What a scenario says itself wins.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from cqkit.errors import InputError
from scenarios.faults import unknown_name


def exchange_names() -> list[str]:
    """Names of the exchanges that come with the package."""
    files = (item.name for item in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def rules_of(exchange: Any, origin: str) -> dict[str, Any]:
    """The tables of settings of an exchange by name; none for "".

    Raises
    ------
    InputError
        When there is no such exchange.
    """
    if exchange == "":
        return {}
    known = exchange_names()
    if exchange not in known:
        raise InputError(f"{origin}: exchange = {exchange!r}: {unknown_name('exchange', str(exchange), known)}")
    text = (resources.files(__name__) / f"{exchange}.toml").read_text(encoding="utf-8")
    return {key: value for key, value in tomllib.loads(text).items() if isinstance(value, dict)}
