from datetime import date

import numpy as np
import pytest

from abm.index_path import pinned_moves
from cqkit.errors import InputError
from scenarios import load_scenario, parse_overrides, scenario_names
from scenarios.loading import apply, changed


@pytest.fixture
def write(tmp_path):
    """Write a scenario file and give its path."""

    def make(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    return make


def test_every_scenario_of_the_library_loads_under_its_name():
    assert "quake-2007" in scenario_names()
    for name in scenario_names():
        assert load_scenario(name).name == name


def test_a_variant_keeps_what_it_does_not_name_at_every_depth(write, small_text):
    write("base.toml", small_text)
    variant = load_scenario(write("variant.toml", 'extends = "base.toml"\ntitle = "b"\n[funds]\ncrowding = 0.2\n'))
    base = load_scenario(write("base.toml", small_text))
    assert variant.funds.crowding == 0.2
    assert variant.funds.count == base.funds.count
    assert (variant.clock, variant.market, variant.desk) == (base.clock, base.market, base.desk)
    assert variant.funds != base.funds


def test_a_variant_does_not_inherit_what_was_said_and_checked_of_another_scenario(write, small_text):
    more = 'question = "q"\ncaution = "c"\n'
    tail = '[[fact]]\ntext = "t"\nsource = "s"\ncertainty = "verified"\n[[history]]\nname = "index"\nunit = "%"\n'
    tail += 'source = "s"\nvalues = { 2007-08-06 = 1 }\n[sources]\ns = "source"\n'
    write("base.toml", more + small_text + tail)
    variant = load_scenario(write("variant.toml", 'extends = "base.toml"\ntitle = "variant"'))
    for gone in (variant.counterfactual, variant.sensitivity, variant.target, variant.fact):
        assert gone == ()
    assert (variant.question, variant.caution, variant.name) == ("", "", "variant")
    assert variant.history[0].name == "index"
    assert variant.sources == {"s": "source"}


def test_a_variant_of_a_variant_finds_each_file_beside_the_one_that_names_it(write, small_text):
    write("base.toml", small_text)
    write("deep/base.toml", 'extends = "../base.toml"\ntitle = "deep"\n[funds]\nleverage = 3.0\n')
    top = load_scenario(write("top.toml", 'extends = "deep/base.toml"\ntitle = "top"\n'))
    assert (top.title, top.funds.leverage, top.funds.count) == ("top", 3.0, 12)


def test_holdings_lie_beside_the_scenario_that_names_them(write, small_text, tmp_path, monkeypatch):
    books = np.random.default_rng(0).standard_normal((12, 40))
    write("deep/base.toml", small_text.replace("styles = 2", 'holdings = "books.csv"'))
    np.savetxt(tmp_path / "deep" / "books.csv", books, delimiter=",")
    path = write("variant.toml", 'extends = "deep/base.toml"\ntitle = "variant"\n')
    monkeypatch.chdir("/")
    assert load_scenario(path).funds.holdings == tmp_path / "deep" / "books.csv"


def test_a_file_saved_by_a_windows_editor_loads(write, small_text, small):
    assert load_scenario(write("small.toml", small_text.replace("\n", "\r\n"), "utf-8-sig")) == small


def test_overrides_are_typed_as_in_a_file(small_file):
    given = [
        "funds.crowding=0.5",
        "funds.count=1e1",
        "clock.start=2007-07-27",
        "desk.gains_fund_margin=false",
        "desk.starts=2007-08-01",
        "funds.headroom=[0.1, 0.2]",
        "desk.when_exhausted=reduce",
        "title=A = b",
        'market.currency="USD"',
    ]
    scenario = load_scenario(small_file, parse_overrides(given))
    assert scenario.funds.crowding == 0.5
    assert (scenario.funds.count, type(scenario.funds.count)) == (10, int)
    assert (scenario.clock.start, scenario.desk.starts) == (date(2007, 7, 27), date(2007, 8, 1))
    assert scenario.desk.gains_fund_margin is False
    assert scenario.funds.headroom == (0.1, 0.2)
    assert (scenario.desk.when_exhausted, scenario.title) == ("reduce", "A = b")


def test_overrides_may_be_numpy_s_numbers(small_file):
    found = load_scenario(small_file, {"funds.crowding": np.float64(0.5), "funds.count": np.int64(9)})
    assert (found.funds.crowding, found.funds.count) == (0.5, 9)


def test_overrides_on_a_loaded_scenario_equal_those_on_its_file(small, small_file):
    overrides = {"funds.crowding": 0.25, "desk.starts": date(2007, 8, 1)}
    assert load_scenario(small, overrides) == load_scenario(small_file, overrides)
    assert load_scenario(small) == small


def test_a_factor_multiplies_the_scenario_s_own_value(small):
    moved = changed(small, {}, {"impact.strength": 1.5, "funds.count": 0.5})
    assert moved.impact.strength == pytest.approx(1.5 * small.impact.strength)
    assert moved.funds.count == 6


def test_a_counterfactual_changes_its_keys_and_nothing_else(small):
    (variant,) = small.counterfactual
    altered = apply(small, variant)
    assert altered.funds == small.funds.model_copy(update={"crowding": 0.0})
    assert altered.settings.model_copy(update={"funds": small.funds}) == small.settings


def test_a_scenario_that_was_made_in_python_is_checked_whole_when_it_is_run(small):
    late = small.target[1].measure.model_copy(update={"on": date(2007, 9, 3)})
    broken = small.model_copy(update={"target": (small.target[1].model_copy(update={"measure": late}),)})
    with pytest.raises(InputError, match=r"measure\.on = 2007-09-03"):
        load_scenario(broken)


def test_the_digest_does_not_depend_on_the_order_of_keys(write, small_text, small):
    head, *sections = small_text.split("\n[")
    plain = [section for section in sections if not section.startswith("[")]
    tables = [section for section in sections if section.startswith("[")]
    turned = "\n[".join([head, *reversed(plain), *tables])
    turned = turned.replace("stocks = 40\nfactors = 2", "factors = 2\nstocks = 40")
    assert turned != small_text
    assert load_scenario(write("small.toml", turned)).digest == small.digest


@pytest.mark.parametrize(
    "override",
    [
        {"funds.crowding": 0.8300001},
        {"clock.bars": 4},
        {"title": "Another"},
        {"desk.starts": date(2007, 8, 1)},
        {"news": [{"date": date(2007, 8, 6), "move": 0.01}]},
        {"target": []},
    ],
)
def test_the_digest_changes_with_any_value(small, override):
    assert load_scenario(small, override).digest != small.digest


def test_the_digest_sees_what_is_in_the_holdings_and_not_where_they_lie(write, small_text, tmp_path):
    text = small_text.replace("styles = 2", 'holdings = "books.csv"')
    books = np.random.default_rng(0).standard_normal((12, 40))
    digests = []
    for folder, content in (("a", books), ("b", books), ("c", 1.5 * books)):
        path = write(f"{folder}/small.toml", text)
        np.savetxt(tmp_path / folder / "books.csv", content, delimiter=",")
        digests.append(load_scenario(path).digest)
    assert digests[0] == digests[1] != digests[2]


def test_an_index_path_lies_beside_the_scenario_that_names_it(write, small_text, tmp_path, monkeypatch):
    days = load_scenario(write("base.toml", small_text)).clock.dates
    rows = "".join(f"{day},{100 + number}\n" for number, day in enumerate([np.datetime64("2007-07-27"), *days]))
    write("deep/closes.csv", f"date,close\n{rows}")
    text = small_text.replace("[market]\n", '[market]\nindex_path = "closes.csv"\n')
    scenario = load_scenario(write("deep/followed.toml", text))
    assert scenario.market.index_path == tmp_path / "deep" / "closes.csv"
    before, moves = scenario.digest, pinned_moves(scenario.settings)
    write("deep/closes.csv", f"date,close\n{rows.replace(',100', ',101.5')}")
    assert scenario.digest != before
    assert pinned_moves(scenario.settings)[0] == pytest.approx(moves[0] - np.log(1.015))
    monkeypatch.chdir(tmp_path / "deep")
    assert load_scenario("followed.toml").digest == scenario.digest


def test_the_example_index_is_no_file_beside_the_scenario():
    report = load_scenario("report-2007")
    assert str(report.market.index_path) == "example"
    assert report.digest == load_scenario("report-2007").digest


def test_a_table_of_shares_can_be_set_for_a_counterfactual(write, small_text):
    mixed = 'set = { "funds.policy" = { full = 0.5, none = 0.5 } }'
    text = small_text.replace('set = { "funds.crowding" = 0.0 }', mixed)
    scenario = load_scenario(write("shares.toml", text))
    assert apply(scenario, scenario.counterfactual[0]).funds.policy == {"full": 0.5, "none": 0.5}


def test_news_of_a_cause_can_be_left_out_of_a_counterfactual(write, small_text):
    bought = '[[news]]\ndate = 2007-08-06\nmove = 0.01\ncause = "state_buying"\n'
    news = bought + "[[news]]\ndate = 2007-08-07\nmove = -0.01\n"
    text = small_text.replace('set = { "funds.crowding" = 0.0 }', 'without = ["state_buying"]') + news
    scenario = load_scenario(write("news.toml", text))
    assert len(scenario.news) == 2
    assert [item.cause for item in apply(scenario, scenario.counterfactual[0]).news] == ["news"]


def test_news_of_a_day_can_be_left_out_of_a_counterfactual(write, small_text):
    news = "[[news]]\ndate = 2007-08-06\nmove = 0.01\n[[news]]\ndate = 2007-08-07\nmove = -0.01\n"
    left_out = 'set = { "liquidator.days" = 3 }\nwithout_days = [2007-08-06]'
    text = small_text.replace('set = { "funds.crowding" = 0.0 }', left_out) + news
    scenario = load_scenario(write("news.toml", text))
    assert [str(item.date) for item in apply(scenario, scenario.counterfactual[0]).news] == ["2007-08-07"]
    assert len(apply(scenario, scenario.sensitivity[0]).news) == 2
    with pytest.raises(InputError, match=r"alone: without_days = 2007-08-08: must be the date of a \[\[news\]\], from"):
        load_scenario(write("typo.toml", text.replace("[2007-08-06]", "[2007-08-06, 2007-08-08]")))
    assert load_scenario(write("no-news.toml", text), {"news": []}).news == ()


def test_overrides_may_be_tables_of_shares():
    assert parse_overrides(["funds.policy={full=0.5,timing=0.5}"]) == {"funds.policy": {"full": 0.5, "timing": 0.5}}
