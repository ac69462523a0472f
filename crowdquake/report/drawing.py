"""Charts of the pack, drawn from result files with words of its language, as SVG that needs no font and no network."""

from __future__ import annotations

import io
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from cqkit import statistics
from crowdquake.fonts import FAMILY, PackFont

# Okabe and Ito's palette; the first four differ in lightness too, so that they are told apart in greyscale.
INK, BLUE, ORANGE, GREY, SKY, GREEN, YELLOW = (
    "#1A1A1A",
    "#0072B2",
    "#D55E00",
    "#8A8A8A",
    "#56B4E9",
    "#009E73",
    "#F0C000",
)
SERIES = (BLUE, ORANGE, GREY, SKY, GREEN, YELLOW, INK)
DASHES = ("-", "--", ":", "-.", "-", "--", ":")
WIDTH, HEIGHT = 7.4, 3.1  # inches, as wide as the text of a page
LOOK: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#E4E4E4",
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "crowdquake",
}
MOST_DATES = 9


@dataclass
class Drawing:
    """Makes charts in one font, and numbers them.

    Attributes
    ----------
    font
        What the words need; None for the font that matplotlib brings.
    chinese
        Whether all is written in it, or only the signs that matplotlib's has not.
    """

    font: PackFont | None = None
    chinese: bool = False
    _made: int = field(default=0, init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory, init=False)

    @cached_property
    def family(self) -> str:
        """Name of the font, which matplotlib is told of."""
        if self.font is None:
            return "DejaVu Sans"
        known = font_manager.fontManager
        known.ttflist = [entry for entry in known.ttflist if entry.name != FAMILY]  # of an earlier pack
        path = Path(self._folder.name) / "regular.ttf"
        path.write_bytes(self.font.regular)
        known.addfont(path)
        return FAMILY

    @contextmanager
    def look(self) -> Iterator[None]:
        """How all charts look; texts take it on as they are made, so that sections are made within."""
        family = [self.family] if self.font is None or self.chinese else ["DejaVu Sans", self.family]
        with rc_context({**LOOK, "font.family": family}):
            yield

    def figure(self, height: float = HEIGHT, columns: int = 1) -> tuple[Figure, list[Axes]]:
        """A figure with panels beside each other, on a canvas of its own."""
        made = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasAgg(made)
        return made, list(made.subplots(1, columns, squeeze=False)[0])

    def svg(self, figure: Figure) -> str:
        """The figure as an SVG element whose names are its own among those of a page."""
        for text in figure.findobj(Text):
            text.set_parse_math(False)  # a user's names may hold dollar signs
        out = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # the words beside a chart say it again
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        self._made += 1
        return _inline(out.getvalue(), f"c{self._made}-")


def _inline(text: str, prefix: str) -> str:
    """An SVG element without what stands before it in a file, its names made unique."""
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\1{prefix}", body)
    body = re.sub(r'(<svg[^>]*?) width="[^"]+"', r"\1", body, count=1)
    return re.sub(r'(<svg[^>]*?) height="[^"]+"', r"\1", body, count=1).strip()


def fan(axes: Axes, x: npt.NDArray[Any], table: pd.DataFrame, colour: str) -> None:
    """A median with its 25-75 and 10-90 % bands."""
    axes.fill_between(x, table["q10"], table["q90"], color=colour, alpha=0.16, lw=0)
    axes.fill_between(x, table["q25"], table["q75"], color=colour, alpha=0.3, lw=0)
    axes.plot(x, table["q50"], color=colour, lw=1.8)


def quantiles(values: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Quantiles over paths, shape (paths, days), by day."""
    levels = (10, 25, 50, 75, 90)
    found = statistics.quantiles(values, [level / 100 for level in levels])
    return pd.DataFrame(found.T, columns=[f"q{level}" for level in levels])


def date_ticks(axes: Axes, dates: Sequence[Any]) -> None:
    """Label trading days, which stand at equal distances, as month and day; the first with its year."""
    apart = max(-(-len(dates) // MOST_DATES), 1)
    places = list(range(0, len(dates), apart))
    labels = [f"{dates[place]:%m-%d}" for place in places]
    labels[0] = f"{dates[0]:%Y-%m-%d}"
    axes.set_xticks(places, labels)
    axes.tick_params(axis="x", length=2)


def mark(axes: Axes, x: float, text: str, lw: float = 1) -> None:
    """Draw a dotted upright line, with what it is beside its top."""
    axes.axvline(x, color=INK, lw=lw, ls=":")
    axes.annotate(
        text,
        (x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        fontsize=8.5,
    )


def label_end(axes: Axes, x: float, y: float, text: str, colour: str, dy: float = 0) -> None:
    """Write a label at the end of a line, in its colour."""
    axes.annotate(
        text,
        (x, y),
        xytext=(4, dy),
        textcoords="offset points",
        color=colour,
        va="center",
        fontsize=8.5,
        annotation_clip=False,
    )


def spread_labels(places: Sequence[float], least: float) -> list[float]:
    """Move labels apart that would stand closer than `least`, keeping their order and about their places."""
    order = np.argsort(places, kind="stable")
    moved = np.asarray(places, dtype=float)[order]
    for _ in range(200):
        gaps = np.diff(moved)
        close = np.flatnonzero(gaps < least - 1e-9)
        if not close.size:
            break
        for item in close:
            push = (least - (moved[item + 1] - moved[item])) / 2
            moved[item] -= push
            moved[item + 1] += push
    found = np.empty(len(moved))
    found[order] = moved
    return found.tolist()
