"""Whatever is wrong with what `hedge` and its relatives are given: exit code 2, one line a fault, nothing written."""

from datetime import date, timedelta

import pytest

PARTIAL_RANGES = {
    "confidence=2": "between 0 and 1 (a probability",
    "confidence=nan": "must be a number",
    "loss_limit=-1": "0..1 (a share of the book",
    "gain=alpha": "beta, betadyn",
    "lock_rule=": "lock_rule = (empty)",
    "volatility=garchx": "did you mean garch?",
    "window=1": "at least 2",
    "window=forty": "a whole number",
    "method=monte_carlo,draws=0": "at least 10",
    "gain=beta,gain=beta": "must occur once",
    "gain": "must be parameter=value",
    "colour=red": "unknown parameter",
}

# Options, what the answer finds, and what it allows.
WRONG_HEDGES = {
    **{
        f"partial:{text}": (["--policy", f"partial:{text}"], text.split(",")[-1].partition("=")[0], allowed)
        for text, allowed in PARTIAL_RANGES.items()
    },
    "empty policy": (["--policy", ""], "policy = (empty)", "full, full-rebalanced"),
    "empty label": (["--policy", "=full"], "policy =full", "must be a word"),
    "label of nothing": (["--policy", "mine="], "policy = (empty)", "full, full-rebalanced"),
    "label twice": (["--policy", "a=full", "--policy", "a=partial"], "policy = a", "label of its own"),
    "label of an escape": (["--policy", "\x1b[31m=full"], "\\x1b[31m", "without control characters"),
    "no parameters": (["--policy", "full:"], "(empty)", "parameter=value"),
    "a parameter of full": (["--policy", "full:size=1"], "policy full: size = 1", "there are none"),
    "unknown indicator": (["--policy", "timing:indicator=lhem"], "indicator = lhem", "ema_both"),
    "indicator over no days": (["--policy", "timing:n=0"], "indicator ema_both: n = 0", "at least 1"),
    "indicator over half a day": (["--policy", "timing:n=1.5"], "n = 1.5", "a whole number"),
    "no gauge": (["--policy", "timing:indicator=contrarian"], "no volatility index", "give one"),
    "window below least": (["--policy", "minimum-variance:window=1"], "least = 20", "must not exceed window"),
    "two policies": (["--policy", "full,partial"], "full,partial", "one of full"),
    "no history file": (["--history", "none.csv"], "none.csv: no such file", "a CSV or Parquet file"),
    "history is the index": (["--history", "prices.csv"], "no dates before 2007-01-02", "must come before the index"),
    "history of words": (["--history", "words.csv"], "words.csv: row 2: close = abc", "must be a number"),
    "no gauge file": (["--gauge", "none.csv"], "none.csv: no such file", "a CSV or Parquet file"),
    "gauge without dates": (["--gauge", "letters.csv"], "columns found: a, b", "one must be called date"),
    "gauge too late": (["--gauge", "late.csv"], "late.csv: no value up to 2007-01-02", "no later than the first day"),
    "unknown contract": (["--contract", "IK"], "contract = IK", "IF-2008-report"),
    "empty contract": (["--contract", ""], "contract = (empty)", "IF-2008-report"),
    "no contract file": (["--contract", "none.toml"], "none.toml: no such file", "a TOML file"),
    "contract is a folder": (["--contract", "folder.toml"], "folder.toml: cannot be read", "a readable TOML file"),
    "contract no TOML": (["--contract", "words.toml"], "words.toml: is not TOML", "at line 1"),
    "contract of a wrong key": (["--contract", "typo.toml"], "typo.toml: tik = 1", "did you mean tick?"),
    "margin twice": (["--contract", "IF", "--margin", ".1", "--exchange-margins"], "margin = 0.1", "left out with"),
    "margins before launch": (["--contract", "IF", "--exchange-margins"], "2007-01-02", "launch on 2010-04-16"),
    "margins of no exchange": (["--exchange-margins"], "contract IF-2008-report has no margins by date", "as IF"),
    "quota without exchange": (["--hedging-quota"], "hedging_quota", "left out without exchange margins"),
    "maintenance of nothing": (["--maintenance", "0"], "maintenance = 0", "above 0 and at most 1"),
    "maintenance of two": (["--maintenance", "2"], "maintenance = 2", "above 0 and at most 1"),
    "cost of all": (["--cost", "1"], "cost = 1", "0..0.1"),
    "cost negative": (["--cost", "-1"], "cost = -1", "0..0.1"),
    "cost nan": (["--cost", "nan"], "cost = nan", "0..0.1"),
    "roll spread nan": (["--roll-spread", "nan"], "roll_spread = nan", "-0.5..0.5"),
    "rolls too early": (["--roll-spread", "0", "--roll-days-before", "99"], "roll_days_before = 99", "0..15"),
    "rolls of no spread": (["--roll-days-before", "2"], "roll_days_before = 2", "without a roll spread"),
    "basis of two": (["--basis", "2"], "basis = 2", "-0.5..0.5"),
    "basis nan": (["--basis", "nan"], "basis = nan", "-0.5..0.5"),
    "basis and futures": (["--basis", "nan", "--futures", "prices.csv"], "basis = nan", "left out with a futures"),
    "futures lack dates": (
        ["--futures", "late.csv"],
        "2 of 4 dates of the index are missing",
        "2007-01-02, 2007-01-03",
    ),
    "futures of a NAV": (
        ["--futures", "nav.csv"],
        "nav.csv: 2007-01-02: 1 where the index is 102",
        "within half of it",
    ),
    "no futures file": (["--futures", "none.csv"], "none.csv: no such file", "a CSV or Parquet file"),
    "executed at noon": (["--execution", "noon"], "execution = noon", "close, next_open"),
    "no opens": (["--execution", "next_open"], "no open price", "or use execution = close"),
    "reduced without a reserve": (["--when-exhausted", "reduce"], "when_exhausted = reduce", "without a reserve"),
    "out is somebody's folder": (["--out", "folder.toml"], "folder.toml: holds something", "choose another"),
}

WRONG_RESERVES = {
    "unknown policy": (["--policy", "ful"], "policy = ful", "did you mean full?"),
    "policy out of range": (["--policy", "partial:confidence=7"], "confidence = 7", "between 0 and 1"),
    "policy without its gauge": (
        ["--policy", "timing:indicator=contrarian"],
        "indicator contrarian",
        "volatility index",
    ),
    "unknown model": (["--model", "gbmm"], "path model = gbmm", "did you mean gbm?"),
    "empty model": (["--model", ""], "path model = (empty)", "bootstrap, gbm, student_t"),
    "unknown parameter": (["--model", "gbm:vol=0.3"], "vol = 0.3", "volatility, drift"),
    "volatility nan": (["--model", "gbm:volatility=nan"], "volatility = nan", "a number"),
    "volatility in percent": (["--model", "gbm:volatility=25"], "volatility = 25", "not percent"),
    "drift infinite": (["--model", "gbm:drift=inf"], "drift = inf", "-5..5"),
    "two degrees": (["--model", "student_t:degrees=2"], "degrees = 2", "above 2"),
    "degrees without end": (["--model", "student_t:degrees=inf"], "degrees = inf", "at most 1e6"),
    "no days": (["--days", "0"], "days = 0", "1..2500"),
    "negative days": (["--days", "-1"], "days = -1", "1..2500"),
    "days without end": (["--days", "9" * 11], "days = 99999999999", "1..2500"),
    "one path": (["--paths", "1"], "paths = 1", "2..1000000"),
    "no paths": (["--paths", "0"], "paths = 0", "2..1000000"),
    "paths without end": (["--paths", "9" * 11], "paths = 99999999999", "2..1000000"),
    "an odd path": (["--paths", "3", "--antithetic"], "paths = 3", "must be even"),
    "negative seed": (["--seed", "-1"], "seed = -1", "from 0 to 2^63"),
    "negative reserve": (["--reserve", "-1"], "reserve = -1", "0..5"),
    "reserve nan": (["--reserve", "nan"], "reserve = nan", "0..5"),
    "reserve in percent": (["--reserve", "61.8"], "reserve = 61.8", "not percent"),
    "bootstrap of nothing": (["--model", "bootstrap"], "0 past returns", "at least 60"),
    "bootstrap of four days": (["--model", "bootstrap", "--index", "prices.csv"], "3 past returns", "at least 60"),
    "bootstrap in no blocks": (["--model", "bootstrap:block=0"], "block = 0", "at least 1"),
    "index of words": (["--index", "words.csv"], "words.csv: row 2: close = abc", "must be a number"),
    "alpha nan": (["--alpha", "nan"], "alpha = nan", "-5..5"),
    "tracking error negative": (["--tracking-error", "-1"], "tracking_error = -1", "0..5"),
    "unknown contract": (["--contract", "IK"], "contract = IK", "IF-2008-report"),
    "out is a file": (["--out", "good.toml"], "good.toml: is a file", "choose a folder"),
}

FILES = ["--index", "prices.csv", "--spot", "prices.csv"]
WRONG_REPORTS = {
    "index without spot": (["replicate-report", "--index", "prices.csv"], "index and spot", "both, or neither"),
    "spot without index": (["replicate-report", "--spot", "prices.csv"], "index and spot", "both, or neither"),
    "no such series": (["replicate-report", *FILES[:3], "none.csv"], "none.csv: no such file", "CSV or Parquet"),
    "series of words": (["replicate-report", *FILES[:3], "words.csv"], "words.csv: row 2", "must be a number"),
    "base NAV of nothing": (["replicate-report", *FILES, "--base-nav", "0"], "base_nav = 0", "1e-06..1e+09"),
    "base NAV of no fund": (["replicate-report", "--base-nav", "4.7"], "base_nav = 4.7", "without index and spot"),
    "history of no index": (["replicate-report", "--history", "late.csv"], "history = late.csv", "without index"),
    "report's out is a file": (["replicate-report", "--out", "good.toml"], "good.toml: is a file", "choose a folder"),
    "no quotes": (["fear-gauge"], "quotes", "Missing argument"),
    "no file of quotes": (["fear-gauge", "none.csv"], "none.csv: no such file", "CSV or Parquet"),
    "prices for quotes": (
        ["fear-gauge", "prices.csv"],
        "columns found: date, close",
        "expiry; strike; type; bid and ask",
    ),
    "a bad quote": (["fear-gauge", "bad-quotes.csv"], "bad-quotes.csv: row 3: strike = -700", "must be positive"),
    "quotes of one month": (["fear-gauge", "month.csv"], "month.csv: 2007-08-09: 1 monthly expiries", "must be 2"),
    "unknown contract": (["contracts", "IK"], "contract = IK", "IF-2008-report"),
    "empty contract": (["contracts", ""], "contract = (empty)", "IF-2008-report"),
    "example and name": (["contracts", "IF", "--example"], "example", "given alone"),
    "example as JSON": (["contracts", "--example", "--json"], "example", "given alone"),
}


@pytest.fixture
def given(refused, tmp_path):
    """`refused`, with the files that the cases name."""
    days = [date(2007, 1, 2) + timedelta(days=day) for day in range(4)]
    tables = {
        "prices.csv": ("date,close", *(f"{day},{100 + day.day}" for day in days)),
        "late.csv": ("date,close", *(f"{day},{100 + day.day}" for day in days[2:])),
        "nav.csv": ("date,nav", *(f"{day},{1 + i / 100}" for i, day in enumerate(days))),
        "words.csv": ("date,close", f"{days[0]},abc", f"{days[1]},101"),
        "letters.csv": ("a,b", "1,2"),
        "words.toml": ("name = ",),
        "typo.toml": ('name = "X"', "multiplier = 5", "initial_margin = 0.2", 'currency = "CNY"', "tik = 1"),
        "month.csv": quotes(700, 705),
        "bad-quotes.csv": quotes(700, -700),
    }
    for name, lines in tables.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return refused


def quotes(*strikes):
    """Option quotes of one month."""
    return ("date,expiry,strike,type,price,spot", *(f"2007-08-09,2007-08-17,{strike},call,9,702" for strike in strikes))


@pytest.mark.parametrize(("options", "found", "allowed"), WRONG_HEDGES.values(), ids=WRONG_HEDGES)
def test_a_wrong_hedge_is_named_with_what_is_allowed(given, options, found, allowed):
    out = () if "--out" in options else ("--out", "earlier")
    window = ("--index", "prices.csv", "--start", "2007-01-02", "--end", "2007-01-05")
    line = given("hedge", *window, *options, *out)
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("options", "found", "allowed"), WRONG_RESERVES.values(), ids=WRONG_RESERVES)
def test_a_wrong_reserve_study_is_named_with_what_is_allowed(given, options, found, allowed):
    out = () if "--out" in options else ("--out", "earlier")
    small = () if {"--days", "--paths"} & set(options) else ("--days", "5", "--paths", "10")
    line = given("hedge-reserve", *small, *options, *out)
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("arguments", "found", "allowed"), WRONG_REPORTS.values(), ids=WRONG_REPORTS)
def test_a_wrong_report_gauge_or_contract_is_named_with_what_is_allowed(given, arguments, found, allowed):
    line = given(*arguments)
    assert found in line
    assert allowed in line


def test_faults_of_several_options_come_at_once(given):
    window = ("--index", "prices.csv", "--start", "2007-01-02", "--end", "2007-01-05")
    given("hedge", *window, "--reserve", "nan", "--margin", "2", "--cost", "1", "--basis", "2", lines=4)
    given("hedge", *window, "--policy", "ful", "--policy", "partial:gain=x", lines=2)
    given("hedge-reserve", "--days", "0", "--paths", "0", "--seed", "-1", "--reserve", "9", lines=4)


def test_a_mirrored_bootstrap_is_a_fault(given, tmp_path):
    days = (date(2007, 1, 1) + timedelta(days=day) for day in range(80))
    rows = "".join(f"{day},{100 + day.day}\n" for day in days)
    (tmp_path / "long.csv").write_text(f"date,close\n{rows}", encoding="utf-8")
    line = given("hedge-reserve", "--model", "bootstrap", "--index", "long.csv", "--antithetic")
    assert "has no antithetic draws" in line
