"""`parameters`: every key of a market's settings, as the schema has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import typer

from crowdquake.commands.base import Json, command, print_json

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from abm.settings import Section


@command("parameters", examples=("crowdquake parameters",))
def parameters_command(
    as_json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print tables in Markdown.")] = False,
) -> None:
    """List every key of a market's settings with its meaning, unit, range and default, section by section."""
    from abm.settings import sections
    from crowdquake.console.parameters import as_markdown, print_parameters

    found = {name: _told(name, section) for name, section in sections().items()}
    if as_json:
        print_json(found)
    elif markdown:
        print(as_markdown(found))
    else:
        print_parameters(found)


def _told(name: str, section: type[Section]) -> dict[str, Any]:
    """A section in plain values; a list of tables has double brackets."""
    from inspect import getdoc

    from abm.settings import Settings

    field = Settings.model_fields.get(name)
    many = field is not None and get_origin(field.annotation) is tuple
    keys = {field.alias or key: _key(field) for key, field in section.model_fields.items()}
    return {"head": f"[[{name}]]" if many else f"[{name}]", "about": getdoc(section) or "", "keys": keys}


def _key(field: FieldInfo) -> dict[str, str]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return {
        "meaning": field.description or "",
        "unit": str(extra.get("unit", "")),
        "range": _range(field),
        "default": "required" if field.is_required() else _shown(field.get_default()),
    }


def _range(field: FieldInfo) -> str:
    """What a key may be: bounds, choices, or its kind where it has neither."""
    ends = {mark: getattr(part, mark) for part in field.metadata for mark in ("ge", "le") if hasattr(part, mark)}
    if ends:
        return f"{_shown(ends['ge'])} .. {_shown(ends['le'])}"
    choices = [item for item in get_args(field.annotation) if isinstance(item, str)]
    if choices:
        return " or ".join(_shown(item) for item in choices)
    return _kind(field.annotation)


def _kind(annotation: Any) -> str:
    """What values there are of a type, in words."""
    from datetime import date
    from pathlib import Path

    words = {bool: "true or false", date: "a date", Path: "a file", str: "a name", float: "numbers"}
    parts = [annotation, *get_args(annotation)]
    found = [words[part] for part in parts if part in words]
    if get_origin(annotation) is tuple and found:
        return {"a date": "dates", "numbers": "a list of numbers"}[found[0]]
    if any(get_origin(part) is dict for part in parts):
        return "a name, or a table of shares"
    return found[0] if found else ""


def _shown(value: Any) -> str:
    """A value as it is typed in a scenario file; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e6 or value != int(value) else f"{value:.6g}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
