import re

import pytest
from chart_reading import lightness
from matplotlib.figure import Figure

import crowdquake
from crowdquake import charts
from crowdquake.charts import style
from scenarios import run

RUN_CHARTS = ("cascade", "fund_nav", "hedge_desk", "khandani_lo", "margin_calls", "targets")


def title(figure):
    """The finding: what stands on top, and what of it is told first at the foot."""
    return f"{figure.get_suptitle()}; {figure.get_supxlabel()}".replace("\n", " ").replace("\u00a0", " ")


def test_what_is_simulated_is_told_from_its_baseline_and_from_history_in_greyscale():
    apart = (style.SIMULATED, style.TWIN), (style.SIMULATED, style.HISTORY), (style.TWIN, style.HISTORY)
    for one, other in (*apart, (style.FORCED, style.HISTORY), (style.SIMULATED, style.SECTOR)):
        assert abs(lightness(one) - lightness(other)) >= 12


@pytest.mark.parametrize("name", RUN_CHARTS)
def test_every_chart_says_its_finding_and_where_it_comes_from(small_run, tmp_path, name):
    figure = getattr(charts, name)(small_run)
    assert isinstance(figure, Figure)
    assert len(title(figure)) > 20
    foot = figure.get_supxlabel()
    assert "scenario small" in foot
    assert "5 paths, seed 13" in foot
    png, svg = charts.save(figure, tmp_path, name)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "</svg>" in svg.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RUN_CHARTS)
def test_a_chart_drawn_twice_is_the_same_file(small_run, tmp_path, name):
    draw = getattr(charts, name)
    first, second = (charts.save(draw(small_run), tmp_path, name)[1].read_bytes() for _ in range(2))
    assert first == second


def test_all_charts_with_data_are_drawn_and_no_others(small_run, small, tmp_path):
    names = {path.name for path in charts.save_all(small_run, tmp_path)}
    assert names == {path.name for path in tmp_path.iterdir()}
    assert {name.rpartition(".")[0].replace("-", "_") for name in names} == set(RUN_CHARTS)
    bare = run(small, paths=2, overrides={"desk.size": 0, "target": [], "counterfactual": []})
    stems = {path.stem for path in charts.save_all(bare, tmp_path)}
    assert stems == {"khandani-lo", "fund-nav", "cascade", "margin-calls"}


def test_a_run_without_a_liquidator_says_that_nobody_had_to_sell(small):
    calm = run(small, paths=3, overrides={"liquidator.size": 0, "funds.headroom": [9, 9]}, counterfactuals=False)
    for name in RUN_CHARTS:
        assert len(title(getattr(charts, name)(calm))) > 20
    assert title(charts.cascade(calm)).startswith("Nobody liquidates")
    assert "nobody's margin is called" in title(charts.margin_calls(calm))


def test_without_a_liquidator_no_title_compares_with_a_run_without_one(small):
    calm = run(small, paths=3, overrides={"liquidator.size": 0}, counterfactuals=False)
    for name in RUN_CHARTS:
        assert "without the liquidator" not in title(getattr(charts, name)(calm))
    assert "-0" not in title(charts.cascade(calm))
    assert "liquidator's" not in charts.cascade(calm).get_supxlabel()


def test_forced_sales_of_the_twin_are_not_laid_to_the_liquidator(small):
    tight = {"funds.headroom": [0.0, 0.0], "funds.leverage": 5.0}
    crowd = charts.cascade(run(small, paths=3, overrides=tight, counterfactuals=False))
    assert "forces the crowd" not in title(crowd)
    assert "bn without it" in title(crowd)


@pytest.mark.parametrize("name", ["cascade", "fund_nav", "hedge_desk", "khandani_lo", "margin_calls"])
def test_no_legend_covers_data(small_run, name):
    figure = getattr(charts, name)(small_run)
    figure.canvas.draw()
    for axes in figure.axes:
        if axes.get_legend() is not None:
            assert axes.get_legend().get_window_extent().y0 >= axes.bbox.y1


def test_only_charts_with_a_twin_explain_grey_and_only_sensitivities_that_ran_are_named(small):
    made = run(small, paths=3, counterfactuals=False)
    foot = charts.targets(made).get_supxlabel()
    assert "Grey" not in foot
    assert "ticks" not in foot
    assert "Grey" in charts.fund_nav(made).get_supxlabel()


def test_history_is_drawn_where_the_scenario_has_it(small, small_run):
    history = [{"name": "khandani_lo", "unit": "%", "source": "S", "values": {"2007-08-07": -1.0}}]
    overrides = {"history": history, "sources": {"S": "A paper"}}
    told = charts.khandani_lo(run(small, paths=2, overrides=overrides, counterfactuals=False))
    labels = [text.get_text() for text in told.axes[0].get_legend().get_texts()]
    assert "History" in labels
    assert "History: A paper." in told.get_supxlabel()
    untold = charts.khandani_lo(small_run)
    assert "History" not in [text.get_text() for text in untold.axes[0].get_legend().get_texts()]


def of_decile(decile, history, **measure):
    """A target that holds a decile against history."""
    wanted = {
        "name": f"D{decile} {measure['name']}",
        "kind": "history",
        "low": -9,
        "high": 9,
        "statistic": "s",
        "source": "S",
    }
    wanted |= {"history": history, "scale": 100.0}
    return wanted | {"measure": {"column": f"khandani_lo_d{decile}", **measure}}


def test_deciles_are_drawn_where_history_has_them(small, small_run, tmp_path):
    summed, single = {"name": "total", "after": "2007-08-06", "to": "2007-08-09"}, {"name": "daily", "on": "2007-08-10"}
    targets = [of_decile(1, 2.5, **summed), of_decile(4, -9.3, **summed), of_decile(10, 2.4, **single)]
    overrides = {"target": targets, "sources": {"S": "A paper"}}
    found = run(small, paths=4, overrides=overrides, counterfactuals=False)
    figure = charts.khandani_lo_deciles(found)
    assert re.match(r"Decile [14] of capitalisation moves most on 7 to 9 August, by [+-]\d", title(figure))
    assert "History, where it is known: A paper." in figure.get_supxlabel()
    upper, lower = figure.axes
    drawn = [axes.get_lines()[1].get_xydata().tolist() for axes in (upper, lower)]
    assert drawn == [[[1 - 0.24, 2.5], [4 - 0.24, -9.3]], [[10 - 0.24, 2.4]]]
    daily = found.daily[(found.daily["run"] == "main") & found.daily["date"].between("2007-08-07", "2007-08-09")]
    medians = [daily.groupby("path")[f"khandani_lo_d{decile}"].sum().median() for decile in range(1, 11)]
    assert upper.get_lines()[0].get_ydata() == pytest.approx([100 * value for value in medians])
    assert "khandani-lo-deciles.png" in {path.name for path in charts.save_all(found, tmp_path)}
    assert not any(item.name == "khandani-lo-deciles" for item in charts.of(small_run))


def test_the_cascade_s_title_tells_what_the_liquidator_sold(small_run, small):
    sold = small.liquidator.size * small.market.daily_value / 1e9
    assert re.search(rf"One fund sells USD {sold:.0f} bn", title(charts.cascade(small_run)))


def test_a_replay_is_drawn_with_its_reserve(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("date,close\n2007-01-02,100\n2007-01-03,110\n2007-01-04,150\n")
    window = {"start": "2007-01-02", "end": "2007-01-04"}
    needed = crowdquake.hedge(path, **window)
    called = crowdquake.hedge(path, **window, reserve=0.3)
    assert "This is what the futures turned out to need" in title(charts.replay_chart(needed))
    assert "margin was called on 1 day" in title(charts.replay_chart(called))


@pytest.fixture
def drawn(tmp_path):
    """Policies side by side on a short history."""
    path = tmp_path / "my $x_{ index.csv"
    closes = (100, 110, 150, 120, 130)
    path.write_text("date,close\n" + "".join(f"2007-01-0{day},{close}\n" for day, close in enumerate(closes, 2)))
    policies = ["full", "[b]=full-rebalanced", "none"]
    return crowdquake.hedge(path, policies=policies, start="2007-01-02", end="2007-01-06", reserve=0.3)


@pytest.mark.parametrize("name", ["replay_chart", "policies_chart"])
def test_policies_are_drawn_side_by_side_with_the_finding_on_top(drawn, tmp_path, name):
    figure = getattr(charts, name)(drawn)
    assert re.match(r"none makes \+23.1.% on a reserve of 30.%; \S+ makes \+0.0.% on a reserve of 30.%", title(figure))
    assert "my $x_{ index.csv" in figure.get_supxlabel()
    png, svg = charts.save(figure, tmp_path, name)
    assert png.read_bytes().startswith(b"\x89PNG")
    text = svg.read_text(encoding="utf-8")
    assert all(label in text for label in ("full", "[b]", "none"))
    assert "reserve" in text


@pytest.mark.parametrize(
    ("policy", "model", "finding"),
    [
        ("full", "gbm:volatility=0.4", r"Policy full: \d+.% of the book is enough in 95 cases of 100, \d+.% in 99"),
        ("mine=partial", "student_t", "Policy mine: "),
        ("none", "gbm", "Policy none needs no reserve in 99 cases of 100"),
        ("full", "gbm:volatility=0", "Policy full: 10.% of the book is enough in 95 cases of 100, 10.% in 99"),
    ],
)
def test_a_reserve_s_frontiers_are_drawn_even_where_nothing_is_needed(tmp_path, policy, model, finding):
    figure = charts.frontier(crowdquake.hedge_reserve(policy, model=model, days=20, paths=600))
    assert re.match(finding, title(figure))
    assert "600 paths, seed 1" in figure.get_supxlabel()
    png, svg = charts.save(figure, tmp_path, "frontier")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "Reserve, % of the book" in svg.read_text(encoding="utf-8")
