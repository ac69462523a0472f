"""What every reader of the user's dated files begins with: a file's parts, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cqkit.numbers import MARKS, NumberStyle, is_missing, parse_number, style_of
from cqkit.readers import Cells
from hedging.series.dates import dating_of
from hedging.series.frames import Source, cells_of
from hedging.series.layout import Layout, layout_of
from hedging.series.reading import DECIMALS, Reading


def open_layout(source: Source, reading: Reading, name: str) -> Layout:
    """Read a file or frame and cut it into its parts.

    Parameters
    ----------
    source : path, DataFrame or Series
        What is read.
    reading : Reading
        What the user says of it.
    name : str
        What a frame is called in messages.

    Raises
    ------
    InputError
        As of `cells_of` and `layout_of`.
    """
    return cut(*cells_of(source, name), reading)


def cut(file: str, cells: Cells, reading: Reading, also_dates: Callable[[str], bool] | None = None) -> Layout:
    """Cut a file that is read already into its parts; as `layout_of`, by what the user says."""
    return layout_of(file, cells, fitting_format((cell for row in cells.rows for cell in row), reading), also_dates)


def fitting_format(cells: Iterable[str], reading: Reading) -> str | None:
    """The user's date format, unless it was said of all files and these dates are of another shape."""
    if reading.date_format is None or "date_format" in reading.binding:
        return reading.date_format
    dating = dating_of("", [], reading.date_format)
    for cell in cells:
        try:
            dating.stamp(cell)
        except ValueError:
            continue
        return reading.date_format
    return None


def style_in(layout: Layout, reading: Reading, price: Sequence[int], *, level_matters: bool) -> NumberStyle:
    """Tell by the whole file how it writes numbers.

    Parameters
    ----------
    layout : Layout
        The file.
    reading : Reading
        What the user says of it.
    price : sequence of int
        The columns of prices, whose path decides where a mark may be either.
    level_matters : bool
        As of `style_of`.

    Raises
    ------
    InputError
        As of `style_of`.
    """
    known = [[(row, cell) for row, cell in layout.cells(place) if not is_missing(cell)] for place in layout.numeric()]
    path = [cell for place in price for cell in layout.cells(place)]
    asked = DECIMALS.get(reading.decimal or "")
    return style_of(layout.file, known, path, layout.delimiter, asked, level_matters=level_matters)


def style_notes(style: NumberStyle) -> list[str]:
    """Say how numbers were read, where it is not the plain way."""
    if style.doubted:
        return [style.doubted]
    return [MARKS[style.decimal]] if style.decimal != "." else []


def positive_number(cell: str, style: NumberStyle) -> float:
    """Parse a price; the ValueError says what is allowed."""
    number = parse_number(cell, style)
    if number <= 0:
        raise ValueError("must be positive")
    return number
