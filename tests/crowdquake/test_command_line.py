import math

import pytest

from scenarios import load, parse_overrides, scenario_names


def test_run_json_has_what_the_design_promises(answer, small_file, small_run):
    found = answer("run", small_file, "--paths", 5, "--seed", 13, "--json")
    assert {"scenario", "paths", "seed", "targets", "summary", "counterfactual"} <= set(found)
    assert (found["scenario"], found["paths"], found["seed"]) == ("small", 5, 13)
    wanted = {"name", "kind", "history", "low", "high", "statistic", "measured", "interval", "met"}
    assert len(found["targets"]) == 3
    assert all(wanted <= set(target) for target in found["targets"])
    assert found["summary"] == small_run.summary()["figures"]
    assert found["counterfactual"] == small_run.counterfactual()


def test_run_takes_its_options(answer, small_file):
    usual = answer("run", small_file, "--paths", 2, "--no-counterfactuals", "--json")
    other = answer("run", small_file, "--paths", 2, "--no-counterfactuals", "--json", "--set", "liquidator.size=0")
    assert list(usual["counterfactual"]) == ["twin"]
    assert usual["summary"] != other["summary"]
    assert usual["counterfactual"]["twin"] == other["counterfactual"]["twin"]


def test_run_writes_results_and_charts_and_says_so_for_people(command, small_file, small_run, tmp_path):
    found = command("run", small_file, "--paths", 5, "--seed", 13, "--out", tmp_path / "result")
    assert found.code == 0
    for word in ("A small market", "trough", "tuesday", "Median fund", "Funds with nothing in common", "targets met"):
        assert word in found.out
    assert "3 of 3 targets met (history 1 of 1, design 2 of 2) in" in found.out
    assert load(tmp_path / "result").summary() == small_run.summary()
    names = ("khandani-lo", "fund-nav", "cascade", "margin-calls", "hedge-desk", "targets")
    for name in names:
        for kind in ("png", "svg"):
            assert (tmp_path / "result" / f"{name}.{kind}").stat().st_size > 5_000


def test_an_interrupted_sweep_says_what_it_keeps(command, small_file, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("scenarios.studies.base.simulate", interrupt)
    found = command("sweep", small_file, "--vary", "funds.crowding=0,1", "--paths", "2", "--out", tmp_path / "sweep")
    assert (found.code, found.out) == (130, "")
    assert found.err.endswith(f"{tmp_path / 'sweep'} keeps what is finished, --resume goes on with it\n")


def test_an_interrupted_run_says_so_and_leaves_the_earlier_result(command, small_file, tmp_path, monkeypatch):
    command("run", small_file, "--paths", 1, "--out", tmp_path / "result")
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir())

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("crowdquake.charts.save_all", interrupt)
    found = command("run", small_file, "--paths", 2, "--out", tmp_path / "result")
    assert (found.code, found.out, found.err) == (130, "", "interrupted; nothing was written\n")
    assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_a_full_disk_leaves_the_earlier_result_and_no_json(command, small_file, tmp_path, monkeypatch):
    command("run", small_file, "--paths", 1, "--out", tmp_path / "result")
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crowdquake.charts.save_all", full)
    found = command("run", small_file, "--paths", 2, "--out", tmp_path / "result", "--json")
    assert (found.code, found.out) == (2, "")
    assert found.err == f"error: {tmp_path / 'result'}: cannot be written: No space left on device\n"
    assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_brackets_and_dollars_in_names_are_text(command, small_text, tmp_path):
    text = small_text.replace('name = "trough"', 'name = "[/b] $x_{ of $y"').replace('"A small', '"[red] :bomb: small')
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    options = ("--paths", 2, "--set", "market.currency=US$", "--out", tmp_path / "result")
    found = command("run", tmp_path / "odd.toml", *options)
    assert found.code == 0, found.err
    assert "[red] :bomb: small market" in found.out
    assert "[/b] $x_{ of $y" in found.out
    assert "$x { of $y" in (tmp_path / "result" / "targets.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "reserve", "total_return"),
    [
        (["--start", "2007-06-29", "--end", "2008-03-19", "--base-nav", "4.695"], 0.71753, 0.21694),
        (["--start", "2004-12-31", "--end", "2005-12-30"], 0.15389, 0.06461),
    ],
)
def test_hedge_json_gives_the_report_s_figures(answer, real_data, tmp_path, options, reserve, total_return):
    index, spot = real_data / "csi300_ohlc.csv", real_data / "fund_000011_nav.csv"
    arguments = ["hedge", "--index", index, "--spot", spot, "--policy", "full", *options, "--json"]
    figures = answer(*arguments)["policies"]["full"]
    assert figures["reserve"] == pytest.approx(reserve, abs=5e-6)
    assert figures["return"] == pytest.approx(total_return, abs=5e-6)
    assert {"undiluted_return", "margin_call_days", "shortfall_max", "contracts_max"} <= set(figures)
    assert answer(*arguments, "--out", tmp_path / "result")["policies"]["full"] == figures
    assert (tmp_path / "result" / "hedge.png").stat().st_size > 5_000


@pytest.fixture
def prices(tmp_path):
    """Five closes that rise by 60 %."""
    path = tmp_path / "prices.csv"
    closes = (100, 110, 120, 150, 160)
    path.write_text("date,close\n" + "".join(f"2007-01-0{day},{close}\n" for day, close in enumerate(closes, 2)))
    return path


def test_hedge_names_the_days_on_which_margin_is_called(answer, prices):
    window = ("--start", "2007-01-02", "--end", "2007-01-06", "--book", "1000", "--margin", "0.2")
    found = answer("hedge", "--index", prices, *window, "--reserve", "0.5", "--json")
    figures = found["policies"]["full"]
    # Margin is 20 % of the index, losses its rise: 20, 32, 44, 80 and 92 % of the book against a reserve of 50 %.
    assert figures["margin_calls"] == [
        {"date": "2007-01-05", "amount": pytest.approx(300)},
        {"date": "2007-01-06", "amount": pytest.approx(120)},  # what was called before is not called again
    ]
    assert figures["called_money"] == pytest.approx(420)
    assert (figures["margin_call_days"], figures["first_margin_call"]) == (2, "2007-01-05")
    assert figures["shortfall_max"] == pytest.approx(0.42)
    assert figures["undiluted_return"] == pytest.approx(0, abs=1e-12)
    assert (found["index"], found["spot"], found["days"]) == ("prices.csv", None, 4)


def test_hedge_prints_for_people_and_writes_its_accounts(command, prices, tmp_path):
    window = ("--start", "2007-01-02", "--end", "2007-01-06")
    found = command("hedge", "--index", prices, *window, "--out", tmp_path / "result")
    assert found.code == 0
    for word in ("prices.csv", "the index itself", "reserve", "most contracts"):
        assert word in found.out
    assert {path.name for path in (tmp_path / "result").iterdir()} == {
        *("accounts.csv", "accounts.parquet", "hedge.png", "hedge.svg", "manifest.json")
    }


def test_schema_is_a_json_schema_that_tells_every_key_with_its_meaning_and_range(answer):
    schema = answer("schema")
    assert set(schema["required"]) == {"title"}
    funds = schema["$defs"]["Funds"]["properties"]
    assert (funds["crowding"]["minimum"], funds["crowding"]["maximum"]) == (0, 1)
    assert all("description" in item for item in funds.values())
    assert "measure" in schema["$defs"]["Target"]["properties"]


def test_scenarios_lists_each_with_one_line(command, answer):
    lines = command("scenarios").out.splitlines()
    assert [line.split()[0] for line in lines] == scenario_names()
    found = answer("scenarios", "--json")
    assert list(found) == scenario_names()
    assert all(found[line.split()[0]]["title"] in line for line in lines)


def test_help_and_version_are_asked_for_without_a_command(command):
    for arguments in ([], ["--help"]):
        found = command(*arguments)
        assert (found.code, found.err) == (0, "")
        assert "hedge" in found.out
    assert command("--version").out.startswith("crowdquake ")


BARE = parse_overrides(["counterfactual=[]", "sensitivity=[]", "target=[]"])
SHORT = ["clock.days=2", "clock.event=2007-07-31"]
EXTREMES = {
    "one fund": ["funds.count=1"],
    "four stocks": ["market.stocks=4"],
    "one bar": ["clock.bars=1"],
    "two days": SHORT,
    "event on the last day": ["clock.event=2007-08-14"],
    "no factors": ["market.factors=0"],
    "no desk": ["desk.size=0"],
    "no reserve": ["desk.reserve=0"],
    "no reserve, legs cut": ["desk.reserve=0", "desk.when_exhausted=reduce"],
    "desk of a day": ["desk.starts=2007-08-13"],
    "no sector": ["index_sector.holding=0"],
    "no equity": ["funds.capital=0"],
    "no liquidator": ["liquidator.size=0"],
    "no impact": ["impact.strength=0"],
    "no headroom": ["funds.headroom=[0, 0]"],
    "one book": ["funds.crowding=1"],
    "a fall of 63 %": ["news=[{ date = 2007-08-06, move = -1 }]"],
    "a market ten times as volatile": ["market.market_volatility=0.07", "market.factor_volatility=0.04"],
    "the smallest": [
        *(*SHORT, "clock.bars=1", "market.stocks=4", "market.factors=0", "funds.count=1", "funds.styles=1"),
        *("index_sector.holding=0", "index_sector.members=1", "desk.size=0", "funds.capital=0", "liquidator.size=0"),
    ],
}


DRAWN = ("two days", "event on the last day", "one fund", "no desk", "no reserve", "no equity", "the smallest")


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTREMES)
def test_the_extremes_give_sane_numbers_charts_and_tables(answer, command, small_file, tmp_path, name):
    sets = [word for one in (*EXTREMES[name], *(f"{key}=[]" for key in BARE)) for word in ("--set", one)]
    for paths in (1, 2):
        out = ("--out", tmp_path / "result") if name in DRAWN and paths == 1 else ()
        found = answer("run", small_file, "--paths", paths, *sets, "--json", *out)
        for key, figure in found["summary"].items():
            value = figure.get("share", figure.get("median"))
            assert value is None or math.isfinite(value)
            assert value is None or not figure["unit"].startswith("ratio to NAV") or -1.5 < value < 10, key
        assert not out or (tmp_path / "result" / "fund-nav.png").exists()
    assert command("run", small_file, "--paths", 1, *sets).code == 0


@pytest.mark.parametrize(
    "wild",
    [
        ["impact.strength=48", "funds.leverage=40"],
        ["funds.capital=1000", "impact.permanent=10"],
        ["market.stock_volatility=0.5", "impact.strength=10"],
    ],
)
def test_a_market_beyond_all_reason_ends_in_one_line(command, small_file, tmp_path, wild):
    sets = [word for one in (*wild, "sensitivity=[]") for word in ("--set", one)]
    found = command("run", small_file, "--paths", 2, *sets, "--json", "--out", tmp_path / "result")
    assert (found.code, found.out) == (2, "")
    assert len(found.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
