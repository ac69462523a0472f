"""A command: the facts that a scenario rests on, with their sources.

$ crowdquake facts china-2024 --plugin examples/facts_command.py
"""

from __future__ import annotations

from crowdquake.commands.base import Json, ScenarioName, command, print_json


@command("facts")
def facts(scenario: ScenarioName, as_json: Json = False) -> None:
    """Print the facts that a scenario rests on, how certain each is, and where it is from."""
    from scenarios import load_scenario

    found = load_scenario(scenario)
    if as_json:
        print_json({"scenario": found.name, "facts": [fact.model_dump(exclude={"chart"}) for fact in found.fact]})
        return
    for fact in found.fact:
        print(f"{fact.text} ({fact.certainty}: {fact.source})")
