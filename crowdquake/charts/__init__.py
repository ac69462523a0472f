"""Charts for a risk committee, found by folder: each a function from a result to a matplotlib figure.

Every function that is registered is here by its name, as `charts.cascade(run)`; one of the user's own too:

>>> from crowdquake.charts import chart, style
>>> @chart(RunResult, name="my-chart")
... def my_chart(run):
...     figure, (axes,) = style.new_figure()
...     axes.plot(run.bands["q50"])
...     return style.finish(figure, "What it shows", [style.provenance(run)])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cqkit.finding import import_folder
from crowdquake.charts import style
from crowdquake.charts.base import CHARTS, Chart, chart, figures, of, save_all
from crowdquake.charts.style import save

import_folder(__name__, __path__)

__all__ = ["CHARTS", "Chart", "chart", "figures", "of", "save", "save_all", "style"]


def __getattr__(name: str) -> Callable[[Any], Any]:
    for _, item in CHARTS.items():
        if getattr(item.draw, "__name__", "") == name:
            return item.draw
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *(getattr(item.draw, "__name__", name) for name, item in CHARTS.items())})
