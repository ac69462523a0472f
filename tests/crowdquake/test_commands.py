"""Commands: one function each, whose options may stand in a record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import pytest
import typer

from cqkit.errors import InputError
from crowdquake import Terms, console
from crowdquake.commands import COMMANDS, command
from crowdquake.commands.base import Json, day_of, plugin_files, print_json
from crowdquake.commands.hedge import TermOptions
from crowdquake.commands.signatures import as_typed, options


@dataclass(frozen=True)
class Manners:
    """How somebody is greeted."""

    word: Annotated[str, typer.Option(help="What is said.")] = "Hello"
    loudly: bool = False


USUAL = Manners()


@pytest.fixture
def greet():
    with COMMANDS.scratch():

        @command("greet")
        def greet(
            whom: Annotated[str, typer.Argument()], manners: Manners = USUAL, as_json: Json = False, times: int = 1
        ) -> None:
            """Greet somebody."""
            assert as_json
            print_json({"whom": whom, "word": manners.word, "loudly": manners.loudly, "times": times})

        yield


def test_a_record_is_an_option_a_field(greet, command):
    found = command("greet", "you", "--word", "Hi", "--loudly", "--json")
    assert json.loads(found.out) == {"whom": "you", "word": "Hi", "loudly": True, "times": 1}
    assert json.loads(command("greet", "you", "--json").out)["word"] == "Hello"
    wrong = command("greet", "you", "--times", "often")
    assert (wrong.code, wrong.out) == (2, "")


def test_options_are_told_as_they_are_typed(greet):
    told = {"--word": "Hello", "--loudly": False, "--json": False, "--times": 1}
    assert COMMANDS.parameters("greet") == told
    assert "greet" in COMMANDS


def test_a_command_of_a_test_is_gone_after_it(command):
    assert "greet" not in COMMANDS
    assert command("greet", "you").err.startswith("error: No such command 'greet'")


def test_the_options_of_a_hedge_are_its_terms():
    by_the_calendar = {"roll_days"}  # a file has dates, from which they follow
    assert {field.name: field.default for field in fields(TermOptions)} == {
        field.name: field.default for field in fields(Terms) if field.name not in by_the_calendar
    }


def test_dates_are_read_by_one_parser_on_every_command():
    dates = {
        (name, as_typed(item)): item.annotation.__metadata__[0]
        for name in COMMANDS.names()
        for item in options(COMMANDS[name])
        if as_typed(item) in {"--start", "--end", "--on", "--date", "--expiry"} or "datetime.date" in str(item)
    }
    assert len(dates) == 5
    assert all(told.parser is day_of for told in dates.values())
    assert day_of("2007-08-09") == day_of("20070809")
    with pytest.raises(typer.BadParameter, match="soon: must be a date, YYYY-MM-DD"):
        day_of("soon")


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["run", "quake-2007"], []),
        (["--plugin", "a.py", "run"], ["a.py"]),
        (["run", "--plugin=a.py", "x", "--plugin", "b.py"], ["a.py", "b.py"]),
        (["run", "--plugin"], []),
        (["run", "--", "--plugin", "a.py"], []),
    ],
)
def test_the_files_are_named_anywhere_on_the_line(words, files):
    assert plugin_files(words) == [Path(file) for file in files]


def test_all_kernels_that_a_run_needs_are_compiled_before_it_and_it_says_so(command, small_text, tmp_path, monkeypatch):
    linear = '[[counterfactual]]\nname = "linear"\ntitle = "Linear"\nset = { "impact.law" = "linear" }\n'
    (tmp_path / "my.toml").write_text(small_text + linear, encoding="utf-8")
    compiled = []
    monkeypatch.setattr("crowdquake.console.base.is_warm", lambda settings: settings.impact.law in compiled)
    monkeypatch.setattr("crowdquake.console.base.warm_up", lambda settings: compiled.append(settings.impact.law))

    def stop(*_, **__):
        raise InputError("far enough")

    monkeypatch.setattr("scenarios.studies.base.simulate", stop)
    told = command("run", tmp_path / "my.toml", "--paths", "2").err
    assert compiled == ["square_root", "linear"]
    assert told.count("Compiling the market's kernels") == 1
    assert told.endswith("far enough\n")
    assert command("run", tmp_path / "my.toml", "--no-counterfactuals").err == "error: far enough\n"


@pytest.mark.parametrize("name", COMMANDS.names())
def test_every_command_shows_what_may_be_typed(command, name):
    shown = command(name, "-h").out
    lines = [line.strip() for line in shown.partition("Examples:")[2].splitlines() if line.strip()]
    assert lines
    for line in lines:
        words = line.split()
        assert words[:2] == ["crowdquake", name]
        given = {word for word in words if word.startswith("-")}
        assert given <= {*re.findall(r"(?<![\w-])--?[a-z][a-z-]*", shown)}


def test_commands_stand_in_the_order_of_use(command):
    told = re.findall(r"^  ([a-z-]+)  ", command("-h").out.partition("Commands:")[2], re.MULTILINE)
    assert told.index("run") < told.index("report") < told.index("explain") < told.index("plugins")


def test_a_wrong_word_says_where_to_look_it_up(command):
    told = command("run", "quake-2007", "--pats", "3").err
    assert told.startswith("error: No such option: --pats")
    assert told.endswith("(see crowdquake run --help)\n")


def test_long_work_says_a_line_a_tenth_where_nobody_watches(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 6.0, 7.0, 8.0, 9.0])
    monkeypatch.setattr("crowdquake.console.base.time.monotonic", lambda: next(clock))
    with console.progress("Simulating") as progress:
        for share in (0.1, 0.25, 0.29, 0.3, 1.0):
            progress(share)
    assert capsys.readouterr().err.splitlines() == [
        "Simulating: 20 % after 6 s",
        "Simulating: 30 % after 8 s",
        "Simulating: 100 % after 9 s",
    ]
