from dataclasses import replace

import numpy as np
import pytest

import crowdquake as cq
from crowdquake import charts


@pytest.fixture(scope="module")
def swept(small):
    return cq.sweep(small, ["funds.crowding=0:0.9:4"], paths=4, seed=1)


def drawn(found):
    (figure,) = (figure for name, figure in charts.figures(found) if name == "curve")
    (axes,) = figure.axes
    return figure.get_suptitle().replace("\u00a0", " "), dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))


def test_a_sweep_of_one_key_is_a_curve_of_means_with_that_without_the_liquidator_beside_it(swept):
    title, lines = drawn(swept)
    points = swept.points
    assert lines["Mean over paths"].get_ydata() == pytest.approx(100 * points["forced_share"])
    assert lines["No liquidator"].get_ydata() == pytest.approx(100 * points["forced_share_baseline"])
    assert f"{100 * points['forced_share'].iloc[-1]:.3g} % at 0.9" in title
    assert "out of range" not in lines


def test_points_whose_market_failed_are_marked_where_they_lie_and_no_value_is_told_of_them(swept):
    held = swept.points["point"] < 3
    values, faults = swept.points["forced_share"].where(held), swept.points["fault"].where(held, "prices ran away")
    title, lines = drawn(replace(swept, points=swept.points.assign(forced_share=values, fault=faults)))
    assert lines["out of range"].get_xdata().tolist() == [0.9]
    assert "known on no path" not in lines
    assert title.startswith("forced_share: ")
    assert " at 0.9" not in title


def test_a_figure_that_is_known_on_no_path_is_no_failed_market(swept):
    values = swept.points["forced_share"].where(swept.points["point"] > 0)
    _, lines = drawn(replace(swept, points=swept.points.assign(forced_share=values)))
    assert lines["known on no path"].get_xdata().tolist() == [0]
    assert "out of range" not in lines


def test_nor_is_it_on_a_map(small):
    found = cq.sweep(small, ["funds.crowding=0:0.9:2", "liquidator.size=0.1:0.9:2"], paths=2, seed=1)
    values, faults = found.points["forced_share"].copy(), found.points["fault"].copy()
    values[:2], faults[1] = np.nan, "prices ran away"
    ((_, figure),) = charts.figures(replace(found, points=found.points.assign(forced_share=values, fault=faults)))
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said[:2] == ["known on no path", "out of range"]


def test_where_every_point_s_market_failed_there_is_no_curve(swept):
    nothing = replace(swept, points=swept.points.assign(forced_share=np.nan))
    assert "curve" not in dict(charts.figures(nothing))
