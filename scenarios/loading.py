"""From a scenario's name or file to a checked `Scenario`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hedging import InputError
from scenarios.faults import fault_lines
from scenarios.schema import Scenario, Variant

# What a scenario says of its own history and checks does not hold for a variant of it.
_NOT_INHERITED = ("counterfactual", "sensitivity", "target", "fact", "question", "caution")


def scenario_names() -> list[str]:
    """Names of the scenarios that come with the package."""
    library = resources.files("scenarios") / "library"
    return sorted(item.name.removesuffix(".toml") for item in library.iterdir() if item.name.endswith(".toml"))


def load_scenario(source: str | Path | Scenario, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Load a scenario by name or file, with some keys (`funds.crowding`) set to other values.

    Raises
    ------
    InputError
        With a line for every fault: file, key, what was found, what is allowed.
    """
    if isinstance(source, Scenario):
        return changed(source, overrides or {})
    table, origin = _read(str(source))
    table.setdefault("name", Path(origin).stem)
    for key, value in (overrides or {}).items():
        _set(table, key, value, origin)
    return _checked(table, origin)


def changed(scenario: Scenario, values: Mapping[str, Any], factors: Mapping[str, float] | None = None) -> Scenario:
    """Return the scenario with some keys set to other values, and some multiplied."""
    table = scenario.model_dump(by_alias=True)
    table["target"] = scenario.target
    for key, value in values.items():
        _set(table, key, value, scenario.name)
    for key, factor in (factors or {}).items():
        _set(table, key, _get(table, key, scenario.name) * factor, scenario.name)
    return _checked(table, scenario.name)


def apply(scenario: Scenario, variant: Variant) -> Scenario:
    """Return the scenario as a counterfactual or sensitivity changes it, without checks of its own."""
    bare = scenario.model_copy(update={"target": (), "counterfactual": (), "sensitivity": ()})
    return changed(bare, variant.set, variant.multiply)


def parse_overrides(assignments: Iterable[str]) -> dict[str, Any]:
    """Parse `key=value` words of a command line; a value is a number, true, false, a date, a list, or else text."""
    found = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {assignment}: must be key=value, as in funds.crowding=0.5")
        found[key.strip()] = _value(text.strip())
    return found


def _value(text: str) -> Any:
    for parse in (int, float):
        try:
            return parse(text)
        except ValueError:
            pass
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _checked(table: dict[str, Any], origin: str) -> Scenario:
    try:
        scenario = Scenario.model_validate(table)
    except ValidationError as error:
        raise InputError(*fault_lines(error, Scenario, origin)) from None
    _check_variants(scenario, origin)
    return scenario


def _check_variants(scenario: Scenario, origin: str) -> None:
    """A counterfactual that cannot run is a fault of the file, not a surprise an hour later."""
    faults = []
    for variant in (*scenario.counterfactual, *scenario.sensitivity):
        try:
            apply(scenario, variant)
        except InputError as error:
            prefix = f"{scenario.name}: "
            faults += [f"{origin}: {variant.name}: {line.removeprefix(prefix)}" for line in error.faults]
    if faults:
        raise InputError(*faults)


def _read(source: str, seen: tuple[str, ...] = ()) -> tuple[dict[str, Any], str]:
    """Read a scenario's table, with all that it extends merged in; return it and what to call it in messages."""
    path, origin = _locate(source)
    if origin in seen:
        raise InputError(f"{origin}: extends itself: {' -> '.join((*seen, origin))}")
    table = _parse(path, origin)
    base = table.pop("extends", None)
    _anchor_files(table, path)
    if base is None:
        return table, origin
    if not isinstance(base, str):
        raise InputError(f"{origin}: extends = {base}: must be a scenario's name or file in quotes")
    beside = path.parent / base
    parent, _ = _read(str(beside) if base.endswith(".toml") else base, (*seen, origin))
    for key in (*_NOT_INHERITED, "name"):
        parent.pop(key, None)
    return _merged(parent, table), origin


def _locate(source: str) -> tuple[Path, str]:
    if not source.endswith(".toml") and "/" not in source:
        known = scenario_names()
        if source in known:
            return Path(str(resources.files("scenarios") / "library" / f"{source}.toml")), source
        close = difflib.get_close_matches(source, known, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise InputError(
            f"{source}: no scenario of that name{meant} (there are: {', '.join(known)}; a file ends in .toml)"
        )
    return Path(source), Path(source).name


def _parse(path: Path, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, not a scenario file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{origin}: not UTF-8 text at byte {error.start}: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{origin}: not TOML: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _anchor_files(table: dict[str, Any], path: Path) -> None:
    """A file named in a scenario lies beside it."""
    funds = table.get("funds")
    if isinstance(funds, dict) and isinstance(funds.get("holdings"), str):
        funds["holdings"] = str(path.parent / funds["holdings"])


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        both[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both


def _set(table: dict[str, Any], key: str, value: Any, origin: str) -> None:
    *sections, last = key.split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise InputError(f"{origin}: {key}: unknown key")
    table[last] = value


def _get(table: dict[str, Any], key: str, origin: str) -> float:
    value: Any = table
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, int | float):
        raise InputError(f"{origin}: {key}: no number to multiply")
    return value
