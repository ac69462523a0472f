"""Whatever is wrong with the input: exit code 2, one line a fault on stderr, no output, an earlier result untouched."""

import os
import subprocess
import sys

import pytest

CROWDING = 'set = { "funds.crowding" = 0.0 }'
MEASURE = 'measure = { name = "fund_trough", days = 4 }'
DAILY = 'name = "daily", column = "khandani_lo", on = 2007-08-07'

# What stands in the small scenario, what stands there instead, the key that the answer names, and what it allows.
WRONG_VALUES = {
    "unknown section": ("[funds]", "[fund]", "fund: unknown key; did you mean funds?", "clock, market"),
    "unknown key": ("count = 12", "cuont = 12", "funds.cuont: unknown key; did you mean count?", "styles"),
    "text for a number": ("count = 12", 'count = "12"', "funds.count = '12'", "a whole number"),
    "half a fund": ("count = 12", "count = 12.5", "funds.count = 12.5", "a whole number"),
    "no funds": ("count = 12", "count = 0", "funds.count = 0", "1..100000"),
    "one stock": ("stocks = 40", "stocks = 1", "market.stocks = 1", "4..20000"),
    "true for a number": ("styles = 2", "crowding = true", "funds.crowding = true", "a number"),
    "infinite": ("styles = 2", "leverage = inf", "funds.leverage = inf", "a finite number"),
    "nan": ("styles = 2", "leverage = nan", "funds.leverage = nan", "a finite number"),
    "out of range": ("styles = 2", "crowding = 1.5", "funds.crowding = 1.5", "0..1"),
    "negative": ("styles = 2", "leverage = -1", "funds.leverage = -1", "0.01..50"),
    "a number of a hundred digits": ("count = 12", f"count = {'9' * 100}", "funds.count = 999", "1..100000"),
    "a hexadecimal of a thousand digits": ("count = 12", f"count = 0x{'f' * 5000}", "funds.count = inf", "whole"),
    "percent for a ratio": ("reserve = 0.12", "reserve = 61.854", "desk.reserve = 61.854", "not percent"),
    "headroom reversed": ("styles = 2", "headroom = [0.3, 0.1]", "headroom = [0.3, 0.1]", "lowest <= highest"),
    "headroom of three": ("styles = 2", "headroom = [0.1, 0.2, 0.3]", "funds.headroom", "list of 2, found 3"),
    "headroom in words": ("styles = 2", 'headroom = "wide"', "funds.headroom = 'wide'", "a list"),
    "event outside the run": ("event = 2007-08-06", "event = 2007-09-06", "event = 2007-09-06", "to 2007-08-14"),
    "event on a Sunday": ("event = 2007-08-06", "event = 2007-08-05", "event = 2007-08-05", "a trading day"),
    "event on a holiday": (
        "event = 2007-08-06",
        "event = 2007-08-06\nholidays = [2007-08-06]",
        "event = 2007-08-06",
        "a trading day",
    ),
    "event on the first day": ("event = 2007-08-06", "event = 2007-07-30", "event = 2007-07-30", "after the first"),
    "a date in words": ("event = 2007-08-06", 'event = "Monday"', "clock.event = 'Monday'", "a date, YYYY-MM-DD"),
    "a time for a date": ("event = 2007-08-06", "event = 2007-08-06T10:00:00", "clock.event", "a date, YYYY-MM-DD"),
    "year 1": (
        "start = 2007-07-30\ndays = 12\nbars = 3\nevent = 2007-08-06",
        "start = 0001-01-01\nevent = 0001-01-09",
        "clock.start = 0001-01-01",
        "1700 and 2200",
    ),
    "news on a Sunday": (
        "[desk]",
        "[[news]]\ndate = 2007-08-05\nmove = 0\n[desk]",
        "news.date = 2007-08-05",
        "trading",
    ),
    "news of minus three": ("[desk]", "[[news]]\ndate = 2007-08-06\nmove = -3\n[desk]", "news.1.move = -3", "-1..1"),
    "news without a date": ("[desk]", "[[news]]\nmove = -0.3\n[desk]", "news.1.date", "is missing"),
    "one table of news": ("[desk]", "[news]\nmove = -0.3\n[desk]", "news = {'move': -0.3}", "a list of tables"),
    "desk starts on the last day": ("[desk]", "[desk]\nstarts = 2007-08-14", "desk.starts = 2007-08-14", "2007-08-13"),
    "impact law": ("[desk]", '[impact]\nlaw = "cubic"\n[desk]', "impact.law = 'cubic'", "square_root, linear"),
    "schedule": ("days = 2\n", 'days = 2\nschedule = "fast"\n', "liquidator.schedule = 'fast'", "twap"),
    "policy": ("[desk]", '[desk]\npolicy = "ful"', "desk.policy = 'ful'", "full"),
    "when exhausted": ("[desk]", '[desk]\nwhen_exhausted = "pray"', "desk.when_exhausted = 'pray'", "'top_up'"),
    "plan over 1": ("days = 2\n", 'days = 2\nschedule = "plan"\nplan = [0.8, 0.5]\n', "plan", "together at most 1"),
    "empty plan": ("days = 2\n", 'days = 2\nschedule = "plan"\n', "plan", "the share of the book sold each day"),
    "a list of clocks": ("[clock]", "[[clock]]", "clock = [{", "a table"),
    "no title": ('title = "A small market"', "", "title: is missing", "one line of text"),
    "empty title": ('title = "A small market"', 'title = ""', "title = ''", "not be empty"),
    "a number for a title": ('title = "A small market"', "title = 5", "title = 5", "text in quotes"),
    "an escape in the title": (
        'title = "A small market"',
        'title = "\\u001b[31m"',
        "title",
        "control character U+001B",
    ),
    "a page for a title": ('title = "A small market"', f'title = "{"x" * 5000}"', "title = 'xxx", "200 characters"),
    "a page for a key": ("[clock]", f"{'k' * 5000} = 1\n[clock]", "kkk", "unknown key"),
    "counterfactual of an unknown key": (
        CROWDING,
        'set = { "funds.crowdign" = 1 }',
        "alone: funds.crowdign",
        "crowding",
    ),
    "counterfactual of nothing": (CROWDING, "", "counterfactual.1", "`without` or `without_days`"),
    "counterfactual out of range": (CROWDING, 'set = { "funds.crowding" = 3 }', "alone: funds.crowding = 3", "0..1"),
    "counterfactual of a section": (CROWDING, "set = { crowding = 3 }", "key 'crowding'", "a dotted key in quotes"),
    "counterfactual of a table": (CROWDING, 'set = { "funds.count" = { a = 1 } }', "funds.count", "a whole number"),
    "counterfactual in quotes": (CROWDING, 'set = { "funds.crowding" = "0.3" }', "funds.crowding = '0.3'", "a number"),
    "words multiplied": (CROWDING, 'multiply = { "desk.policy" = 2 }', "alone: desk.policy", "no number to multiply"),
    "counterfactual named main": ('name = "alone"', 'name = "main"', "counterfactual: name = 'main'", "not be main"),
    "counterfactual named Ω": ('name = "alone"', 'name = "Ω"', "counterfactual.1.name = 'Ω'", "small letters"),
    "counterfactual too short for its target": (
        CROWDING,
        'set = { "clock.days" = 7 }\n[[target]]\nname = "t"\nkind = "design"\nlow = 0\nhigh = 1\nstatistic = "s"\n'
        'run = "alone"\nmeasure = { name = "fund_trough", days = 3 }',
        "target t: measure.days = 3",
        "not be above 2",
    ),
    "two sensitivities of a name": (
        "[[sensitivity]]",
        '[[sensitivity]]\nname = "impact +3 %"\nmultiply = { "impact.strength" = 1.01 }\n[[sensitivity]]',
        "sensitivity: name = 'impact +3 %'",
        "must be the only one",
    ),
    "a sensitivity of the clock": ('"impact.strength" = 1.03', '"clock.days" = 2', "impact +3 %", "not change [clock]"),
    "two targets of a name": ('name = "tuesday"', 'name = "trough"', "target: name = 'trough'", "must be the only one"),
    "target upside down": ("low = -50", "low = 50", "target.1: low = 50, high = 0", "low must not be above high"),
    "target of no run": ('run = "alone"', 'run = "alnoe"', "alone less its twin: run = 'alnoe'", "main, twin, alone"),
    "target without its twin": ("twin = true\n", "", "alone less its twin: minus_twin", "twin = true"),
    "unknown kind": ('kind = "history"', 'kind = "wish"', "target.2.kind = 'wish'", "'history', 'held-out', 'input'"),
    "unknown reduction": ("scale = 100.0", 'reduce = "max"', "target.1.reduce = 'max'", "'median'"),
    "a share of what is no yes or no": ("scale = 100.0", 'reduce = "share"', 'reduce = "share"', "median, mean"),
    "unknown measure": ('"fund_trough"', '"fund_troff"', "target.1.measure", "did you mean fund_trough?"),
    "measure of an unknown parameter": ("days = 4 }", "dais = 4 }", "target.1.measure.dais", "did you mean days?"),
    "measure of no days": ("days = 4 }", "days = 0 }", "target.1.measure.days = 0", "at least 1"),
    "measure in quotes": ("days = 4 }", 'days = "4" }', "target.1.measure.days = '4'", "a whole number"),
    "measure beyond the run": ("days = 4 }", "days = 40 }", "target trough: measure.days = 40", "not be above 7"),
    "measure without a name": (MEASURE, "measure = { days = 4 }", "target.1.measure", "fund_trough"),
    "measure of a list": ('"fund_trough"', '["fund_trough"]', "target.1.measure", "a name out of"),
    "no measure": (MEASURE, "", "target.1.measure", "is missing"),
    "unknown column": (
        '"khandani_lo"',
        '"khandani"',
        "target.2.measure.column = 'khandani'",
        "did you mean khandani_lo?",
    ),
    "a date after the run": ("on = 2007-08-07", "on = 2007-08-27", "tuesday: measure.on = 2007-08-27", "to 2007-08-14"),
    "a date on a Saturday": ("on = 2007-08-07", "on = 2007-08-04", "tuesday: measure.on = 2007-08-04", "a trading day"),
    "a date before the first return": ("on = 2007-08-07", "on = 2007-07-30", "tuesday: measure.on", "from 2007-07-31"),
    "signs beyond the run": (
        DAILY,
        'name = "signs", column = "index", from = 2007-08-13, signs = [1, 1, 1]',
        "tuesday: measure.from = 2007-08-13",
        "to 2007-08-10",
    ),
    "a sign of two": (
        DAILY,
        'name = "signs", column = "index", from = 2007-08-13, signs = [1, 2]',
        "target.2.measure.signs.2 = 2",
        "-1, 0 or 1",
    ),
    "history of a Monday": (
        "[desk]",
        '[[history]]\nname = "index"\nunit = "%"\nsource = "s"\nvalues = { monday = 1 }\n[desk]',
        "history.1.values: key 'monday'",
        "a date, YYYY-MM-DD",
    ),
    "holdings of a number": ("styles = 2", "holdings = 5", "funds.holdings = 5", "text in quotes"),
    "no holdings file": ("styles = 2", 'holdings = "none.csv"', "none.csv", "cannot be read"),
}

WRONG_FILES = {
    "empty": (b"", "title", "is missing"),
    "no TOML": (b"hello world", "not TOML", "at line 1"),
    "a bad date": (b'title = "x"\nday = 2007-02-30', "not TOML", "at line 2"),
    "a table twice": (b'title = "x"\n[clock]\n[clock]', "not TOML", "twice"),
    "latin-1": ('title = "é"'.encode("latin-1"), "byte 9", "save it as UTF-8"),
    "UTF-16": ('title = "x"'.encode("utf-16"), "byte 0", "save it as UTF-8"),
    "a zero byte": (b'title = "a\x00"', "not TOML", "Illegal character"),
    "brackets without end": (b"a = " + b"[" * 5000, "not TOML", "nested too deeply"),
    "brackets within brackets": (b'title = "x"\n[sources]\na = ' + b"[" * 250 + b"]" * 250, "nested too deeply", ""),
    "a number without end": (b"a = " + b"9" * 5000, "cannot be read", "4300 digits"),
    "nonsense for a section": (b'title = "x"\nfunds = 3', "funds = 3", "a table"),
    "extends a number": (b'title = "x"\nextends = 5', "extends = 5", "in quotes"),
    "extends a list": (b'title = "x"\nextends = ["quake-2007"]', "extends = ['quake-2007']", "in quotes"),
    "extends nobody": (b'title = "x"\nextends = "quake-2008"', "extends = 'quake-2008'", "did you mean quake-2007?"),
    "extends no file": (b'title = "x"\nextends = "none.toml"', "none.toml", "no such file"),
    "extends itself": (b'title = "x"\nextends = "my.toml"', "extends = 'my.toml'", "not come back"),
    "extends a folder": (b'title = "x"\nextends = "folder.toml"', "folder.toml", "is a folder"),
}

ROW = ",".join(["1", "-1"] * 20) + "\n"
WRONG_HOLDINGS = {
    "ragged": (ROW * 11 + ROW.strip() + ",1\n", "row 12: 41 cells", "must have 40, as the other rows have"),
    "a word": (ROW * 11 + ROW.replace("1", "one", 1), "row 12: column 1 is one", "a finite number"),
    "infinite": (ROW * 11 + ROW.replace("1", "inf", 1), "row 12: column 1", "a finite number"),
    "three funds": (ROW * 3, "3 rows and 40 columns", "12 rows (funds.count) and 40 columns (market.stocks)"),
    "an empty book": (ROW * 11 + ",".join("0" * 40), "row 12: an empty book", "must hold something"),
    "nothing": ("", "cannot be read", "is empty"),
    "no text": (b"\x1f\x8b" + 40 * b"\x80\x00", "compressed by gzip", "bring the table itself"),
    "books that cancel out": (ROW * 6 + ROW.replace("-1", "x").replace("1", "-1").replace("x", "1") * 6, "cancel", ""),
}

WRONG_OPTIONS = {
    "unknown command": (["rnu"], "rnu", "Did you mean 'run'?"),
    "no scenario": (["run"], "scenario", "Missing argument"),
    "unknown scenario": (["run", "quake-2008"], "quake-2008", "did you mean quake-2007?"),
    "empty scenario": (["run", ""], "(empty)", "quake-2007"),
    "no such file": (["run", "none.toml"], "none.toml: no such file", "a scenario file"),
    "a folder": (["run", "folder.toml"], "folder.toml: is a folder", "a scenario file"),
    "a zero byte in a name": (["run", "a\0.toml"], "a\\x00.toml", "cannot be read"),
    "a name without end": (["run", "x" * 300 + ".toml"], "xxx", "File name too long"),
    "unknown option": (["run", "good.toml", "--nope"], "--nope", "No such option"),
    "too many words": (["run", "good.toml", "more"], "more", "unexpected"),
    "no paths": (["run", "good.toml", "--paths", "0"], "paths = 0", "1..1000000"),
    "negative paths": (["run", "good.toml", "--paths", "-1"], "paths = -1", "1..1000000"),
    "paths in words": (["run", "good.toml", "--paths", "abc"], "--paths", "a valid integer"),
    "paths without end": (["run", "good.toml", "--paths", "9" * 11], "paths = 99999999999", "1..1000000"),
    "negative seed": (["run", "good.toml", "--seed", "-1"], "seed = -1", "from 0 to 2^63"),
    "huge seed": (["run", "good.toml", "--seed", str(2**64)], "seed = 18446744073709551616", "from 0 to 2^63"),
    "no workers": (["run", "good.toml", "--workers", "0"], "workers = 0", "1..1024"),
    "set without =": (["run", "good.toml", "--set", "funds.crowding"], "--set funds.crowding", "key=value"),
    "set without a key": (["run", "good.toml", "--set", "=5"], "--set =5", "key=value"),
    "set twice": (["run", "good.toml", "--set", "funds.count=1", "--set", "funds.count=2"], "funds.count", "set once"),
    "set an unknown key": (["run", "good.toml", "--set", "funds.cuont=3"], "funds.cuont", "did you mean count?"),
    "set an unknown section": (["run", "good.toml", "--set", "fund.count=3"], "fund", "did you mean funds?"),
    "set a section": (["run", "good.toml", "--set", "funds=3"], "funds = 3", "a table"),
    "set below a value": (["run", "good.toml", "--set", "funds.count.x=3"], "funds.count.x", "no keys of its own"),
    "set to text": (["run", "good.toml", "--set", "funds.count=many"], "funds.count = 'many'", "a whole number"),
    "set to nothing": (["run", "good.toml", "--set", "funds.count="], "funds.count = ''", "a whole number"),
    "set to nan": (["run", "good.toml", "--set", "funds.crowding=nan"], "funds.crowding = nan", "a finite number"),
    "set to percent": (["run", "good.toml", "--set", "desk.reserve=12%"], "desk.reserve = '12%'", "not percent"),
    "set a number for a title": (["run", "good.toml", "--set", "title=5"], "title = 5", "text in quotes"),
    "set what extends": (["run", "good.toml", "--set", "extends=quake-2007"], "extends", "unknown key"),
    "set an escape": (["run", "good.toml", "--set", "title=\x1b[31m"], "title=\\x1b[31m", "control characters"),
    "set days that targets need": (["run", "good.toml", "--set", "clock.days=8"], "measure.days = 4", "above 3"),
    "out is a file": (["run", "good.toml", "--out", "good.toml"], "good.toml: is a file", "choose a folder"),
    "out is somebody's folder": (["run", "good.toml", "--out", "folder.toml"], "folder.toml", "choose another"),
    "out is below a file": (["run", "good.toml", "--out", "good.toml/x/y"], "good.toml is a file", "choose"),
    "out is a name without end": (["run", "good.toml", "--out", "x" * 300], "xxx", "File name too long"),
    "no index": (["hedge", "--start", "2007-01-02", "--end", "2007-01-04"], "--index", "Missing option"),
}

WRONG_HEDGES = {
    "missing file": (["--index", "none.csv"], "none.csv: no such file", "a CSV or Parquet file"),
    "missing book": (["--spot", "none.csv"], "none.csv: no such file", "a CSV or Parquet file"),
    "a folder": (["--index", "folder.toml"], "folder.toml: is a folder", "a CSV or Parquet file"),
    "dates reversed": (["--start", "2007-01-05", "--end", "2007-01-02"], "start = 2007-01-05", "must be before"),
    "start in words": (["--start", "soon"], "'--start'", "soon: must be a date, YYYY-MM-DD"),
    "month 13": (["--end", "2007-13-01"], "'--end'", "2007-13-01: must be a date, YYYY-MM-DD"),
    "before the series": (["--start", "1990-01-01"], "start = 1990-01-01", "2007-01-02"),
    "one close": (["--end", "2007-01-02"], "1 close", "at least 2"),
    "reserve nan": (["--reserve", "nan"], "reserve = nan", "0..5"),
    "reserve negative": (["--reserve", "-1"], "reserve = -1", "0..5"),
    "reserve in percent": (["--reserve", "61.8"], "reserve = 61.8", "not percent"),
    "reserve in words": (["--reserve", "much"], "--reserve", "a valid number"),
    "book of nothing": (["--book", "0"], "book = 0", "1..1e+18"),
    "book nan": (["--book", "nan"], "book = nan", "1..1e+18"),
    "margin of nothing": (["--margin", "0"], "margin = 0", "0.0001..1"),
    "margin of two": (["--margin", "2"], "margin = 2", "not percent"),
    "unknown policy": (["--policy", "ful"], "policy = ful", "did you mean full?"),
    "policy twice": (["--policy", "full", "--policy", "full"], "policy = full", "given once"),
    "base NAV of nothing": (["--spot", "prices.csv", "--base-nav", "0"], "base_nav = 0", "1e-06..1e+09"),
    "base NAV of no book": (["--base-nav", "4"], "base_nav = 4", "left out without a spot series"),
    "when exhausted": (["--when-exhausted", "pray"], "when_exhausted = pray", "top_up, reduce"),
    "out is a file": (["--out", "good.toml"], "good.toml: is a file", "choose a folder"),
}


@pytest.mark.parametrize(("old", "new", "found", "allowed"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_a_wrong_value_is_named_with_file_and_key_and_what_is_allowed(
    refused, small_text, tmp_path, old, new, found, allowed
):
    assert small_text.count(old) >= 1
    (tmp_path / "my.toml").write_text(small_text.replace(old, new, 1), encoding="utf-8")
    line = refused("run", "my.toml", "--out", "earlier")
    assert line.startswith("none.csv" if "none.csv" in found else "my.toml: ")
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("content", "found", "allowed"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_scenario_file_is_named_with_what_is_allowed(refused, tmp_path, content, found, allowed):
    (tmp_path / "my.toml").write_bytes(content)
    line = refused("run", "my.toml", "--out", "earlier")
    assert line.startswith("my.toml: ")
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("content", "found", "allowed"), WRONG_HOLDINGS.values(), ids=WRONG_HOLDINGS)
def test_wrong_holdings_are_named_with_what_is_allowed(refused, small_text, tmp_path, content, found, allowed):
    (tmp_path / "books.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    text = small_text.replace("styles = 2", 'holdings = "books.csv"')  # books that are given need no styles
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    line = refused("run", "my.toml", "--out", "earlier")
    assert line.startswith("books.csv: ")
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("arguments", "found", "allowed"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_a_wrong_option_is_named_with_what_is_allowed(refused, arguments, found, allowed):
    line = refused(*arguments)
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("options", "found", "allowed"), WRONG_HEDGES.values(), ids=WRONG_HEDGES)
def test_a_wrong_replay_is_named_with_what_is_allowed(refused, tmp_path, options, found, allowed):
    rows = "".join(f"2007-01-0{day},{100 + day}\n" for day in (2, 3, 4, 5))
    (tmp_path / "prices.csv").write_text(f"date,close\n{rows}", encoding="utf-8")
    given = {"--index": "prices.csv", "--start": "2007-01-02", "--end": "2007-01-05"}
    usual = [word for key, value in given.items() if key not in options for word in (key, value)]
    line = refused("hedge", *usual, *options)
    assert found in line
    assert allowed in line


def test_all_faults_of_a_kind_come_at_once_a_line_each(refused, small_text, tmp_path):
    text = (
        small_text.replace("count = 12", "count = 0").replace("stocks = 40", "stocks = 1").replace("bars = 3", "bar=3")
    )
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    refused("run", "my.toml", lines=3)
    refused("run", "good.toml", "--paths", "0", "--seed", "-1", "--workers", "0", lines=3)


def test_two_files_that_extend_each_other_are_a_fault(refused, tmp_path):
    (tmp_path / "a.toml").write_text('extends = "b.toml"\ntitle = "a"', encoding="utf-8")
    (tmp_path / "b.toml").write_text('extends = "a.toml"\ntitle = "b"', encoding="utf-8")
    line = refused("run", "a.toml")
    assert line.startswith("a.toml: extends = 'b.toml': b.toml: extends = 'a.toml'")


def test_a_result_is_not_written_into_the_folder_that_one_stands_in(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "earlier")
    assert "in use" in refused("run", "../good.toml", "--out", ".")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "quake-2007", "--set", "desk.reserve=61.854"], "desk.reserve = 61.854: must lie in 0..5"),
        (["run", "quake-2007", "--set", "title=\udcff"], "must be text without control characters"),
        (["nope"], "No such command 'nope'."),
    ],
)
def test_a_process_ends_with_exit_code_2_and_one_line(arguments, told):
    done = subprocess.run(
        [sys.executable, "-m", "crowdquake.cli", *arguments],
        env=os.environ | {"PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_under_the_output_is_told_in_one_line():
    with open("/dev/full", "w", encoding="utf-8") as full:
        words = [sys.executable, "-m", "crowdquake.cli", "schema"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: the output cannot be written: No space left on device\n"
