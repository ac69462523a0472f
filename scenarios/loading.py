"""From a scenario's name or file to a checked `Scenario`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abm.holdings import read_holdings
from abm.index_path import pinned_moves
from abm.settings import Settings, gather_own
from cqkit.errors import InputError, raise_faults
from scenarios import given
from scenarios.domain import Domain, refuse_outside
from scenarios.exchanges import rules_of
from scenarios.faults import fault_lines, unknown_name
from scenarios.schema import EXAMPLES, FILES, RESERVED, Scenario, Variant

_ABOUT = ("target", "counterfactual", "sensitivity", "history", "fact")  # its own numbers
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
    _override(table, overrides or {}, origin)
    table = _merged(rules_of(table.get("exchange", ""), origin), table)
    return _checked(_plain(table), origin)


def changed(
    scenario: Scenario,
    values: Mapping[str, Any],
    factors: Mapping[str, float] | None = None,
    own: Settings | None = None,
) -> Scenario:
    """Return the scenario with some keys set to other values, and some multiplied.

    `own` are the settings of which it is a variant, against which its box measures it; default: it is none.
    """
    origin = scenario.name or "scenario"
    if values.get("exchange", scenario.exchange) != scenario.exchange:
        raise InputError(f"{origin}: exchange = {values['exchange']!r}: must be set where the scenario is loaded")
    table = scenario.model_dump(mode="json", by_alias=True)
    if given.is_given(table):
        given.make_room(table)
        raise_faults(given.settled_faults(factors or {}, origin))
    _override(table, values, origin)
    for key, factor in (factors or {}).items():
        _set(table, key, _plain(_get(table, key, origin) * factor), origin)
    return _checked(table, origin, own)


def bare(scenario: Scenario) -> Scenario:
    """The scenario without what is about its own numbers, and without its box: on the way to a point it may be left."""
    return scenario.model_copy(update={**dict.fromkeys(_ABOUT, ()), "domain": Domain()})


def apply(scenario: Scenario, variant: Variant) -> Scenario:
    """Return the scenario as a counterfactual or sensitivity changes it, without checks of its own."""
    left_out = {*variant.without, *variant.without_days}
    news = tuple(item for item in scenario.news if not {item.cause, item.date} & left_out)
    bare = scenario.model_copy(update={"target": (), "counterfactual": (), "sensitivity": (), "news": news})
    return changed(bare, variant.set, variant.multiply, own=scenario.settings)


def parse_overrides(assignments: Iterable[str]) -> dict[str, Any]:
    """Parse `key=value` words of a command line; a value is a number, true, false, a date, a list, or else text."""
    found: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not key:
            raise InputError(f"--set {assignment}: must be key=value, as in funds.crowding=0.5")
        if not assignment.isprintable():
            raise InputError(f"--set {assignment}: must be text without control characters")
        if key in found:
            raise InputError(f"--set {assignment}: {key} is set more than once: must be set once")
        found[key] = _value(text)
    return found


def _value(text: str) -> Any:
    for parse in (int, float):
        try:
            return parse(text)
        except ValueError:
            pass
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # no TOML value: text without quotes
        return text


def _checked(table: dict[str, Any], origin: str, own: Settings | None = None) -> Scenario:
    """Check a table in JSON's terms."""
    try:
        # Strict, so that "0.5" in quotes is no number; by way of JSON, so that a list is what a tuple is given as.
        scenario = Scenario.model_validate_json(json.dumps(gather_own(table)), strict=True)
    except ValidationError as error:
        raise_faults(fault_lines(error, Scenario, origin))
    scenario = given.settle(scenario, origin)
    read_holdings(scenario.funds, scenario.market.stocks, scenario.listed)
    settings = scenario.settings
    pinned_moves(settings)
    refuse_outside(scenario.domain, origin, settings, own=own)
    _check_runs(scenario, settings, origin)
    return scenario


def _plain(value: Any) -> Any:
    """Put a value in JSON's terms: dates and paths as text, whole floats as whole numbers."""
    if value is None or type(value) in {str, bool}:
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int) and value.bit_length() > 1000:
        return float("inf")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | bool | int | float) else str(value)


def _check_runs(scenario: Scenario, own: Settings, origin: str) -> None:
    """A counterfactual that cannot run, or a target that it cannot have, is a fault now, not after the simulation."""
    faults = []
    runs = dict.fromkeys(RESERVED, own)
    for what, variants in (("counterfactual", scenario.counterfactual), ("sensitivity", scenario.sensitivity)):
        for variant in variants:
            try:
                settings = apply(scenario, variant).settings
            except InputError as error:
                prefix = f"{scenario.name or 'scenario'}: "
                faults += [f"{origin}: {what} {variant.name}: {line.removeprefix(prefix)}" for line in error.faults]
                continue
            if what == "counterfactual":
                runs[variant.name] = settings
            elif settings.clock != scenario.clock:
                faults.append(
                    f"{origin}: sensitivity {variant.name}: must not change [clock]: targets are held to dates"
                )
    for target in scenario.target:
        if target.run in runs:
            faults += [f"{origin}: target {target.name}: {line}" for line in target.measure.faults(runs[target.run])]
        other = target.against
        if other is not None and other.run in runs:
            lines = (other.measure or target.measure).faults(runs[other.run])
            faults += [f"{origin}: target {target.name}: against.{line}" for line in lines]
    raise_faults(faults)


def _read(source: str, seen: tuple[Path, ...] = ()) -> tuple[dict[str, Any], str]:
    """Read a scenario's table, with all that it extends merged in; return it and what to call it in messages."""
    path, origin = _locate(source)
    table = _parse(path, origin)
    base = table.pop("extends", None)
    _anchor_files(table, path)
    if base is None:
        _refuse_settled(table, table, origin)
        return table, origin
    if not isinstance(base, str):
        raise InputError(f"{origin}: extends = {base}: must be a scenario's name or file in quotes")
    chain = (*seen, path.resolve())
    beside = str(path.parent / base) if base.endswith(".toml") else base
    try:
        if _locate(beside)[0].resolve() in chain:
            raise InputError("must not come back to a scenario that extends this one")
        parent, _ = _read(beside, chain)
    except InputError as error:
        raise InputError(*(f"{origin}: extends = {base!r}: {fault}" for fault in error.faults)) from None
    for key in (*_NOT_INHERITED, "name"):
        parent.pop(key, None)
    if _names_a_book(table):
        _make_room_for_book(parent)
    if given.is_given(table):
        given.make_room(parent)
    both = _merged(parent, table)
    _refuse_settled(both, table, origin)
    return both, origin


def _locate(source: str) -> tuple[Path, str]:
    if not source.endswith(".toml") and "/" not in source:
        known = scenario_names()
        if source in known:
            return Path(str(resources.files("scenarios") / "library" / f"{source}.toml")), source
        raise InputError(
            f"{source or '(empty)'}: {unknown_name('scenario', source, known)}, or a file that ends in .toml"
        )
    if "\0" in source:
        raise InputError(f"{source!r}: cannot be read: must be text without control characters")
    return Path(source), Path(source).name


def _parse(path: Path, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file: must be a scenario file (TOML)") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder: must be a scenario file (TOML)") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{origin}: byte {error.start}: not UTF-8 text: save it as UTF-8") from None
    except RecursionError:
        raise InputError(f"{origin}: not TOML: nested too deeply") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{origin}: not TOML: {error}") from None
    except ValueError as error:  # a number of thousands of digits, or a name that no file can have
        raise InputError(f"{origin}: cannot be read: {str(error).partition(':')[0]}") from None


def _anchor_files(table: dict[str, Any], path: Path) -> None:
    """A file named in a scenario lies beside it; `example` names no file, but what ships with the package."""
    for section, key in FILES:
        inner = table.get(section)
        if isinstance(inner, dict) and isinstance(inner.get(key), str) and inner[key] != EXAMPLES.get((section, key)):
            inner[key] = str(path.parent / inner[key])


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        both[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both


def _override(table: dict[str, Any], values: Mapping[str, Any], origin: str) -> None:
    """Set some keys to other values; a book takes the place of what the desk held before."""
    if values.get("desk.book") is not None:
        _make_room_for_book(table)
    if values.get("funds.holdings") is not None:
        given.make_room(table)
    for key, value in values.items():
        _set(table, key, _plain(value), origin)
    if given.is_given(table):
        raise_faults(given.settled_faults(values, origin))


def _refuse_settled(both: Mapping[str, Any], table: Mapping[str, Any], origin: str) -> None:
    """Refuse what a file sets beside books of the crowd that it, or what it extends, gives."""
    if given.is_given(both):
        raise_faults(given.settled_faults(given.dotted(table), origin))


def _names_a_book(table: Mapping[str, Any]) -> bool:
    desk = table.get("desk")
    return isinstance(desk, dict) and desk.get("book") is not None


def _make_room_for_book(table: Mapping[str, Any]) -> None:
    """Leave out size and tilt of a desk that gets a book: the book is held as listed, unless they come with it."""
    desk = table.get("desk")
    if isinstance(desk, dict):
        for key in ("size", "tilt"):
            desk.pop(key, None)


def _set(table: dict[str, Any], key: str, value: Any, origin: str) -> None:
    *sections, last = key.split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise InputError(f"{origin}: {key}: unknown key: {section} has no keys of its own")
    table[last] = value


def _get(table: dict[str, Any], key: str, origin: str) -> float:
    value: Any = table
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{origin}: {key}: no number to multiply")
    return value
