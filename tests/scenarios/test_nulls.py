"""Rivals of a story lack what they say they lack, are refitted on half of the paths and judged on the other half."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Flow, Market
from cqkit.errors import InputError
from scenarios import conduct, load_scenario
from scenarios.evidence import evidence
from scenarios.misfit import distance, misfit
from scenarios.rivals import RIVALS
from scenarios.studies.nulls import NullsStudy

NEWS = """
[[news]]
date = 2007-08-06
days = 2
move = -0.01
"""


@pytest.fixture(scope="module")
def story(small_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("story") / "story.toml"
    path.write_text(small_text + NEWS, encoding="utf-8")
    return load_scenario(path)


def test_a_rival_lacks_what_it_says(story):
    made = {rival.name: Market(rival.alter(story.settings), seed=3) for rival in RIVALS}
    flows = {name: np.abs(market.run(1).flows).sum(axis=(0, 1)) for name, market in made.items()}
    assert flows["news_only"][[Flow.FORCED, Flow.LIQUIDATOR, Flow.INDEX_SECTOR]].sum() == 0
    assert flows["no_forced_sales"][Flow.FORCED] == 0
    assert flows["no_forced_sales"][Flow.LIQUIDATOR] > 0
    for name in ("no_crowd", "liquidator_only"):
        assert flows[name][[Flow.FORCED, Flow.REENTRY, Flow.REBALANCING]].sum() < 1e-5
        assert flows[name][Flow.LIQUIDATOR] > 0
        assert np.isfinite(made[name].record.nav).all()  # its funds keep accounts
    assert made["liquidator_only"].settings.news == ()


def test_no_more_numbers_are_free_than_there_are_history_targets(story):
    study = NullsStudy(free=4)
    assert [len(study.dials(story, rival)) for rival in RIVALS] == [1, 1, 1, 1]  # one target of kind history
    assert {item.kind for item in evidence(story)} == {"history"}  # what a scenario asks of itself is left out


def test_a_rival_is_refitted_on_some_paths_and_judged_on_the_others(story):
    found = conduct(NullsStudy(steps=3), story, paths=8, seed=5)
    table = found.table.set_index("explanation")
    assert list(table.index) == ["story", *(rival.name for rival in RIVALS)]
    assert table.loc["story", "worse"] == 0
    measured = found.targets[found.targets["explanation"] == "news_only"]["measured"].item()
    (target,) = evidence(story)
    assert table.loc["news_only", "misfit_history"] == pytest.approx(distance(target, measured))
    assert "news of August 2007 to the market x" in table.loc["news_only", "refitted"]
    assert "history targets of story" in found.sentence
    again = conduct(NullsStudy(steps=3), story, paths=8, seed=5, workers=1)
    assert again.table.equals(found.table)


def test_misfit_is_0_at_history_and_1_at_a_range_s_end(story):
    (target,) = evidence(story)  # -1 in -5..5
    assert [distance(target, value) for value in (-1.0, -5.0, 5.0, 2.0)] == pytest.approx([0, 1, 1, 0.5])
    assert misfit([target], {target.name: None}) == 10
    assert np.isnan(misfit([], {}))


def test_a_scenario_without_history_has_no_rivals(small_file):
    bare = load_scenario(small_file).model_copy(update={"target": ()})
    with pytest.raises(InputError, match="no target of kind history"):
        conduct(NullsStudy(), bare, paths=8)
