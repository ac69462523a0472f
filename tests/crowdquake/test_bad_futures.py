"""Whatever is wrong with futures, with who hedges with them, or with an index path: one line, exit code 2."""

import pytest

HEDGERS = '[funds]\nkind = "futures"\ncount = 12\nstyles = 2'
MARKET = "[futures]\nvolume = 0.35\n[desk]"

# What is set on the command line in a market with futures funds, the key that the answer names, and what it allows.
WRONG_SETTINGS = {
    "unknown kind": ("funds.kind=swaps", "funds.kind = 'swaps'", "long_short, futures"),
    "unknown kind in a mix": ("funds.kind={futures=0.5,short=0.5}", "unknown kind of fund 'short'", "long_short"),
    "kinds that do not add up": ("funds.kind={futures=0.7}", "funds.kind", "add up to 1"),
    "kind of a number": ("funds.kind=5", "funds.kind = 5", "a name in quotes, or a table of shares"),
    "kind of a truth": ("funds.kind=true", "funds.kind = true", "a name in quotes, or a table of shares"),
    "unknown policy": ("funds.policy=ful", "funds.policy = 'ful'", "did you mean full?"),
    "unknown policy in a mix": ("funds.policy={ful=1.0}", "funds.policy", "did you mean full?"),
    "policies that do not add up": ("funds.policy={full=0.5,timing=0.6}", "funds.policy", "add up to 1"),
    "no policy at all": ("funds.policy={}", "funds.policy", "add up to 1"),
    "a negative share": ("funds.policy={full=-0.5,timing=1.5}", "funds.policy", "at least 0"),
    "a share that is no number": ("funds.policy={full=nan}", "funds.policy", "a table of shares"),
    "a share in words": ('funds.policy={full="all"}', "funds.policy", "a table of shares"),
    "no futures market": ("futures.volume=0", 'funds.kind = "futures": needs a futures market', "futures.volume"),
    "a negative volume": ("futures.volume=-1", "futures.volume = -1", "0..1000"),
    "arbitrage of more than all": ("futures.arbitrage=2", "futures.arbitrage = 2", "0..1"),
    "a basis of one": ("futures.start_basis=1", "futures.start_basis = 1", "-0.5..0.5"),
    "impact in words": ("futures.impact=big", "futures.impact = 'big'", "a number"),
    "swap share in percent": ("futures_funds.swap_share=60%", "futures_funds.swap_share = '60%'", "a share"),
    "floors reversed": ("futures_funds.swap_floor=[0.9,0.8]", "swap_floor = [0.9, 0.8]", "lowest <= highest"),
    "a floor above the margin": ("futures_funds.swap_floor=[0.9,1.1]", "swap_floor = [0.9, 1.1]", "<= 1"),
    "one floor": ("futures_funds.swap_floor=0.8", "futures_funds.swap_floor = 0.8", "a list, as [1, 2]"),
    "a tilt of two": ("futures_funds.tilt=2", "futures_funds.tilt = 2", "0..1"),
    "no deposit": ("futures_funds.deposit=0", "futures_funds.deposit = 0", "0.0001..1"),
    "a reserve in percent": ("funds.reserve=15", "funds.reserve = 15", "not percent"),
    "lines out of order": ("lines={warning=0.7,stop=0.8}", "stop = 0.8: must not be above", "warning = 0.7"),
    "a line above par": ("lines.warning=1.2", "lines.warning = 1.2", "0..1"),
    "a line in no time": ("lines.stop_days=0", "lines.stop_days = 0", "0.001..250"),
    "unit values reversed": ("lines.start=[1.2,0.9]", "start = [1.2, 0.9]", "lowest <= highest"),
    "unit values of nothing": ("lines.start=[0,1]", "start = [0, 1]", "0 < lowest"),
    "investors who look back on nothing": ("redemptions.horizon=0", "redemptions.horizon = 0", "1..1000"),
    "redemptions without notice": ("redemptions.notice=0", "redemptions.notice = 0", "1..250"),
    "half a day's notice": ("redemptions.notice=0.5", "redemptions.notice = 0.5", "a whole number"),
    "a liquidator of no kind": ("liquidator.kind=long", "liquidator.kind = 'long'", "'long_short' or 'futures'"),
    "a desk that may take prices": ("desk.price_taker=maybe", "desk.price_taker = 'maybe'", "true or false"),
    "news beyond the run": ("news=[{date=2007-08-06,days=300,move=0.1}]", "news.days = 300", "7 days left"),
    "news of no days": ("news=[{date=2007-08-06,days=0,move=0.1}]", "news.1.days = 0", "1..2000"),
    "news to nobody": (
        'news=[{date=2007-08-06,to="big",move=0.1}]',
        "news.1.to = 'big'",
        "'small_caps' or 'large_caps'",
    ),
    "news of no cause": ('news=[{date=2007-08-06,cause="x",move=0.1}]', "news.1.cause = 'x'", "'state_buying'"),
    "an index share of nothing": ("market.index_share=0", "market.index_share = 0", "0.01..1"),
    "an index of the middle without room": ("market.index_skips=0.8", "index_skips = 0.8", "at most 1 in all"),
    "no index path": ("market.index_path=none.csv", "none.csv", "no such file"),
    "an index path of a number": ("market.index_path=5", "market.index_path = 5", "in quotes"),
    "an index path without the first day": ("market.index_path=late.csv", "late.csv", "no close on 2007-07-30"),
    "an index path without a close before": ("market.index_path=short.csv", "short.csv", "a close before the first"),
    "an index path without prices": ("market.index_path=empty.csv", "empty.csv", "has no rows of data"),
}

# A measure in a target, in the same market: the fault that it makes.
WRONG_MEASURES = {
    "trough of a kind that is not there": ('name = "fund_trough", kind = "long_short"', "has none", "swap or cash"),
    "trough of no kind": ('name = "fund_trough", kind = "dma"', "measure.kind = 'dma'", "'swap' or 'cash'"),
    "a rise of no return": (
        'name = "rise", column = "basis", from = 2007-08-06, days = 2',
        "measure.column = 'basis'",
        "'large_caps' or 'common_stocks'",
    ),
    "a rise beyond the run": (
        'name = "rise", column = "index", from = 2007-08-14, days = 2',
        "measure.from = 2007-08-14",
        "to 2007-08-13",
    ),
    "a loss beyond the run": ('name = "both_legs_lose", days = 12', "measure.days = 12", "not be above 7"),
    "more worst days than days": (
        'name = "both_legs_lose", days = 2, worst = 3',
        "measure.worst = 3",
        "not be above measure.days = 2",
    ),
    "both of three legs": ('name = "crowd_gain", legs = "all"', "measure.legs = 'all'", "'stocks' or 'futures'"),
    "a peak of what has none": (
        'name = "peak_above_eve", column = "index"',
        "measure.column = 'index'",
        "'basis', 'margin_level'",
    ),
    "systemic above nothing": ('name = "systemic", above = -1', "measure.above = -1", "0..100"),
    "the calls of no desk": ('name = "desk_call"', "no desk", "desk.size must be above 0"),
    "a call at any time": ('name = "any_call", when = "ever"', "measure.when = 'ever'", "'before_event'"),
}
MEASURE = 'name = "fund_trough", days = 4'


@pytest.fixture
def hedgers(small_text, tmp_path):
    """Write the small market with futures funds in it, and a few files that are no index path for it."""
    text = small_text.replace("[funds]\ncount = 12\nstyles = 2", HEDGERS).replace("[desk]", MARKET)
    assert text.count('kind = "futures"') == 1
    (tmp_path / "hedgers.toml").write_text(text, encoding="utf-8")
    days = [
        *(f"2007-07-{day}" for day in (30, 31)),
        *(f"2007-08-{day:02}" for day in (1, 2, 3, 6, 7, 8, 9, 10, 13, 14)),
    ]
    (tmp_path / "empty.csv").write_text("date,close\n", encoding="utf-8")
    for name, chosen in (("late.csv", ["2007-07-27", *days[1:]]), ("short.csv", days)):
        rows = "".join(f"{day},100\n" for day in chosen)
        (tmp_path / name).write_text(f"date,close\n{rows}", encoding="utf-8")
    return text


@pytest.mark.usefixtures("hedgers")
@pytest.mark.parametrize(("setting", "found", "allowed"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_a_wrong_setting_of_futures_is_named_with_what_is_allowed(refused, setting, found, allowed):
    line = refused("run", "hedgers.toml", "--set", setting, "--out", "earlier")
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(("measure", "found", "allowed"), WRONG_MEASURES.values(), ids=WRONG_MEASURES)
def test_a_wrong_measure_of_futures_is_named_with_what_is_allowed(refused, hedgers, tmp_path, measure, found, allowed):
    text = hedgers.replace("reserve = 0.12", "size = 0") if "desk" in measure else hedgers
    (tmp_path / "my.toml").write_text(text.replace(MEASURE, measure, 1), encoding="utf-8")
    line = refused("run", "my.toml", "--out", "earlier")
    assert found in line
    assert allowed in line


@pytest.mark.parametrize(
    ("measure", "allowed"),
    [
        ('name = "daily", column = "basis", on = 2007-08-07', "futures.volume must be above 0"),
        ('name = "change", column = "margin_level", on = 2007-08-07', "futures.volume must be above 0"),
        ('name = "calm", column = "crowd_hedge"', "futures.volume must be above 0"),
        ('name = "lowest_return", column = "small_caps"', "futures.volume must be above 0"),
        ('name = "both_legs_lose", days = 4', "futures.volume must be above 0"),
    ],
)
def test_a_market_without_futures_has_nothing_of_theirs_to_measure(refused, small_text, tmp_path, measure, allowed):
    (tmp_path / "my.toml").write_text(small_text.replace(MEASURE, measure, 1), encoding="utf-8")
    assert allowed in refused("run", "my.toml", "--out", "earlier")


def test_a_market_with_futures_but_without_funds_that_use_them_has_no_legs(refused, hedgers, tmp_path):
    text = hedgers.replace('kind = "futures"\n', "").replace(MEASURE, 'name = "crowd_gain"', 1)
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    assert 'funds.kind = "futures"' in refused("run", "my.toml", "--out", "earlier")


def test_the_example_index_has_no_days_of_2024(refused):
    line = refused("run", "china-2024", "--set", "market.index_path=example", "--out", "earlier")
    assert "market.index_path: no close on 2024-01-05" in line
    assert "every trading day of the run" in line


@pytest.mark.usefixtures("hedgers")
@pytest.mark.parametrize("policy", ["partial", "{full=0.5,timing=0.5}", '{"partial:gain=betadyn"=0.5,none=0.5}'])
def test_policies_and_shares_of_them_can_be_set(command, tmp_path, monkeypatch, policy):
    monkeypatch.chdir(tmp_path)
    found = command("run", "hedgers.toml", "--paths", "2", "--set", f"funds.policy={policy}")
    assert found.code == 0, found.err
