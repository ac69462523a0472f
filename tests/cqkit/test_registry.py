"""One register for all that goes by name."""

from __future__ import annotations

import pytest

from cqkit.errors import InputError
from cqkit.registry import Registry, registries


@pytest.fixture
def colours():
    kind = "colour of a test"
    known = registries().get(kind)
    registry = known if known is not None else Registry(kind)
    with registry.scratch():
        yield registry


def test_a_taken_name_is_refused_and_what_had_it_stays(colours):
    colours.add("red", 1)
    with pytest.raises(InputError, match="colour of a test red: is registered already: choose another name"):
        colours.add("red", 2)
    assert colours["red"] == 1


def test_an_unknown_name_is_answered_with_the_choices(colours):
    colours.add("red", 1)
    colours.add("green", 2)
    with pytest.raises(
        InputError, match=r"colour of a test = gren: must be one of red, green \(did you mean green\?\)"
    ):
        colours["gren"]
    assert colours.names() == ("red", "green")
    assert "gren" not in colours


def test_what_is_registered_for_a_try_is_forgotten(colours):
    colours.add("red", 1)
    with colours.scratch():
        colours.add("green", 2)
    assert colours.names() == ("red",)


def test_it_tells_parameters_and_the_first_line_of_what_it_holds(colours):
    @colours.register("mixed")
    def mixed(*, share=0.5, of="red"):
        """Two colours in one.

        And more about it.
        """

    assert colours.parameters("mixed") == {"share": 0.5, "of": "red"}
    assert colours.about("mixed") == "Two colours in one."
    assert colours.origin("mixed") == __name__


def test_every_kind_has_one_registry(colours):
    with pytest.raises(ValueError, match="has a registry already"):
        Registry(colours.kind)
    assert registries()[colours.kind] is colours
