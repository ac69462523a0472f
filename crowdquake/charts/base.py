"""The register of charts: each is a function from a result of one type to a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from matplotlib.figure import Figure

from cqkit.registry import Registry
from crowdquake.charts import style

R = TypeVar("R")
Drawn = TypeVar("Drawn", Figure, dict[str, Figure])

LAST = 100


@dataclass(frozen=True)
class Chart:
    """A chart and the results that have it.

    Attributes
    ----------
    name
        Of the file that it is saved to, without its ending.
    result
        Type of the results that it draws.
    draw
        Gives the figure, or several by the names of their files.
    when
        Whether a result has what it takes.
    place
        Where it stands among the charts of a result.
    """

    name: str
    result: type[Any]
    draw: Callable[[Any], Figure | Mapping[str, Figure]]
    when: Callable[[Any], bool]
    place: int


class _Charts(Registry[Chart]):
    """Charts by name; what there is to tell of one is its function's."""

    def about(self, name: str) -> str:
        return (self[name].draw.__doc__ or "").partition("\n")[0]

    def parameters(self, name: str) -> dict[str, Any]:
        return {"draws": self[name].result.__name__}


CHARTS = _Charts("chart")


def chart(
    result: type[R], name: str, *, when: Callable[[R], bool] = lambda _: True, place: int = LAST
) -> Callable[[Callable[[R], Drawn]], Callable[[R], Drawn]]:
    """Return a decorator that makes a function a chart of a type of results.

    Parameters
    ----------
    result
        Type of the results that it draws.
    name
        Of the file that it is saved to, without its ending; a function that draws several gives their names itself.
    when
        Whether a result has what it takes; by default all do.
    place
        Where it stands among the charts of a result; by default last.

    Raises
    ------
    InputError
        When the name is taken.
    """

    def known(function: Callable[[R], Drawn]) -> Callable[[R], Drawn]:
        @wraps(function)
        def draw(found: R) -> Drawn:
            drawn = function(found)
            for figure in [drawn] if isinstance(drawn, Figure) else drawn.values():
                style.call_synthetic(figure, found)
                style.call_outside(figure, found)
            return drawn

        CHARTS.add(name, Chart(name, result, draw, when, place), source=function)
        return draw

    return known


def of(result: object) -> list[Chart]:
    """The charts that a result has, in the order in which they are written."""
    its_own = [item for _, item in CHARTS.items() if isinstance(result, item.result) and item.when(result)]
    return sorted(its_own, key=lambda item: item.place)


def figures(result: object) -> Iterator[tuple[str, Figure]]:
    """Draw all charts of a result, one after the other: names of their files, and figures."""
    for item in of(result):
        drawn = item.draw(result)
        yield from [(item.name, drawn)] if isinstance(drawn, Figure) else drawn.items()


def save_all(result: object, folder: str | Path) -> list[Path]:
    """Write all charts of a result as PNG and SVG; those without data are left out."""
    return [path for name, figure in figures(result) for path in style.save(figure, Path(folder), name)]
