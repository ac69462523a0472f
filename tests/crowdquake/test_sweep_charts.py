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
    values = swept.points["forced_share"].where(swept.points["point"] < 3)
    title, lines = drawn(replace(swept, points=swept.points.assign(forced_share=values)))
    assert lines["out of range"].get_xdata().tolist() == [0.9]
    assert title.startswith("forced_share: ")
    assert " at 0.9" not in title


def test_where_every_point_s_market_failed_there_is_no_curve(swept):
    nothing = replace(swept, points=swept.points.assign(forced_share=np.nan))
    assert "curve" not in dict(charts.figures(nothing))
