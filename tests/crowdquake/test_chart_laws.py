"""What every chart is held to: one line on top, no text cut, none on another, contrast, one sign, both languages."""

from __future__ import annotations

import re
from functools import cache

import pytest
from chart_makers import BOX, makers
from chart_reading import contrast, written

from crowdquake import charts
from crowdquake.charts.language import drawn_in, say, untold
from scenarios import load_scenario

WHOSE = tuple(makers({"small": None, "boxed": None, "futures": None, "credit": None}))
FUNDS = r"fund \d+|\w+ (Neutral|Momentum|Contrarian|Small Caps)"
KEYS = r"[a-z_]+\.[a-z_]+|[a-z_]+ and [a-z_]+|(full|partial)\n[\w.:=]+|full|partial|timing|index"
NUMBERS = r"x [\d.]+|[a-z_.]+ = [\d.]+"
LONG = ("report", "warning", "crowd days", "unwindings")  # take long, and draw with what others draw with
ONES = [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in WHOSE]
TITLE, APART = 100, 2  # letters; pixels by which boxes of texts may touch


@pytest.fixture(scope="module")
def results(small, futures_file, small_credit, small_text, tmp_path_factory):
    """The smallest results, each made once."""
    boxed = tmp_path_factory.mktemp("boxed") / "boxed.toml"
    boxed.write_text(small_text + BOX, encoding="utf-8")
    read = {"futures": load_scenario(futures_file), "boxed": load_scenario(boxed)}
    made = makers({"small": small, "credit": small_credit, **read})
    return cache(lambda whose: made[whose]())


def is_cut(figure, box):
    """Whether a text goes over the edge of the canvas."""
    return min(box.x0, box.y0, figure.bbox.x1 - box.x1, figure.bbox.y1 - box.y1) < -1


def on_another(places):
    """The first two texts that stand on each other."""
    for place, (text, box) in enumerate(places):
        for other, beside in places[place + 1 :]:
            width = min(box.x1, beside.x1) - max(box.x0, beside.x0)
            height = min(box.y1, beside.y1) - max(box.y0, beside.y0)
            if width > APART and height > APART:
                return text.get_text(), other.get_text()
    return None


@pytest.mark.parametrize("whose", ONES)
def test_no_text_is_cut_or_on_another_the_title_is_one_line_and_no_panel_is_empty(results, whose):
    for name, figure in charts.figures(results(whose)):
        title = figure.get_suptitle()
        assert 10 < len(title) <= TITLE, (name, title)
        assert "\n" not in title
        places = written(figure)
        assert on_another(places) is None, name
        for text, box in places:
            told = (name, text.get_text())
            assert not is_cut(figure, box), told
            assert "\u2212" not in text.get_text(), told
            assert not re.search(r"(?<![\d.])[-+]0(\.0+)? ?%?$", text.get_text()), told
            on_dark = text.axes is not None and text.get_color() == "white"  # a cell of a map
            assert on_dark or contrast(text.get_color()) >= 4.5, told
        for axes in figure.axes:
            shown = [*axes.lines, *axes.patches, *axes.collections, *axes.images, *axes.texts]
            assert shown or not axes.get_visible(), name


def test_every_chart_that_there_is_is_held_to_these_laws(results):
    drawn = {item.name for whose in WHOSE for item in charts.of(results(whose))}
    assert set(charts.CHARTS.names()) - drawn == set()


@pytest.mark.parametrize("whose", ONES)
def test_in_chinese_nothing_is_left_in_english_but_what_somebody_named(results, whose):
    found = results(whose)
    untold()
    with drawn_in("zh"):
        for name, figure in charts.figures(found):
            assert re.search("[\u4e00-\u9fff]", figure.get_suptitle()), name
    assert [text for text in untold() if not re.fullmatch(f"{FUNDS}|{KEYS}|{NUMBERS}", text)] == []


def test_words_are_said_anew_clause_by_clause_and_names_are_kept():
    with drawn_in("zh"):
        told = say("One fund sells USD 33 bn per side, and forces the crowd to sell USD 147 bn more")
        assert told == "一只基金卖出 每边 USD 330 亿，迫使群体再卖出 USD 1,470 亿"
        assert say("Wed\n8 Aug") == "周三\n8月8日"
        assert say("full\nmy-scenario") == "full\nmy-scenario"
        assert say("A reserve of 15 % is called in 5 % of paths in my paths").startswith("my paths 中 15% 的准备金")
    assert say("median") == "median"
    untold()
