"""`hedge`, `hedge-reserve`, `replicate-report`, `fear-gauge` and `contracts`, from the command line to their files."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from cqkit.folders import read_parquet
from hedging import black_price, contract_names
from hedging.options.gauge import trading_days

FIGURES = {"reserve", "return", "undiluted_return", "margin_call_days", "shortfall_max", "contracts_max"}
SIDE_BY_SIDE = ("--policy", "full", "--policy", "partial", "--policy", "timing")


@pytest.fixture
def hedge_command(tmp_path):
    """`hedge` on bars of a made-up index: a fall, a rise, a fall, over 80 days, and 60 days before them."""
    days = pd.bdate_range("2015-04-01", periods=140)
    turns = np.interp(range(140), [0, 60, 90, 120, 139], [4000, 3800, 3600, 4600, 4200])
    closes = turns * np.exp(np.random.default_rng(5).normal(0, 0.01, 140))
    opens = np.concatenate([closes[:1], closes[:-1]])
    bars = {"open": opens, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes), "close": closes}
    pd.DataFrame(bars, index=days.rename("date")).to_csv(tmp_path / "index.csv")
    window = ("--start", f"{days[60]:%Y-%m-%d}", "--end", f"{days[-1]:%Y-%m-%d}")
    return ("hedge", "--index", tmp_path / "index.csv", *window)


def test_three_policies_stand_side_by_side(answer, command, hedge_command):
    found = answer(*hedge_command, *SIDE_BY_SIDE, "--json")
    assert list(found["policies"]) == ["full", "partial", "timing"]
    for figures in found["policies"].values():
        assert set(figures) >= FIGURES
        assert figures["return"] == pytest.approx(figures["undiluted_return"] / (1 + figures["reserve"]))
        assert (figures["margin_call_days"], figures["shortfall_max"]) == (0, 0)
    assert len({figures["reserve"] for figures in found["policies"].values()}) == 3
    shown = command(*hedge_command, *SIDE_BY_SIDE).out
    assert all(name in shown for name in ("full", "partial", "timing", "trades at the next open"))


def test_labels_tell_two_readings_of_a_policy_apart(answer, hedge_command):
    daily = "partial:gain=betadyn,lock_rule=daily"
    found = answer(*hedge_command, "--policy", "P=partial", "--policy", f"Q={daily}", "--policy", daily, "--json")
    assert list(found["policies"]) == ["P", "Q", daily]
    assert found["policies"]["Q"] == found["policies"][daily] != found["policies"]["P"]


def test_a_hedge_on_disk_holds_accounts_charts_and_its_terms(answer, hedge_command, tmp_path):
    options = (*SIDE_BY_SIDE, "--margin", "0.2", "--cost", "0.0005", "--out", tmp_path / "result")
    found = answer(*hedge_command, *options, "--json")
    folder = tmp_path / "result"
    names = {f"{stem}.{kind}" for stem in ("hedge", "policies") for kind in ("png", "svg")}
    assert {path.name for path in folder.iterdir()} == {"accounts.csv", "accounts.parquet", "manifest.json", *names}
    written = json.loads((folder / "manifest.json").read_text())
    assert written.pop("manifest")["overrides"] == {"margin": 0.2, "cost": 0.0005}
    assert written.pop("folder")["command"].startswith("crowdquake hedge --index ")
    assert written == found
    assert (found["terms"]["margin"], found["terms"]["cost"], found["terms"]["basis"]) == (0.2, 0.0005, None)
    accounts = pd.read_csv(folder / "accounts.csv", parse_dates=["date"])
    assert dict(accounts["policy"].value_counts()) == {"full": 80, "partial": 80, "timing": 80}
    pd.testing.assert_frame_equal(accounts, read_parquet(folder / "accounts.parquet"), check_dtype=False)


def test_an_account_gives_the_reserve_that_the_table_shows(answer, hedge_command, tmp_path):
    found = answer(*hedge_command, "--policy", "full", "--out", tmp_path / "result", "--json")
    need = pd.read_csv(tmp_path / "result" / "accounts.csv")["capital_need"].max()
    assert need / 23_475_000 == pytest.approx(found["policies"]["full"]["reserve"])


@pytest.fixture
def calm_of_2015(tmp_path):
    """`hedge` on an index that does not move while the exchange raises margins."""
    days = pd.bdate_range("2015-08-20", "2015-09-15")
    pd.DataFrame({"close": 3000.0}, index=days.rename("date")).to_csv(tmp_path / "calm.csv")
    window = ("--start", "2015-08-20", "--end", "2015-09-15", "--contract", "IF", "--exchange-margins")
    return ("hedge", "--index", tmp_path / "calm.csv", *window)


@pytest.mark.parametrize(
    ("quota", "rates"),
    [
        ((), {"08-25": 0.10, "08-26": 0.12, "08-27": 0.15, "08-28": 0.20, "09-04": 0.20, "09-07": 0.40}),
        (("--hedging-quota",), {"08-25": 0.10, "08-28": 0.10, "09-04": 0.10, "09-07": 0.20}),
    ],
)
def test_exchange_margins_raise_the_need_on_their_dates(answer, calm_of_2015, tmp_path, quota, rates):
    found = answer(*calm_of_2015, *quota, "--out", tmp_path / "result", "--json")
    account = pd.read_csv(tmp_path / "result" / "accounts.csv", index_col="date")
    need = account["capital_need"] / 23_475_000
    for day, rate in rates.items():
        assert need[f"2015-{day}"] == pytest.approx(rate)
    assert found["policies"]["full"]["reserve"] == pytest.approx(max(rates.values()))


def test_a_raised_margin_is_called_on_its_day(answer, calm_of_2015):
    figures = answer(*calm_of_2015, "--reserve", "0.25", "--json")["policies"]["full"]
    assert figures["first_margin_call"] == "2015-09-07"
    assert figures["shortfall_max"] == pytest.approx(0.15)


@pytest.mark.parametrize(
    "costs", [("--cost", "0.001"), ("--roll-spread", "0.01"), ("--roll-spread", "0.01", "--roll-days-before", "3")]
)
def test_costs_lower_the_return(answer, hedge_command, costs):
    free, charged = (answer(*hedge_command, *more, "--json")["policies"]["full"] for more in ((), costs))
    assert charged["undiluted_return"] < free["undiluted_return"] - 0.001


def test_a_basis_and_the_futures_series_that_it_makes_are_one_hedge(answer, hedge_command, tmp_path):
    index = pd.read_csv(tmp_path / "index.csv")
    index.assign(close=0.98 * index["close"])[["date", "close"]].to_csv(tmp_path / "futures.csv", index=False)
    by_basis = answer(*hedge_command, "--basis", "-0.02", "--json")["policies"]["full"]
    by_series = answer(*hedge_command, "--futures", tmp_path / "futures.csv", "--json")
    for figure in ("reserve", "return", "undiluted_return", "contracts_max"):
        assert by_series["policies"]["full"][figure] == pytest.approx(by_basis[figure])
    assert by_series["terms"]["futures"] == "futures.csv"


def test_a_volatility_index_steers_the_contrarian_indicator(answer, hedge_command, tmp_path):
    index = pd.read_csv(tmp_path / "index.csv")
    index.assign(close=20 + 5 * np.sin(np.arange(140) / 6))[["date", "close"]].to_csv(tmp_path / "vix.csv", index=False)
    options = ("--gauge", tmp_path / "vix.csv", "--policy", "timing:indicator=contrarian", "--out", tmp_path / "result")
    answer(*hedge_command, *options, "--json")
    held = pd.read_csv(tmp_path / "result" / "accounts.csv")["contracts"]
    assert 0 < (held > 0).mean() < 1


REPORTED = {
    "full": ("full", 0.21694),
    "P": ("partial", 0.23162),
    "Q": ("partial:gain=betadyn,lock_rule=daily", 0.28802),
}


def real_series(real_data):
    return ("--index", real_data / "csi300_ohlc.csv", "--spot", real_data / "fund_000011_nav.csv")


def test_the_policies_on_the_report_s_series(answer, real_data):
    window = (*real_series(real_data), "--start", "2007-06-29", "--end", "2008-03-19", "--base-nav", "4.695")
    asked = [word for label, (spec, _) in REPORTED.items() for word in ("--policy", f"{label}={spec}")]
    timing = "timing:indicator=ema_both,n=13"
    found = answer("hedge", *window, *asked, "--policy", timing, "--policy", "minimum-variance", "--json")["policies"]
    for label, (_, expected) in REPORTED.items():
        assert found[label]["return"] == pytest.approx(expected, abs=5e-6)
    assert 0 < found["minimum-variance"]["reserve"] < found["full"]["reserve"]
    prompt = answer("hedge", *window, "--policy", timing, "--execution", "close", "--json")["policies"][timing]
    assert prompt["return"] == pytest.approx(0.655, abs=5e-4)
    assert prompt["return"] > found[timing]["return"]


RESERVE = ("hedge-reserve", "--days", "60", "--paths", "2000")


def test_a_reserve_in_advance_has_intervals_and_frontiers(answer, command, tmp_path):
    found = answer(*RESERVE, "--reserve", "0.3", "--out", tmp_path / "result", "--json")
    assert [row["confidence"] for row in found["reserves"]] == [0.95, 0.99, 0.999]
    for row in found["reserves"]:
        assert row["low"] <= row["reserve"]
        assert row["high"] is None or row["reserve"] <= row["high"]
        # The closed form is looked at without pause, so it lies above.
        assert row["reserve"] == pytest.approx(found["reflection"][f"{row['confidence']:g}"], rel=0.15)
    share, low, high = found["call_probability"]
    assert 0 < low < share < high < 1
    calls = [row["probability"] for row in found["call_frontier"]]
    assert calls == sorted(calls, reverse=True)
    assert [row["kept"] for row in found["dilution_frontier"]] == pytest.approx(
        [1 / (1 + row["reserve"]) for row in found["dilution_frontier"]]
    )
    assert {path.name for path in (tmp_path / "result").iterdir()} == {
        *("reserves.csv", "calls.csv", "dilution.csv", "frontier.png", "frontier.svg", "manifest.json")
    }
    shown = command(*RESERVE, "--reserve", "0.3").out
    assert all(word in shown for word in ("99.9 %", "by reflection", "A reserve of 30 % is called in"))


def test_the_same_seed_gives_the_same_reserve_and_another_another(answer):
    first, again, other = (answer(*RESERVE, "--seed", seed, "--json")["reserves"] for seed in (3, 3, 4))
    assert first == again != other


@pytest.mark.parametrize(
    "options",
    [
        ("--policy", "mine=partial:confidence=0.95"),
        ("--model", "student_t:degrees=3,volatility=0.4"),
        ("--alpha", "0.1", "--tracking-error", "0.05", "--antithetic"),
        ("--contract", "IM"),
    ],
)
def test_another_policy_model_book_or_contract_needs_another_reserve(answer, options):
    usual, other = (answer(*RESERVE, *more, "--json") for more in ((), options))
    field = "dilution_frontier" if "--alpha" in options else "reserves"
    assert other[field] != usual[field]
    assert other["policy"] == ("mine" if "--policy" in options else "full")


def test_a_bootstrap_draws_from_the_user_s_index(answer, hedge_command):
    index = hedge_command[2]
    found = answer(*RESERVE, "--model", "bootstrap:block=5", "--index", index, "--policy", "partial", "--json")
    assert found["reflection"] == {}
    assert found["reserves"][0]["reserve"] > 0


def test_the_report_s_table_runs_on_the_example_and_says_so(answer, command, tmp_path):
    found = answer("replicate-report", "--out", tmp_path / "result", "--json")
    assert found["synthetic"] is True
    assert {row["verdict"] for row in found["rows"]} <= set(found["verdicts"])
    assert sum(found["verdicts"].values()) == len(found["rows"])
    assert all(row["explanation"] for row in found["rows"])
    shown = command("replicate-report").out
    assert shown.startswith("note: SYNTHETIC")
    stems = {f"{kind}-{window}" for kind in ("sample", "policies") for window in ("2005", "2007-08")}
    charts = {f"{stem}.{kind}" for stem in stems for kind in ("png", "svg")}
    assert {path.name for path in (tmp_path / "result").iterdir()} == {"table.csv", "manifest.json", *charts}
    assert "synthetic example" in (tmp_path / "result" / "sample-2005.svg").read_text(encoding="utf-8")


def test_the_report_s_table_on_its_own_series(answer, real_data):
    history = ("--history", real_data / "csi300_close_2002_2004.csv")
    found = answer("replicate-report", *real_series(real_data), *history, "--json")
    assert found["synthetic"] is False
    assert found["verdicts"] == {"exact": 19, "rounding": 1, "report slip": 4, "not reproduced": 4}


@pytest.fixture
def chain(tmp_path):
    """Quotes of eight options, all at a volatility of 30 % on trading days."""
    rows = ["date,expiry,strike,type,price,spot,rate"]
    today = date(2007, 8, 9)
    for expiry in (date(2007, 8, 17), date(2007, 9, 21)):
        calendar = (expiry - today).days
        volatility = 0.30 * (trading_days(calendar) / calendar) ** 0.5
        forward = 702 * np.exp(0.05 * calendar / 365)
        for strike in (700, 705):
            for call in (True, False):
                price = float(black_price(call, forward, strike, volatility, calendar / 365, 0.05))
                rows.append(f"{today},{expiry},{strike},{'call' if call else 'put'},{price!r},702,0.05")
    path = tmp_path / "quotes.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_options_of_one_volatility_give_that_volatility(answer, command, chain):
    found = answer("fear-gauge", chain, "--json")
    (day,) = found["daily"]
    assert day["index"] == pytest.approx(30, rel=1e-6)
    assert (day["date"], day["near_expiry"], day["reason"]) == ("2007-08-09", "2007-08-17", "")
    assert len(found["options"]) == 8
    assert sum(option["weight"] for option in found["options"]) == pytest.approx(1)
    assert "30.00" in command("fear-gauge", chain).out


def test_quotes_are_read_as_the_user_says(answer, chain):
    rows = [line.split(",") for line in chain.read_text().splitlines()]
    turned = [
        [row[0].replace("-", "")[2:], row[1].replace("-", "")[2:], *row[2:4], "9", *row[5:], row[4]] for row in rows
    ]
    turned[0] = ["date", "expiry", *rows[0][2:], "mine"]
    chain.write_text("\n".join(";".join(row).replace(".", ",") for row in turned))
    said = ["--date-format", "YYMMDD", "--decimal", ",", "--column", "mine"]
    found = answer("fear-gauge", chain, *said, "--json")
    assert found["daily"][0]["index"] == pytest.approx(30, rel=1e-6)
    assert any("read (semicolons between cells; decimal commas; dates as YYMMDD)" in note for note in found["notes"])


def test_a_day_without_a_value_says_why_beside_those_that_have_one(answer, command, chain):
    text = chain.read_text()
    chain.write_text(text + "2007-08-10,2007-08-24,700,call,9.5,702,0.05\n")
    days = answer("fear-gauge", chain, "--json")["daily"]
    assert [day["index"] is None for day in days] == [False, True]
    assert "monthly expiries" in days[1]["reason"]
    assert "monthly expiries" in " ".join(command("fear-gauge", chain).out.split())


def test_contracts_are_listed_with_how_sure_they_are(answer, command):
    assert list(answer("contracts", "--json")) == list(contract_names())
    shown = command("contracts", "IF").out
    assert all(word in shown for word in ("2015-09-07", "40 %", "20 %", "from memory", "Rules by date"))
    terms = answer("contracts", "IF", "--json")["IF"]
    assert (terms["launched"], terms["margin_certainty"]) == ("2010-04-16", "V")
    assert {rule["start"] for rule in terms["rules"]} >= {"2015-08-26", "2015-08-27", "2015-08-28", "2015-09-07"}


def test_the_example_of_a_contract_file_is_one(answer, command, hedge_command, tmp_path):
    (tmp_path / "my.toml").write_text(command("contracts", "--example").out, encoding="utf-8")
    found = answer(*hedge_command, "--contract", tmp_path / "my.toml", "--json")
    assert (found["contract"], found["terms"]["contract"]) == ("MY", "my.toml")
