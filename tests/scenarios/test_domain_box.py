"""The box in which a scenario was tested: read and checked, inherited, and refused outside of."""

from __future__ import annotations

import pytest

from abm import laws
from cqkit.errors import InputError
from scenarios import cliff, explain, load_scenario, run, scenario_names, unwind
from scenarios.domain import UNTESTED, crowd_book
from scenarios.loading import changed

BOX = """
[domain]
laws = ["square_root"]
bars = [2, 4]
[[domain.axis]]
key = "funds.leverage"
values = [1, 2, 3]
role = "hurts"
beside = ["liquidator.size"]
[[domain.axis]]
key = "liquidator.size"
values = [0, 0.1, 0.5]
of = "crowd_book"
role = "hurts"
"""


@pytest.fixture
def boxed(small_text, tmp_path):
    """The small market with a box, as a file."""
    path = tmp_path / "boxed.toml"
    path.write_text(small_text + BOX, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_of_the_library_has_a_box(name):
    scenario = load_scenario(name)
    assert scenario.domain.axis
    assert scenario.domain.faults(scenario.settings) == []


@pytest.mark.parametrize("name", ["quake-2007", "ltcm-1998"])
def test_a_scenario_lies_in_its_own_tested_box(name):
    scenario = load_scenario(name)
    assert scenario.domain.outside_tested(scenario.settings) == []


def test_a_variant_of_august_2007_says_that_it_lies_outside_its_tested_box():
    louder = load_scenario("quake-2007", {"funds.leverage": 4.0})
    assert louder.domain.outside_tested(louder.settings) == ["funds.leverage = 4 (2.35..2.35)"]


def test_a_box_is_read_with_its_pairs(boxed):
    domain = load_scenario(boxed).domain
    assert [(axis.key, axis.low, axis.high) for axis in domain.axis] == [
        ("funds.leverage", 1.0, 3.0),
        ("liquidator.size", 0.0, 0.5),
    ]
    assert [(one.key, other.key) for one, other in domain.pairs] == [("funds.leverage", "liquidator.size")]


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        (
            "funds.leverage",
            "funds.leverages",
            "domain.axis.1.key = 'funds.leverages': unknown number of [funds]; did you",
        ),
        ("funds.leverage", "fund.leverage", "unknown section; did you mean funds?"),
        ("funds.leverage", "funds.kind", "unknown number of [funds]"),
        ("[1, 2, 3]", "[1, 3, 2]", "each above the one before"),
        ("[1, 2, 3]", "[1]", "two numbers or more"),
        ("[1, 2, 3]", "[1, 2]", "funds.leverage = 2.3: must lie in 1..2"),
        ('"hurts"\nbeside', '"harms"\nbeside', "domain.axis.1.role = 'harms': must be one of"),
        ('["liquidator.size"]', '["desk.size"]', "beside = desk.size: must be the key of another axis"),
        ('"liquidator.size"\nvalues', '"funds.leverage"\nvalues', "given more than once"),
        ('["square_root"]', '["square_rot"]', "unknown impact law; did you mean square_root?"),
        ('["square_root"]', '["linear"]', "impact.law = square_root: must be one of linear"),
        ("[2, 4]", "[4, 2]", "fewest < most"),
        ("[2, 4]", "[4, 8]", "clock.bars = 3: must lie in 4..8"),
    ],
)
def test_a_fault_in_a_box_is_a_line(small_text, tmp_path, wrong, right, told):
    path = tmp_path / "my.toml"
    assert BOX.count(wrong) >= 1
    path.write_text(small_text + BOX.replace(wrong, right, 1), encoding="utf-8")
    with pytest.raises(InputError) as found:
        load_scenario(path)
    assert len(found.value.faults) == 1
    assert found.value.faults[0].startswith("my.toml: ")
    assert told in found.value.faults[0]


def test_laws_without_an_axis_are_no_box(small_text, tmp_path):
    (tmp_path / "my.toml").write_text(small_text + '[domain]\nlaws = ["square_root"]\n', encoding="utf-8")
    with pytest.raises(InputError, match="has laws or bars and no axis"):
        load_scenario(tmp_path / "my.toml")


def test_outside_the_box_a_run_refuses_and_says_how_that_is_settled(boxed):
    for overrides, told in (
        ({"funds.leverage": 3.5}, "boxed.toml: funds.leverage = 3.5: must lie in 1..3, where this scenario was tested"),
        ({"liquidator.size": 2.0}, "liquidator.size = 2, 0.7692 of the crowd's book: must lie in 0..0.5"),
        ({"clock.bars": 5}, "clock.bars = 5: must lie in 2..4"),
        ({"impact.law": "linear"}, "impact.law = linear: must be one of square_root"),
    ):
        with pytest.raises(InputError) as found:
            run(boxed, paths=1, overrides=overrides)
        (line,) = found.value.faults
        assert told in line
        assert "nobody has checked that the laws hold" in line
        assert "crowdquake domain" in line


def test_a_key_outside_all_axes_is_free(boxed):
    assert load_scenario(boxed, {"funds.cut": 0.1}).funds.cut == 0.1


def test_what_is_measured_by_the_crowd_s_book_follows_it(boxed):
    small = load_scenario(boxed)
    assert crowd_book(small.settings) == pytest.approx(small.funds.capital * small.funds.leverage)
    assert changed(small, {"liquidator.size": 0.6 * 2.6, "funds.capital": 2.0}).liquidator.size == 0.6 * 2.6
    with pytest.raises(InputError, match=r"1\.2 of the crowd's book"):
        changed(small, {"liquidator.size": 0.6 * 2.6, "funds.capital": 0.5 * small.funds.capital})


def test_the_book_of_futures_funds_is_what_their_capital_carries(futures_file):
    settings = load_scenario(futures_file, {"futures_funds.reserve_spread": 0.0}).settings
    from abm import Market  # noqa: PLC0415

    assert crowd_book(settings) == pytest.approx(Market(settings, paths=1).record.book[0], rel=1e-3)


def test_a_variant_inherits_the_box(boxed):
    (boxed.parent / "variant.toml").write_text('extends = "boxed.toml"\ntitle = "v"\n[funds]\nleverage = 4\n')
    with pytest.raises(InputError, match=r"variant\.toml: funds\.leverage = 4: must lie in 1\.\.3"):
        load_scenario(boxed.parent / "variant.toml")
    wider = '[[domain.axis]]\nkey = "funds.leverage"\nvalues = [1, 5]\n'
    (boxed.parent / "wider.toml").write_text(f'extends = "variant.toml"\ntitle = "w"\n{wider}')
    assert load_scenario(boxed.parent / "wider.toml").domain.axis[0].high == 5


def test_counterfactuals_and_sensitivities_are_held_to_the_box(boxed, small_text):
    more = '[[counterfactual]]\nname = "deep"\nset = { "funds.leverage" = 9 }\n'
    more += '[[sensitivity]]\nname = "double"\nmultiply = { "funds.leverage" = 2 }\n'
    boxed.write_text(small_text + more + BOX, encoding="utf-8")
    with pytest.raises(InputError) as found:
        load_scenario(boxed)
    assert [line.partition(": must")[0] for line in found.value.faults] == [
        "boxed.toml: counterfactual deep: funds.leverage = 9",
        "boxed.toml: sensitivity double: funds.leverage = 4.6",
    ]


def test_a_variant_s_liquidator_is_measured_against_the_crowd_that_the_scenario_has(boxed, small_text):
    boxed.write_text(
        small_text + BOX + '[[counterfactual]]\nname = "leverage_1"\nset = { "funds.leverage" = 1.0 }\n',
        encoding="utf-8",
    )
    capital = load_scenario(boxed).funds.capital
    size = 0.49 * 2.0 * capital  # 49 % of the book that the user has set, 98 % of the counterfactual's
    sets = {"funds.leverage": 2.0, "liquidator.size": size}
    found = run(boxed, paths=1, overrides=sets)
    assert {"main", "leverage_1"} <= set(found.bands["run"])
    with pytest.raises(
        InputError, match=r"liquidator\.size = [0-9.]+, 0\.51 of the crowd's book: must lie in 0\.\.0\.5"
    ):
        load_scenario(boxed, sets | {"liquidator.size": 0.51 * 2.0 * capital})


def test_studies_are_held_to_the_box(boxed, futures_file, tmp_path):
    own = "[[domain.axis]]\nkey = 'liquidator.days'\nvalues = [1, 10]\n"
    (tmp_path / "days.toml").write_text(f'extends = "{boxed}"\ntitle = "d"\n{own}', encoding="utf-8")
    with pytest.raises(InputError, match=r"liquidator\.days = 20: must lie in 1\.\.10"):
        unwind(tmp_path / "days.toml", days=[2, 20], paths=1)
    own = "[[domain.axis]]\nkey = 'funds.crowding'\nvalues = [0.5, 1]\n"
    (tmp_path / "crowd.toml").write_text(f'extends = "{futures_file}"\ntitle = "c"\n{own}', encoding="utf-8")
    with pytest.raises(InputError, match=r"funds\.crowding = 0: must lie in 0\.5\.\.1"):
        cliff(tmp_path / "crowd.toml", reserves=(0.1, 0.2), policies=("full",), vary={"funds.crowding": [0.0]}, paths=1)


def test_a_scenario_without_a_box_runs_and_says_so(small, boxed):
    assert run(small, paths=1, counterfactuals=False).manifest["notes"] == [UNTESTED]
    assert "notes" not in run(boxed, paths=1, counterfactuals=False).manifest
    assert explain(small, paths=2, orders=4).manifest["notes"] == [UNTESTED]


def test_a_law_of_one_s_own_is_let_run_with_a_word(boxed):
    with laws.LAWS.scratch():
        laws.register("own")(lambda rate, impact: rate * impact.crossover)
        found = load_scenario(boxed, {"impact.law": "own"})
        note = found.domain.note(found.settings)
    assert note is not None
    assert note.startswith("impact.law = own: the scenario was tested under square_root")
