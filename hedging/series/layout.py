"""Where things are in a file of prices: header, column of dates, rows of data, and what stands around them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import is_missing, like_a_number
from cqkit.plain import shown
from cqkit.readers import Cells
from cqkit.tables import fitted, trimmed, width_faults
from hedging.series import columns as names
from hedging.series.dates import Dating, dating_of, may_be_dates

_HEAD = 40  # rows in which a header is looked for


@dataclass(frozen=True)
class Layout:
    """A file of prices, cut into its parts.

    Attributes
    ----------
    file : str
        What it is called in messages.
    columns : tuple of str
        Names as the file has them.
    date : int
        The column of dates.
    dating : Dating
        How they are written.
    rows : list of (int, list of str)
        Number, as a user counts, and cells of every row of data.
    around : tuple of str
        What stands above the header and below the table.
    notes : tuple of str
        How the file was read, a few words each.
    delimiter : str
        What stands between its cells.
    heads : tuple of tuple of str
        Other rows of names above the data, a cell a column.
    """

    file: str
    columns: tuple[str, ...]
    date: int
    dating: Dating
    rows: list[tuple[int, list[str]]]
    around: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    delimiter: str = ""
    heads: tuple[tuple[str, ...], ...] = ()

    def cells(self, column: int) -> list[tuple[int, str]]:
        """A column's cells with their rows."""
        return [(number, cells[column]) for number, cells in self.rows]

    def of_columns(self, places: Sequence[int]) -> Layout:
        """The same file with these of its columns only; the dates' must be one of them."""
        return replace(
            self,
            columns=tuple(self.columns[place] for place in places),
            date=list(places).index(self.date),
            rows=[(number, [cells[place] for place in places]) for number, cells in self.rows],
            heads=tuple(tuple(head[place] for place in places) for head in self.heads),
        )

    def numeric(self) -> list[int]:
        """Columns of numbers, in which a few cells may be wrong; dates are none."""
        return [
            place
            for place in range(len(self.columns))
            if place != self.date and _mostly_numbers([cell for _, cell in self.cells(place)])
        ]


def _mostly_numbers(cells: list[str]) -> bool:
    """Tell numbers, a few of which may be wrong, from words."""
    filled = [cell for cell in cells if not is_missing(cell)]
    return bool(filled) and 2 * sum(like_a_number(cell) for cell in filled) > len(filled)


def layout_of(
    file: str, cells: Cells, date_format: str | None = None, also_dates: Callable[[str], bool] | None = None
) -> Layout:
    """Find header, dates and rows of data.

    Parameters
    ----------
    file : str
        What it is called in messages.
    cells : Cells
        As a reader gives them.
    date_format : str, optional
        How the user says that dates are written.
    also_dates : callable, optional
        Tells by its name a further column of dates, which is written in the same order.

    Raises
    ------
    InputError
        When there is no column of dates, no row of data, or rows have too few or too many cells.
    """
    rows = [(number, row) for number, row in enumerate(cells.rows, cells.first_row) if any(row)]
    if not rows:
        raise InputError(f"{file}: is empty: must have a header row and rows of data")
    if len(rows) == 1:
        raise InputError(f"{file}: has no rows of data: must have at least one")
    date, first = _dates(file, rows, date_format)
    header, above = _header(rows[:first])
    width = max(len(header), date + 1) if header else max(len(trimmed(row)) for _, row in rows[first:])
    body, below, faults = _body(file, rows[first:], width, date)
    unnamed = date == 0 and header and not names.is_date(header[0]) and names.is_known(header[0])
    if unnamed and all(len(trimmed(row)) == len(header) + 1 for _, row in rows[first:]):
        # A table of R has no name for its first column.
        header, width = ["", *header], width + 1
        body, below, faults = _body(file, rows[first:], width, date)
    raise_faults(faults)
    columns = fitted(header, width)
    beside = (
        None if also_dates is None else [row[at] for at in range(width) if also_dates(columns[at]) for _, row in body]
    )
    dating = dating_of(file, [row[date] for _, row in body], date_format, beside)
    notes = [*cells.notes]
    if below:
        notes.append(f"row {below[0][0]} left out ({' '.join(below[0][1]).strip()[:30]})")
    return Layout(
        file,
        tuple(columns),
        date,
        dating,
        body,
        tuple(cell for row in (*above, *(row for _, row in below)) for cell in row if cell),
        tuple(notes),
        cells.delimiter,
        tuple(tuple(fitted(row, width)) for row in above if len(row) > 1),
    )


def _dates(file: str, rows: list[tuple[int, list[str]]], date_format: str | None) -> tuple[int, int]:
    """The column of dates, and the place of the first row of data."""
    wide = max(len(row) for _, row in rows)
    column_of = {place: [row[place] if place < len(row) else "" for _, row in rows] for place in range(wide)}
    named = []
    for place, column in column_of.items():
        heads = [at for at, cell in enumerate(column[:_HEAD]) if names.is_date(cell)]
        if heads and (date_format or may_be_dates(_from_first_date(column[heads[0] + 1 :]), serials=True)):
            named.append(place)
    # The first of several: an exchange's dates stand before those on which something was published.
    found = named or [place for place, column in column_of.items() if may_be_dates(column)]
    found = found or [place for place, column in column_of.items() if _unnamed_serials(column)]
    if not found:
        head = next((row for _, row in rows if len(trimmed(row)) > 1), rows[0][1])
        found_names = ", ".join(shown(cell, "(unnamed)") for cell in head[:20])
        wrong = [place for place, name in enumerate(head) if names.is_date(name)]
        if not wrong:
            blanks = " (blanks between cells? must be commas, semicolons, tabs or bars)" if wide == 1 else ""
            raise InputError(f"{file}: columns found: {found_names}: one must be called date{blanks}")
        found = wrong[:1]
        return found[0], next(at for at, (_, row) in enumerate(rows) if row is head) + 1
    date = found[0]
    return date, _first_data(rows, date, column_of[date], date_format)


def _from_first_date(column: list[str]) -> list[str]:
    """A column without what stands above its first date: units, frequencies."""
    return column[next((at for at, cell in enumerate(column) if may_be_dates([cell], serials=True)), 0) :]


def _first_data(rows: list[tuple[int, list[str]]], date: int, column: list[str], date_format: str | None) -> int:
    """The place of the first row that has a date and a price, or the row below the one that names the dates."""
    heads = [at for at, cell in enumerate(column[:_HEAD]) if names.is_date(cell)]
    start = heads[-1] + 1 if heads else 0
    if date_format and heads:
        return start
    try:
        dating = dating_of("", column[start:])
    except InputError:
        dating = Dating("dmy")
    for at in range(start, len(rows)):
        others = [cell for place, cell in enumerate(rows[at][1]) if place != date]
        try:
            dating.stamp(column[at])
        except ValueError:
            continue
        if heads or any(like_a_number(cell) or is_missing(cell) for cell in others):
            break
    else:
        return max(start, 1)
    if heads and at - start > 0 and not _is_preamble([row for _, row in rows[start:at]], date):
        return start
    return at


def _is_preamble(rows: Sequence[list[str]], date: int) -> bool:
    """Tell rows between header and data that hold units and names, no prices."""
    return not any(
        like_a_number(cell) and not is_missing(cell) for row in rows for place, cell in enumerate(row) if place != date
    )


def _unnamed_serials(column: list[str]) -> bool:
    """Tell Excel's day numbers in a column without a name: whole numbers that run one way; a row may stand twice."""
    head = next((at for at, cell in enumerate(column) if like_a_number(cell)), None)
    if head is None or (head and column[head - 1]) or not may_be_dates(column[head:], serials=True):
        return False
    numbers = [float(cell) for cell in column[head:] if cell.replace(".", "", 1).isdigit()]
    steps = {later > earlier for earlier, later in itertools.pairwise(numbers) if later != earlier}
    return len(numbers) > 1 and len(steps) == 1


def _header(rows: list[tuple[int, list[str]]]) -> tuple[list[str], list[list[str]]]:
    """The row above the data that names most columns, and those that name none."""
    if not rows:
        return [], []
    candidates = [trimmed(row) for _, row in rows]
    scores = [sum(bool(cell) and names.is_known(cell) for cell in row) + 0.01 * len(row) for row in candidates]
    # The nearest of equals.
    best = max(range(len(rows)), key=lambda at: (scores[at], at))
    header = list(candidates[best])
    for at, row in enumerate(candidates):
        for place, cell in enumerate(row):
            if at > best and place < len(header) and not header[place]:
                header[place] = cell
    return header, [row for at, row in enumerate(candidates) if at != best]


def _body(
    file: str, rows: list[tuple[int, list[str]]], width: int, date: int
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, list[str]]], list[str]]:
    """Rows of data, the lines below the table, and what is wrong with the width of a row."""
    last = len(rows)
    while last > 1 and _is_below(rows[last - 1][1], date):
        last -= 1
    faults: list[str] = []
    body = []
    for number, row in rows[:last]:
        faults += width_faults(file, number, row, width)
        body.append((number, fitted(row, width)))
    return body, rows[last:], faults


def _is_below(row: list[str], date: int) -> bool:
    """Tell a line below a table, as 数据来源：Wind: words where dates are, and no number beside them."""
    cell = row[date] if date < len(row) else ""
    others = [other for place, other in enumerate(row) if place != date and not is_missing(other)]
    return not may_be_dates([cell], serials=True) and not any(like_a_number(other) for other in others)
