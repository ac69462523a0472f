"""Where a reserve may come from, mixtures of it, and the words in which it is told."""

from __future__ import annotations

import numpy as np
import pytest

from cqkit.errors import InputError
from scenarios import reserve
from scenarios.reserves import MIXTURE, ModelSource, ScenarioSource, SeriesSource, parse_sources
from scenarios.reserves.mixing import shares_of
from scenarios.reserves.sentence import money

MODEL = "gbm:volatility=0.25"


# -- sources and mixtures ----------------------------------------------------------------------------------------------


def test_sources_are_told_apart(small_file, tmp_path):
    file = tmp_path / "a@b=c.csv"
    given = [str(small_file), "wild=gbm:volatility=0.5@2", "bootstrap:block=5@1", str(file), f"series:index={file}"]
    read = [item.source for item in parse_sources([*given[:3], "series:index=x.csv,fund=y.csv"])]
    assert [type(one) for one in read] == [ScenarioSource, ModelSource, ModelSource, SeriesSource]
    assert [one.label for one in read] == ["small", "wild", "bootstrap:block=5", "x.csv"]
    assert [item.weight for item in parse_sources(given[:3])] == [None, 2.0, 1.0]
    assert parse_sources([str(file)])[0].source == SeriesSource("a@b=c.csv", str(file))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "none given"),
        (["nowhere"], "or a path model (bootstrap, gbm, student_t)"),
        (["gbm:volatilty=1"], "did you mean volatility"),
        (["gbm", "gbm"], "given twice"),
        (["gbm@0", "student_t@1"], "must be above 0"),
        (["gbm@0.5"], "weighted alone"),
        (["gbm@0.5", "x.csv@0.5"], "cannot be mixed"),
        (["series:fund=y.csv"], "has no index"),
        (["series:index=x.csv,funds=y.csv"], "did you mean fund"),
    ],
)
def test_a_wrong_source_is_named_with_what_is_allowed(given, said):
    with pytest.raises(InputError) as caught:
        parse_sources(given)
    assert said in str(caught.value)


def test_a_mixture_has_each_source_in_proportion():
    answer = reserve(["calm=gbm:volatility=0.1@0.75", "wild=gbm:volatility=0.5@0.25"], paths=200, days=20)
    calm, wild, both = (one.needs for one in answer.answers)
    assert answer.answers[-1].source == MIXTURE
    assert both.paths == 200
    np.testing.assert_array_equal(both.required, np.concatenate([calm.required[:150], wild.required[150:]]))
    assert wild.required.mean() > both.required.mean() > calm.required.mean()
    assert "mixture" in answer.sentence


def test_a_mixture_of_a_source_with_itself_knows_no_more_than_the_source():
    answer = reserve([f"{name}=gbm:volatility=0.3@0.5" for name in "ab"], paths=200, days=20)
    one, other, both = (one.needs for one in answer.answers)
    np.testing.assert_array_equal(one.required, other.required)
    np.testing.assert_array_equal(one.required, both.required)


def test_a_mixture_takes_what_the_scarcest_source_allows():
    weights, paths = {"a": 0.8, "b": 0.2}, {"a": 10_000, "b": 400}
    assert shares_of(weights, paths, {"a": 1, "b": 2}) == {"a": range(1600), "b": range(400)}
    assert shares_of(weights, paths) == {"a": range(320), "b": range(320, 400)}
    assert shares_of({"a": 3, "b": 1}, {"a": 300, "b": 300}) == {"a": range(225), "b": range(225, 300)}
    with pytest.raises(InputError, match="less than one path"):
        shares_of({"a": 1.0, "b": 1e-4}, {"a": 100, "b": 100})


# -- words -------------------------------------------------------------------------------------------------------------


def test_the_sentence_is_made_of_the_numbers():
    answer = reserve(MODEL, reserve=0.15, paths=400, days=60, policies=["full"])
    row = answer.calls.iloc[0]
    need = (100 * answer.reserves[answer.reserves["confidence"] == 0.99][["reserve", "low", "high"]]).iloc[0]
    for told in (
        "a reserve of 15.0 % of the book (CNY 3.52m)",
        f"is called in {100 * row['probability']:.1f} % of paths",
        f"first most often on {row['first_most_frequent']}",
        f"{money(row['new_money_most_money'], 'CNY')} at worst",
        "{:.1f} % ({:.1f} % to {:.1f} %) would be enough in 99 cases".format(*need),
        "leaves 87 % of the return",
    ):
        assert told in answer.sentence
    assert repr(answer) == f"Reserves({answer.sentence!r})"


def test_no_call_is_told_with_the_chance_that_is_left():
    sentence = reserve(MODEL, reserve=3.0, paths=100, days=5).sentence
    assert "is never called in 100 paths (a chance of at most 3.7 %)" in sentence
    assert "needed" not in sentence


@pytest.mark.parametrize(
    ("amount", "told"), [(999_900, "CNY 1m"), (1.234e7, "CNY 12.3m"), (5e9, "CNY 5bn"), (812.4, "CNY 812")]
)
def test_money_has_three_digits(amount, told):
    assert money(amount, "CNY") == told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"paths": 1}, "at least 2"),
        ({"days": 0}, "days = 0"),
        ({"value": 0.5}, "value = 0.5"),
        ({"reserve": 15}, "not percent"),
        ({"margin": 12}, "not percent"),
        ({"policies": ["full", "full"]}, "given twice"),
        ({"contract_name": "XX"}, "XX"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(options, said):
    with pytest.raises(InputError) as caught:
        reserve(MODEL, **options)
    assert said in str(caught.value)


def test_a_scenario_without_a_desk_is_refused(small_file):
    with pytest.raises(InputError, match=r"desk\.size must be above 0"):
        reserve(str(small_file), overrides={"desk.size": 0.0})
