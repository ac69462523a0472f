"""A result of any type is saved, drawn and told by its type."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
import pytest

import crowdquake
from crowdquake import charts, console
from crowdquake.charts import CHARTS, chart, style
from scenarios import load


@dataclass(frozen=True)
class Toy:
    """A result of a study that the program has never heard of."""

    frame: pd.DataFrame
    synthetic: bool = False

    @property
    def manifest(self):
        return {"seed": 3, "synthetic_index": self.synthetic}

    def tables(self):
        return {"toy": self.frame}

    def as_json(self):
        return {"rows": self.frame.to_dict("records"), "manifest": self.manifest}


@pytest.fixture
def toy():
    return Toy(pd.DataFrame({"x": [1.0, 2.0], "y": [0.25, float("nan")], "who": ["[b]", "b"]}))


@pytest.fixture
def toy_charts():
    """Two charts of the toy, registered the other way round, and one that it has not the data for."""
    with CHARTS.scratch():

        @chart(Toy, "second")
        def second(toy):
            """What comes last."""
            figure, (axes,) = style.new_figure()
            axes.plot(toy.frame["x"])
            return {
                "second-a": style.finish(figure, "A", ["From nowhere."]),
                "second-b": style.finish(style.new_figure()[0], "B", []),
            }

        @chart(Toy, "first", place=1)
        def first_of_toys(toy):
            return style.finish(style.new_figure()[0], "First", ["From nowhere."])

        @chart(Toy, "third", when=lambda toy: toy.frame.empty)
        def third(toy):
            raise AssertionError("this chart has no data")

        yield


def test_a_result_nobody_has_heard_of_is_saved_with_the_charts_of_its_type(toy, toy_charts, tmp_path):
    folder = crowdquake.save(toy, tmp_path / "result")
    drawn = {f"{stem}.{kind}" for stem in ("first", "second-a", "second-b") for kind in ("png", "svg")}
    assert {path.name for path in folder.iterdir()} == {"toy.csv", "manifest.json", *drawn}
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert content["manifest"] == {"seed": 3, "synthetic_index": False}
    assert content["rows"][1]["y"] is None


def test_a_result_without_charts_is_saved_all_the_same(toy, tmp_path):
    folder = crowdquake.save(toy, tmp_path / "result")
    assert {path.name for path in folder.iterdir()} == {"toy.csv", "manifest.json"}


def test_charts_come_in_their_places_and_by_their_functions_names(toy, toy_charts):
    assert [item.name for item in charts.of(toy)] == ["first", "second"]
    assert charts.first_of_toys(toy).get_suptitle() == "First"
    assert CHARTS.about("second") == "What comes last."
    assert {"first_of_toys", "cascade", "save"} <= set(dir(charts))
    with pytest.raises(AttributeError, match="no_such_chart"):
        _ = charts.no_such_chart
    assert charts.of(7) == []


def test_a_result_nobody_has_taught_is_told_as_its_tables(toy, capsys):
    console.tell(toy)
    told = capsys.readouterr().out
    assert all(word in told for word in ("toy", "who", "[b]", "0.25"))
    console.tell(Toy(pd.concat([toy.frame] * 30)), "somewhere")
    told = capsys.readouterr().out
    assert "40 more rows" in told
    assert "Results: somewhere" in told


def test_every_chart_of_a_made_up_market_says_so(toy, toy_charts):
    made_up = Toy(toy.frame, synthetic=True)
    feet = [figure.get_supxlabel() for _, figure in charts.figures(made_up)]
    assert feet == [f"From nowhere.\n{style.SYNTHETIC}", f"From nowhere.\n{style.SYNTHETIC}", style.SYNTHETIC]
    assert not any(style.SYNTHETIC in figure.get_supxlabel() for _, figure in charts.figures(toy))


def test_charts_of_a_run_come_in_the_order_in_which_they_were_written(small_run):
    names = [item.name for item in charts.of(small_run)]
    assert names == ["fund-nav", "cascade", "khandani-lo", "margin-calls", "hedge-desk", "targets"]


def test_a_chart_of_a_name_is_never_a_module():
    assert all(callable(item.draw) for _, item in CHARTS.items())
    for _, item in CHARTS.items():
        assert getattr(charts, item.draw.__name__) is item.draw


def test_a_saved_run_has_its_charts_and_is_read_back(small_run, tmp_path):
    folder = crowdquake.save(small_run, tmp_path / "result")
    assert (folder / "cascade.png").exists()
    assert load(folder).summary() == small_run.summary()
