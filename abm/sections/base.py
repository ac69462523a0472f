"""What all sections of the settings share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hedging import contract, parse_policy


def quantity(default: Any, low: float, high: float, meaning: str, unit: str = "") -> Any:
    """Declare a number that lies in `low`..`high`; `unit` is told to whoever gets it wrong."""
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra={"unit": unit})


def span(low: float, high: float, meaning: str) -> Any:
    """Declare a range over funds: lowest and highest."""
    return Field((low, high), description=f"{meaning}: lowest, highest over funds")


def one_of(what: str, names: Any) -> AfterValidator:
    """Check that a text is one of `names()`."""

    def check(value: str) -> str:
        if value not in names():
            raise ValueError(f"unknown {what}; allowed: {', '.join(names())}")
        return value

    return AfterValidator(check)


@lru_cache(maxsize=64)
def known_policy(text: str) -> str:
    """Check that a text names a hedge policy and its parameters; what was found right is not read again."""
    parse_policy(text)
    return text


def known_contract(name: str | None) -> str | None:
    """Check that a text, if there is one, names a futures contract."""
    if name is not None:
        contract(name)
    return name


class Section(BaseModel):
    """Base of all sections: no unknown key, no NaN, nothing changes once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
