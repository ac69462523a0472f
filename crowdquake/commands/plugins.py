"""`plugins`: what goes by name, ours and the user's own, with its parameters."""

from __future__ import annotations

from typing import Any

from crowdquake.commands.base import Json, command, print_json

OURS = ("abm", "cqkit", "crowdquake", "hedging", "scenarios", "validation")


@command("plugins", examples=("crowdquake plugins --plugin my-parts.py",))
def plugins_command(as_json: Json = False) -> None:
    """List policies, indicators, laws, measures, charts, commands and all else that goes by name, also your own."""
    from importlib import import_module

    from cqkit.registry import registries
    from crowdquake.console.plugins import print_plugins

    for package in (
        "hedging",
        "abm",
        "scenarios",
        "validation",
        "crowdquake.charts",
        "crowdquake.report",
    ):  # with them all that they register is known
        import_module(package)
    found = {
        kind: {name: _about(registry, name) for name in registry.names()} for kind, registry in registries().items()
    }
    if as_json:
        print_json(found)
    else:
        print_plugins(found)


def _about(registry: Any, name: str) -> dict[str, Any]:
    """What an item is for, its parameters with their defaults, and whose it is."""
    return {
        "about": registry.about(name),
        "parameters": {key: _told(value) for key, value in registry.parameters(name).items()},
        "from": _whose(registry.origin(name)),
    }


def _whose(module: str) -> str:
    """Ours, the user's file, or the module of another package."""
    from cqkit.extensions import file_of

    return "crowdquake" if module.partition(".")[0] in OURS else file_of(module) or module


def _told(value: Any) -> Any:
    """A default in plain values: a plug-in by its name, all else that JSON does not know as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return getattr(value, "name", None) or str(value)
