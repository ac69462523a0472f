"""Parameters of plug-ins as a command line gives them: text in, values of the right type or a fault out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import pytest

from cqkit.errors import InputError
from cqkit.plugins import Plugin, PluginRegistry


@dataclass(frozen=True)
class Toy(Plugin):
    """Base of the toys."""

    kind: ClassVar[str] = "toy of the types"


TOYS: PluginRegistry[Toy] = PluginRegistry(Toy)


@TOYS.class_decorator("car")
@dataclass(frozen=True)
class Car(Toy):
    """One with all types of parameters."""

    speed: float | None = None
    on: date | None = None
    wheels: int = 4
    sizes: tuple[float, ...] = (1.0, 2.0)


def test_text_becomes_what_the_parameter_is():
    car = TOYS.make("car", {"speed": "2.5", "on": "2007-08-09", "wheels": "3"})
    assert car == Car(2.5, date(2007, 8, 9), 3)
    assert TOYS.make("car", {"speed": None, "sizes": (3.0,)}) == Car(sizes=(3.0,))


@pytest.mark.parametrize(
    ("key", "text", "allowed"),
    [
        ("speed", "fast", "speed = fast: must be a number"),
        ("on", "Thursday", "on = Thursday: must be a date, YYYY-MM-DD"),
        ("wheels", "2.5", "wheels = 2.5: must be a whole number"),
        ("sizes", "1", "sizes = 1: must be several values, which only Python can give"),
    ],
)
def test_what_cannot_be_read_is_a_fault(key, text, allowed):
    with pytest.raises(InputError) as raised:
        TOYS.make("car", {key: text})
    assert raised.value.faults == (f"toy of the types car: {allowed}",)
