"""`crowdquake parameters`: every key of the settings, and the page of the docs that is made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.inhabitants.base import INHABITANTS, OwnInhabitant, register
from abm.sections.base import Section, quantity

PAGE = Path(__file__).parent.parent.parent / "docs" / "parameters.md"


@pytest.fixture
def found(answer):
    return answer("parameters", "--json")


def test_no_key_of_the_schema_is_missing(answer, found):
    schema = answer("schema")
    sections = {name: told for name, told in schema["properties"].items() if name in found}
    about = {"name", "title", "question", "caution", "exchange", "sources", "history", "fact"}
    market = set(schema["properties"]) - about
    assert set(sections) == market - {"counterfactual", "sensitivity", "target", "domain"}
    for name, told in sections.items():
        reference = told.get("$ref") or told.get("items", {}).get("$ref")
        assert set(found[name]["keys"]) == set(schema["$defs"][reference.rpartition("/")[2]]["properties"]), name


def test_every_key_has_a_meaning_and_says_what_it_may_be(found):
    for section in found.values():
        assert section["about"]
        for key, told in section["keys"].items():
            assert told["meaning"], key
            assert told["range"], key


def test_keys_are_told_as_they_are_typed(found):
    leverage = found["funds"]["keys"]["leverage"]
    assert (leverage["range"], leverage["default"]) == ("0.01 .. 50", "2.3")
    assert found["news"]["head"] == "[[news]]"
    assert found["news"]["keys"]["move"]["default"] == "required"
    assert found["funds"]["keys"]["forced_sales"]["default"] == "true"
    assert found["clock"]["keys"]["event"] == {
        "meaning": "the trading day that results are counted from",
        "unit": "",
        "range": "a date",
        "default": "2007-08-06",
    }


def test_people_get_tables(command):
    told = command("parameters").out
    assert all(word in told for word in ("[funds]", "leverage", "[[news]]", "default"))


def test_the_page_of_the_docs_is_made_by_the_command(command):
    assert PAGE.read_text(encoding="utf-8").endswith(command("parameters", "--markdown").out)


def test_a_section_of_one_s_own_is_listed(answer):
    class Whim(Section):
        """The table [whim] of a scenario."""

        size: float = quantity(0.5, 0, 10, "how much of it", "units")

    class Whimsical(OwnInhabitant):
        name = "whim"
        section = Whim

    with INHABITANTS.scratch():
        register(Whimsical)
        told = answer("parameters", "--json")["whim"]
    assert told["head"] == "[whim]"
    assert told["keys"]["size"] == {"meaning": "how much of it", "unit": "units", "range": "0 .. 10", "default": "0.5"}
