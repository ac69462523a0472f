import atexit
import gc
import importlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest

from crowdquake.cli import NEW_OBJECTS

gc.set_threshold(NEW_OBJECTS)  # as in a command

# The same examples in every run, so that a red run is red for the change that it tests. `HYPOTHESIS_PROFILE=search`
# looks for new ones, and for longer.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# The smallest market in which there is a crowd, a liquidator, a desk, a counterfactual, a sensitivity and a target.
SMALL = """\
title = "A small market"
[clock]
start = 2007-07-30
days = 12
bars = 3
event = 2007-08-06
[market]
stocks = 40
factors = 2
[funds]
count = 12
styles = 2
[liquidator]
starts = 0.5
days = 2
[index_sector]
holding = 4.6
members = 5
[desk]
reserve = 0.12
[[counterfactual]]
name = "alone"
title = "Funds with nothing in common"
twin = true
set = { "funds.crowding" = 0.0 }
[[sensitivity]]
name = "impact +3 %"
multiply = { "impact.strength" = 1.03 }
[[target]]
name = "trough"
kind = "design"
low = -50
high = 0
statistic = "lowest NAV change, median, %"
scale = 100.0
measure = { name = "fund_trough", days = 4 }
[[target]]
name = "tuesday"
kind = "history"
history = -1.0
low = -5
high = 5
statistic = "median, %"
scale = 100.0
measure = { name = "daily", column = "khandani_lo", on = 2007-08-07 }
[[target]]
name = "alone less its twin"
kind = "design"
low = -50
high = 50
statistic = "median"
run = "alone"
minus_twin = true
measure = { name = "crowd_trough" }
"""

# The smallest market in which funds hedge with futures, are called and have to sell.
FUTURES = """\
title = "A small market with futures"
[clock]
start = 2024-01-22
days = 12
bars = 3
event = 2024-01-29
window = 6
[market]
stocks = 40
factors = 2
index_share = 0.3
market_volatility = 0.01
stock_volatility = 0.02
[impact]
strength = 2.3
[funds]
kind = "futures"
policy = "full-rebalanced"
count = 12
styles = 3
leverage = 4.0
reserve = 0.03
capital = 0.9
severity = [0.0, 0.0]
reentry_share = 0.5
[futures_funds]
swap_share = 0.5
[futures]
volume = 0.35
[liquidator]
kind = "futures"
size = 0.3
starts = 0.0
days = 3
[index_sector]
holding = 0.0
[[news]]
date = 2024-01-29
days = 4
move = -0.012
to = "small_caps"
[[news]]
date = 2024-01-31
move = 0.02
to = "index"
cause = "state_buying"
"""


@pytest.fixture(scope="session")
def futures_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "futures.toml"
    path.write_text(FUTURES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def real_data(pytestconfig: pytest.Config) -> Path:
    """Folder of the real series, which are not part of the project."""
    folder = Path(os.environ.get("CROWDQUAKE_DATA", pytestconfig.rootpath.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real series are not here: set CROWDQUAKE_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def small_text() -> str:
    return SMALL


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small(small_file):
    return importlib.import_module("scenarios").load_scenario(small_file)


@pytest.fixture(scope="session")
def small_run(small):
    """Five paths of the small market; nobody may change what is in it."""
    return importlib.import_module("scenarios").run(small, paths=5, seed=13)


class Answer(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command line in this process."""

    def call(*arguments) -> Answer:
        main = importlib.import_module("crowdquake.cli").main
        monkeypatch.setattr(sys, "argv", ["crowdquake", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        atexit.unregister(gc.freeze)  # this process goes on
        out, err = capsys.readouterr()
        return Answer(left.value.code or 0, out, err)

    return call


# A large fund that is called, preyed on, rescued and wound up within five weeks.
SMALL_CREDIT = """\
extends = "ltcm-1998"
title = "A small crisis"
[clock]
start = 1998-08-10
days = 25
bars = 3
event = 1998-08-17
window = 8
[market]
stocks = 6
[funds]
count = 8
styles = 3
[liquidator]
begins = 1998-08-12
days = 5
[large_fund]
unwinds = 1998-08-28
unwind_days = 5
[predators]
threshold = 0.1
[rescue]
date = 1998-08-28
[[news]]
date = 1998-08-17
days = 4
move = -0.004
[[counterfactual]]
name = "news_alone"
title = "Nobody reacts"
set = { "funds.capital" = 0.0, "predators.size" = 0.0, "liquidator.size" = 0.0, "large_fund.sells" = false }
[[target]]
name = "loss"
kind = "design"
low = 0
high = 10
statistic = "median, bn"
scale = 4.0
measure = { name = "large_fund_loss", after = 1998-08-14, to = 1998-08-21 }
"""


@pytest.fixture(scope="session")
def small_credit_text() -> str:
    return SMALL_CREDIT


@pytest.fixture(scope="session")
def small_credit(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("credit") / "crisis.toml"
    path.write_text(SMALL_CREDIT, encoding="utf-8")
    return importlib.import_module("scenarios").load_scenario(path)


@pytest.fixture(scope="session")
def small_credit_run(small_credit):
    """Five paths of the small crisis; nobody may change what is in it."""
    return importlib.import_module("scenarios").run(small_credit, paths=5, seed=7)
