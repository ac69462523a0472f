"""A command's function as typer reads it: dataclasses opened into their fields, and `--plugin` added."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from typer.models import ArgumentInfo

Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin", metavar="FILE", help="Python file that registers parts of your own; may be given more than once."
    ),
]


Lang = Annotated[str, typer.Option("--lang", help="Language of the charts in --out: en, or zh (extra zh).")]


def as_command(function: Callable[..., None]) -> Callable[..., None]:
    """A function as typer reads it: with an option for every field of its dataclasses, and with `--plugin`.

    One that writes charts to `--out` has `--lang` besides.
    """
    names = [item.name for item in options(function)]
    draws = "out" in names and "lang" not in names
    records: dict[str, Any] = {name: kind for name, kind in _types(function).items() if is_dataclass(kind)}

    @wraps(function)
    def called(**given: Any) -> None:
        del given["plugin"]  # `plugin_files` has read it by then
        lang = given.pop("lang") if draws else "en"
        for name, kind in records.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        if lang == "en":
            return function(**given)
        from crowdquake.charts.language import drawn_in

        with drawn_in(lang):
            return function(**given)

    option = inspect.Parameter("plugin", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Plugins)
    own = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in options(function)]
    if draws:
        place = next(number for number, item in enumerate(own) if item.name == "out")
        lang = inspect.Parameter("lang", inspect.Parameter.KEYWORD_ONLY, default="en", annotation=Lang)
        own.insert(place + 1, lang)
    called.__signature__ = inspect.Signature([*own, option])  # type: ignore[attr-defined]
    called.__annotations__ = {item.name: item.annotation for item in (*own, option)}
    return called


def options(function: Callable[..., None]) -> list[inspect.Parameter]:
    """The parameters of a command's function; in place of a dataclass its fields."""
    found: list[inspect.Parameter] = []
    types = _types(function)
    for name, item in inspect.signature(function).parameters.items():
        kind = types.get(name, item.annotation)
        if is_dataclass(kind):
            hints = get_type_hints(kind, include_extras=True)
            found += [
                item.replace(name=field.name, default=_default(field), annotation=hints[field.name])
                for field in fields(kind)
            ]
        else:
            found.append(item.replace(annotation=kind))
    return found


def _types(function: Callable[..., None]) -> dict[str, Any]:
    return get_type_hints(function, include_extras=True)


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default


def as_typed(parameter: inspect.Parameter) -> str:
    """An option as it is typed; nothing for an argument."""
    told = next(iter(getattr(parameter.annotation, "__metadata__", ())), None)
    if isinstance(told, ArgumentInfo):
        return ""
    words = (getattr(told, "default", None), *(getattr(told, "param_decls", None) or ()))
    named = next((word for word in words if isinstance(word, str) and word.startswith("--")), "")
    return named or "--" + parameter.name.replace("_", "-")
