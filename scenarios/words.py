"""Numbers as a command line gives them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cqkit.errors import InputError


def parse_numbers(what: str, text: str, kind: str = "numbers", example: str = "0.02,0.05") -> list[float]:
    """Read numbers with commas between them; messages say what they belong to, of what kind they are, an example."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{what} {text}: must be {kind} with commas between them, as {example}") from None
    if not np.isfinite(found).all():
        raise InputError(f"{what} {text}: must be finite numbers")
    return found


def parse_vary(assignments: Iterable[str]) -> dict[str, list[float]]:
    """Read `key=value,value` words of a command line."""
    found: dict[str, list[float]] = {}
    for assignment in assignments:
        key, equals, values = (part.strip() for part in assignment.partition("="))
        if not key or not equals:
            raise InputError(f"--vary {assignment}: must be key=values, as in funds.crowding=0,0.5")
        if key in found:
            raise InputError(f"--vary {assignment}: {key} is given more than once: must be given once")
        found[key] = parse_numbers(f"--vary {key} =", values)
    return found


def parse_range(text: str) -> tuple[float, float]:
    """Read `low,high` of a command line."""
    found = parse_numbers("--range", text, "two numbers", "1,6")
    if len(found) != 2:
        raise InputError(f"--range {text}: must be two numbers with a comma between them, as 1,6")
    return found[0], found[1]
