"""One line per fault: file, key, what was found, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_NUMBER, _WHOLE, _DATE, _TABLE = "a number", "a whole number", "a date, YYYY-MM-DD", "a table"
_KINDS = {
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text in quotes",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dict_type": _TABLE,
    "path_type": "a file's name in quotes",
}
_PHRASES = {  # filled in with what pydantic knows of the fault
    "literal_error": "must be one of {expected}",
    "too_long": "must be a list of {max_length}, found {actual_length}",
    "too_short": "must be a list of {min_length}, found {actual_length}",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "json_invalid": "cannot be read: tables nested too deeply, or text that is not Unicode",
}


class PartError(ValueError):
    """Faults in a part of a file whose model is known only once the part is read, as a measure's is."""

    def __init__(self, error: ValidationError, model: type[BaseModel]) -> None:
        super().__init__(str(error))
        self.error, self.model = error, model


def fault_lines(error: ValidationError, model: type[BaseModel], origin: str) -> list[str]:
    """Tell each fault that pydantic found in one line, in the words of a scenario file."""
    return [f"{origin}: {line}" for line in _lines(error, model, "")]


def unknown_name(what: str, found: str, known: Sequence[str]) -> str:
    """Say that a name is unknown, which it may have been meant for, and which there are."""
    close = difflib.get_close_matches(found, known, n=1)
    return f"unknown {what}{f'; did you mean {close[0]}?' if close else ''} (allowed: {', '.join(known)})"


def _lines(error: ValidationError, model: type[BaseModel], before: str) -> list[str]:
    lines = []
    for fault in error.errors():
        reason = fault.get("ctx", {}).get("error")
        if isinstance(reason, PartError):
            lines += _lines(reason.error, reason.model, f"{before}{_key(list(fault['loc']))}.")
        else:
            lines.append(_tell(dict(fault), model, before))
    return lines


def _tell(fault: dict[str, Any], model: type[BaseModel], before: str) -> str:
    place, found = list(fault["loc"]), fault.get("input")
    is_key = bool(place) and place[-1] == "[key]"
    if is_key:  # the name of an entry is wrong, not its value
        place = place[:-2]
    owner, field = _find(model, place)
    key = before + _key(place)
    if fault["type"] == "extra_forbidden":
        return f"{key}: {_unknown(place, owner)}"
    if fault["type"] == "missing":
        described = f" ({field.description})" if field is not None and field.description else ""
        return f"{key}: is missing{described}"
    reason = _reason(fault, field)
    if fault["type"] == "json_invalid":
        return reason
    if fault["type"] == "value_error" and (isinstance(found, BaseModel | dict) or not key):
        return f"{key}: {reason}" if key else reason  # a check over several keys names them itself
    return f"{key}: key {_show(found)}: {reason}" if is_key else f"{key} = {_show(found)}: {reason}"


def _reason(fault: dict[str, Any], field: FieldInfo | None) -> str:
    """What is allowed."""
    kind, details = fault["type"], fault.get("ctx", {})
    if kind in _BOUNDS and field is not None:
        return f"must {_range(field)}{_hint(field)}"
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}{_hint(field)}"
    if kind == "value_error":
        return str(details["error"])
    if kind == "tuple_type":
        of_tables = field is not None and _section(field.annotation) is not None
        return "must be a list of tables, each under its own [[...]]" if of_tables else "must be a list, as [1, 2]"
    if kind in _PHRASES:
        return _PHRASES[kind].format(**details)
    message = fault["msg"]
    return f"{message[0].lower()}{message[1:]}"


def _key(place: list[Any]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else _word(part) for part in place)


def _word(part: Any) -> str:
    text = str(part)
    return text if text.isprintable() and len(text) <= 60 else _show(text)


def _unknown(place: list[Any], owner: type[BaseModel] | None) -> str:
    allowed = [] if owner is None else [field.alias or name for name, field in owner.model_fields.items()]
    return unknown_name("key", str(place[-1]), allowed)


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
    if low is None or high is None:
        return f"be at least {_show(low)}" if high is None else f"be at most {_show(high)}"
    return f"lie in {_show(low)}..{_show(high)}"


def _hint(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return f" ({unit})" if unit else ""


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
