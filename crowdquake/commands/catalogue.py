"""`scenarios` and `schema`: what there is to run, and what a scenario file may say."""

from __future__ import annotations

import json

from crowdquake.commands.base import Json, command, print_json


@command("scenarios", examples=("crowdquake scenarios",))
def scenarios_command(as_json: Json = False) -> None:
    """List the scenarios with one line each."""
    from scenarios import load_scenario, scenario_names

    found = {name: load_scenario(name) for name in scenario_names()}
    if as_json:
        print_json({name: {"title": item.title, "question": item.question} for name, item in found.items()})
        return
    width = max(len(name) for name in found)
    for name, scenario in found.items():
        print(f"{name:{width}}  {scenario.title}")


@command("schema", examples=("crowdquake schema > scenario.schema.json",))
def schema() -> None:
    """Print the JSON Schema of a scenario file: every key with its meaning, unit and range."""
    from scenarios import Scenario

    print(json.dumps(Scenario.model_json_schema(by_alias=True), indent=2))
