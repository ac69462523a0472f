"""One line per fault: file, key, what was found, what is allowed."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_KINDS = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text in quotes",
    "date_type": "a date like 2007-08-06",
    "date_parsing": "a date like 2007-08-06",
    "date_from_datetime_parsing": "a date like 2007-08-06",
    "date_from_datetime_inexact": "a date like 2007-08-06",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "tuple_type": "a list",
    "dict_type": "a table",
    "path_type": "a file's name",
}


def fault_lines(error: ValidationError, model: type[BaseModel], origin: str) -> list[str]:
    """Tell each fault that pydantic found in one line, in the words of a scenario file."""
    return [f"{origin}: {_tell(dict(item), model)}" for item in error.errors()]


def _tell(fault: dict[str, Any], model: type[BaseModel]) -> str:
    place = [part for part in fault["loc"] if part != "function-after"]
    key = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place)
    kind, found = fault["type"], fault.get("input")
    owner, field = _find(model, place)
    if kind == "extra_forbidden":
        return _unknown(key, place, owner)
    if kind == "missing":
        return f"{key}: is missing"
    if kind in _BOUNDS and field is not None:
        return f"{key} = {_show(found)}: must lie in {_range(field)}"
    if kind == "value_error":
        reason = str(fault["ctx"]["error"])
        if isinstance(found, BaseModel | dict) or not key:  # a check over several keys names them itself
            return f"{key + ': ' if key else ''}{reason}"
        return f"{key} = {_show(found)}: {reason}"
    if kind in _KINDS:
        return f"{key} = {_show(found)}: must be {_KINDS[kind]}{_hint(field)}"
    message = fault["msg"]
    return f"{key} = {_show(found)}: {message[0].lower()}{message[1:]}"


def _unknown(key: str, place: list[Any], owner: type[BaseModel] | None) -> str:
    allowed = [] if owner is None else [field.alias or name for name, field in owner.model_fields.items()]
    close = difflib.get_close_matches(str(place[-1]), allowed, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"{key}: unknown key{meant} (allowed here: {', '.join(allowed)})"


def _find(model: type[BaseModel], place: list[Any]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The section that a fault's place lies in, and its field there."""
    owner: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for part in place:
        if isinstance(part, int):
            continue
        if owner is None:
            return None, field
        found = owner.model_fields.get(part)
        if found is None:
            return owner, None
        field = found
        inner = _section(found.annotation)
        if inner is None:
            return owner, field
        owner = inner
    return owner, field


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    sections = (_section(part) for part in getattr(annotation, "__args__", ()))
    return next((section for section in sections if section is not None), None)


def _range(field: FieldInfo) -> str:
    bounds = {
        name: getattr(part, name) for part in field.metadata for name in ("ge", "le", "gt", "lt") if hasattr(part, name)
    }
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    return f"{_show(low) if low is not None else ''}..{_show(high) if high is not None else ''}{_hint(field)}"


def _hint(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return f" ({unit})" if unit else ""


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
