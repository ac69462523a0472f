"""`report`: the committee's pack of results on disk."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from importlib.resources import files
from string import Formatter

import pandas as pd
import pytest

import crowdquake
from crowdquake.report import SECTIONS, make_pack
from crowdquake.report.numbers import Numbers
from crowdquake.report.page import page_of
from crowdquake.report.paper import paper_of
from crowdquake.report.words import LANGUAGES, catalogue
from scenarios import save

HOSTILE = '<script>alert(1)</script> & "$x$" \\evil{} #set'


@pytest.fixture(scope="module")
def folder(small_file, tmp_path_factory):
    """A run of a scenario whose author wrote what he should not have, on disk."""
    place = tmp_path_factory.mktemp("results")
    scenario = place / "hostile.toml"
    scenario.write_text(
        f"extends = {str(small_file)!r}\ntitle = {json.dumps(HOSTILE)}\nquestion = {json.dumps(HOSTILE)}\n"
        f"caution = {json.dumps(HOSTILE)}\n",
        encoding="utf-8",
    )
    run = crowdquake.run(scenario, paths=40, seed=7)
    return save(run, place / "<b>run")


@pytest.fixture(scope="module")
def reserves(tmp_path_factory):
    """A reserve study of two policies, on disk."""
    found = crowdquake.reserve("gbm:volatility=0.3", policies=["full", "partial"], reserve=0.11, paths=80, days=60)
    return save(found, tmp_path_factory.mktemp("results") / "reserve")


@pytest.fixture(scope="module")
def beside(small_file, tmp_path_factory):
    """A scenario's reserve beside a path model on which a call is all but certain, with a book of stocks, on disk."""
    place = tmp_path_factory.mktemp("results")
    rows = ("600036,招商银行,6e7,9e8,0.02,CNY", "600519,贵州茅台,4e7,4e8,0.01,CNY")
    book = place / "book.csv"
    book.write_text("\n".join(["ticker,name,market value,ADV,volatility,currency", *rows]), encoding="utf-8")
    sources = ["gbm:volatility=0.9", str(small_file)]
    policies = ["full", "partial"]
    asked = {"book": book, "crowding": (), "overrides": {"market.currency": "CNY"}}
    found = crowdquake.reserve(sources, policies=policies, reserve=0.11, paths=80, days=40, **asked)
    return save(found, place / "reserve")


@pytest.fixture(scope="module")
def packs(folder, reserves):
    """A pack of both by language."""
    return {lang: make_pack([folder, reserves], lang=lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def alone(folder):
    """A pack of the run alone."""
    return make_pack([folder])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_there_in_every_language(lang):
    english, other = catalogue("en"), catalogue(lang)
    assert english.keys() == other.keys()
    places = {key: {name for _, name, _, _ in Formatter().parse(told) if name} for key, told in english.items()}
    assert places == {key: {name for _, name, _, _ in Formatter().parse(told) if name} for key, told in other.items()}
    assert all(told for told in other.values())


def test_every_section_has_a_title():
    assert {f"{name}.title" for name in SECTIONS.names()} <= catalogue("en").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_whole_and_escapes_what_authors_wrote(packs, lang):
    page = page_of(packs[lang])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#|data:)", page.replace('xlink:href="#', 'href="#'))
    assert "http" not in re.sub(r"http://www\.w3\.org/[\w/]+|http-equiv", "", page)
    assert len(page) < 5e6
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_equal_results_give_equal_bytes(packs, folder, reserves):
    one, other = packs["zh"], make_pack([folder, reserves], lang="zh")
    assert page_of(one) == page_of(other)
    assert paper_of(one) == paper_of(other)


def test_a_pdf_is_pdf_a(alone):
    made = paper_of(alone)
    assert made.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in made


def test_the_first_page_has_the_numbers_of_the_run(folder, alone):
    run = crowdquake.load(folder)
    desk = run.manifest["desk"]["main"]
    front = alone.front
    assert len(front.answer) == 3
    assert f"{100 * desk['call_probability']:.1f}\u00a0%" in front.answer[0]
    assert desk["first_call"]["first_most_frequent"] in front.answer[0]
    loss = run.summary()["figures"]["desk_hedge_loss"]
    assert f"{100 * loss['median']:.1f}\u00a0%" in front.answer[1]


def test_several_results_stand_side_by_side(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "last quarter")
    document = make_pack([folder, other])
    (table,) = (
        part for item in document.sections if item.name == "figures" for part in item.parts if part.kind == "table"
    )
    assert {"<b>run", "last quarter"} <= set(table.heads)
    assert table.heads[-1] == "change"
    assert all(row[1] == row[3] for row in table.rows)


def test_the_command_writes_what_its_file_ends_in(command, folder, tmp_path):
    for name in ("pack.html", "pack.pdf"):
        found = command("report", folder, "--out", tmp_path / name, "--limit", "call_probability=0.05")
        assert (found.code, found.err) == (0, "")
        assert (tmp_path / name).stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {"pack.html", "pack.pdf"}


def test_a_result_says_how_it_was_asked_for(command, tmp_path):
    (tmp_path / "prices.csv").write_text("date,close\n2007-01-02,100\n2007-01-03,110\n", encoding="utf-8")
    words = ("--start", "2007-01-02", "--end", "2007-01-03")
    assert command("hedge", "--index", tmp_path / "prices.csv", *words, "-o", tmp_path / "a").code == 0
    about = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))["folder"]
    assert about["command"] == "crowdquake hedge --index prices.csv --start 2007-01-02 --end 2007-01-03"


@pytest.fixture
def broken(folder, tmp_path):
    """Folders that hold no whole result, by what is wrong with them."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    half = shutil.copytree(folder, tmp_path / "half")
    (half / "hedges.parquet").unlink()
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text('{"of": "another program"}', encoding="utf-8")
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    (damaged / "manifest.json").write_text("{", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "no such folder"),
        ("empty", "holds no result"),
        ("file", "is a file"),
        ("half", "hedges.parquet: missing"),
        ("other", "does not say what study it is of"),
        ("damaged", "manifest.json cannot be read"),
    ],
)
def test_a_folder_without_a_whole_result_is_named(command, broken, name, told):
    found = command("report", broken / name, "--out", broken / "pack.html")
    assert found.code == 2
    (line,) = found.err.splitlines()
    assert told in line
    assert not (broken / "pack.html").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--out", "pack.doc"), "must end in .html or .pdf"),
        (("--lang", "fr"), "--lang fr: must be en or zh"),
        (("--limit", "calls=1"), "figure = calls: must be call_probability"),
        (("--limit", "call_probability"), "must be figure=value"),
        (("--limit", "call_probability=-1"), "must be a ratio in 0..1"),
        (("--lang", "zh", "--font", "nowhere.ttf"), "--font nowhere.ttf: no such file"),
    ],
)
def test_a_wrong_option_is_named(command, folder, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    found = command("report", folder, *words)
    assert found.code == 2
    (line,) = found.err.splitlines()
    assert told in line
    assert not list(tmp_path.iterdir())


def test_chinese_without_its_font_says_what_to_install(command, folder, monkeypatch):
    monkeypatch.setattr("crowdquake.fonts.find_spec", lambda _: None)
    found = command("report", folder, "--lang", "zh")
    assert (found.code, found.err.count("\n")) == (2, 1)
    assert "pip install 'crowdquake[zh]'" in found.err


def test_worst_moves_are_falls_and_rises_within_their_span():
    text = files("crowdquake.report").joinpath("worst_moves.toml").read_text(encoding="utf-8")
    for index in tomllib.loads(text)["index"]:
        for way, sign in (("falls", -1), ("rises", 1)):
            for size, day in index[way].values():
                assert sign * size > 0
                assert index["from"] < day <= index["to"]


def test_a_hedge_on_one_s_own_series_has_its_calls(tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text("date,close\n2007-01-02,100\n2007-01-03,110\n2007-01-04,150\n", encoding="utf-8")
    found = crowdquake.hedge(prices, policies=["full", "none"], start="2007-01-02", end="2007-01-04", reserve=0.3)
    document = make_pack([save(found, tmp_path / "hedge")])
    assert "called on 1 days, first on 2007-01-04" in document.front.answer[0]
    assert document.front.answer[1].startswith("none needed 0.0")
    replay = next(item for item in document.sections if item.name == "replay")
    calls = replay.parts[-2]
    assert calls.rows[0][:2] == ("full", "2007-01-04")
    assert page_of(document)


def test_a_sign_that_no_font_has_is_named_and_says_what_to_install(command, tmp_path, monkeypatch):
    prices = tmp_path / "指数.csv"
    prices.write_text("date,close\n2007-01-02,100\n2007-01-03,110\n", encoding="utf-8")
    save(crowdquake.hedge(prices, start="2007-01-02", end="2007-01-03"), tmp_path / "hedge")
    assert command("report", tmp_path / "hedge", "-o", tmp_path / "pack.pdf").code == 0  # with the font of the extra
    monkeypatch.setattr("crowdquake.fonts.find_spec", lambda _: None)
    found = command("report", tmp_path / "hedge", "-o", tmp_path / "other.pdf")
    assert (found.code, found.err.count("\n")) == (2, 1)
    assert "pip install 'crowdquake[zh]'" in found.err
    assert command("report", tmp_path / "hedge", "-o", tmp_path / "pack.html").code == 0  # browsers have fonts


def test_the_first_page_is_about_the_scenario_and_not_the_path_model_beside_it(beside):
    document = make_pack([beside])
    assert document.front.question.endswith("in small?")
    assert document.title == "reserve study: small"
    assert " in small " in json.loads((beside / "manifest.json").read_text(encoding="utf-8"))["sentence"]


def test_what_is_sold_has_its_time_and_cost_in_ordinary_and_in_stressed_markets(beside):
    document, stored = make_pack([beside]), pd.read_csv(beside / "sales.csv", dtype={"ticker": str})
    (section,) = (item for item in document.sections if item.name == "liquidation")
    table = section.parts[0]
    rows = stored[(stored["policy"] == "full") & (stored["source"] == "gbm:volatility=0.9")]
    for case, told in (("average", table.rows[-2]), ("worst", table.rows[-1])):
        cost, stressed = (rows[rows["case"] == case][name].sum() for name in ("cost", "cost_stressed"))
        assert told[5:7] == (Numbers("en").money(cost, "CNY"), Numbers("en").money(stressed, "CNY"))
        assert 2 * cost < stressed < 4 * cost


def test_names_of_stocks_in_chinese_are_set_in_an_english_pack(beside):
    document = make_pack([beside])
    (sold,) = (item for item in document.sections if item.name == "liquidation")
    assert any(row[0] == "600036 招商银行" for row in sold.parts[0].rows)
    assert paper_of(document).startswith(b"%PDF")
