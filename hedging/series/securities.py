"""Files of several securities, in rows that a code tells apart or columns under a second row of names: one is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cqkit.errors import InputError
from cqkit.numbers import is_missing
from cqkit.plain import first_few, shown
from hedging.series import columns as names
from hedging.series.layout import Layout
from hedging.series.reading import Reading

_SHOWN = 5  # securities in a message


def one_security(layout: Layout, reading: Reading) -> tuple[Layout, Reading]:
    """Keep the rows or columns of the security that the user names with the column; others stay as they are.

    `--column MSFT` names the security alone, `--column "MSFT Close"` (or `"Close MSFT"`) its column too.

    Raises
    ------
    InputError
        When there are several securities, and none of them is named.
    """
    return _of_rows(*_of_columns(layout, reading))


def named_first(asked: str | None, known: Sequence[str]) -> tuple[str, str | None] | None:
    """Which of some names the user's words begin or end with, and what else they say; None if with none of them."""
    words = (asked or "").strip()
    for name in sorted(known, key=len, reverse=True):
        low, whole = name.lower(), words.lower()
        if whole == low != "":
            return name, None
        if whole.startswith(f"{low} "):
            return name, words[len(name) :].strip()
        if whole.endswith(f" {low}"):
            return name, words[: -len(name)].strip()
    return None


def _of_columns(layout: Layout, reading: Reading) -> tuple[Layout, Reading]:
    """Choose among columns of one name that another row of names tells apart, as yfinance writes two tickers."""
    bare = tuple(names.unnumbered(name) for name in layout.columns)
    priced = [
        place
        for place, name in enumerate(bare)
        if place != layout.date and (names.kind_of(name) or names.bar_part(name))
    ]
    seen = [names.key(bare[place]) for place in priced]
    if len(set(seen)) == len(seen):
        return layout, reading
    for head in layout.heads:
        known = list(dict.fromkeys(head[place] for place in priced))
        pairs = {(head[place], key) for place, key in zip(priced, seen, strict=True)}
        if len(known) < 2 or "" in known or len(pairs) < len(priced):
            continue
        chosen, rest = _chosen(layout.file, "columns", known, reading)
        kept = [place for place in range(len(layout.columns)) if place == layout.date or head[place] == chosen]
        one = replace(layout, columns=bare).of_columns(kept)
        return _noted(one, chosen, known), _asks(reading, rest)
    return layout, reading


def _of_rows(layout: Layout, reading: Reading) -> tuple[Layout, Reading]:
    """Choose among rows that share their dates and have several codes, or names."""
    days = [cells[layout.date] for _, cells in layout.rows]
    if len(set(days)) == len(days):
        return layout, reading
    numeric = layout.numeric()
    for place, name in enumerate(layout.columns):
        coded = names.is_code(name)
        if place == layout.date or (place in numeric and not coded):
            continue
        whose = [cells[place] for _, cells in layout.rows]
        known = [code for code in dict.fromkeys(whose) if not is_missing(code)]
        pairs = len(set(zip(days, whose, strict=True)))
        # Words that are no codes tell securities apart if many days have several rows, all of which they tell apart.
        told = coded or (pairs == len(days) and 4 * len(set(days)) <= 3 * len(days))
        if len(known) < 2 or pairs == len(set(days)) or not told:
            continue
        chosen, rest = _chosen(layout.file, f"column {shown(name)}", known, reading)
        rows = [(row, cells) for row, cells in layout.rows if cells[place] == chosen]
        return _noted(replace(layout, rows=rows), chosen, known), _asks(reading, rest)
    return layout, reading


def _chosen(file: str, where: str, known: list[str], reading: Reading) -> tuple[str, str | None]:
    found = named_first(reading.column, known)
    if found is None:
        listed = first_few(known, _SHOWN, shown)
        raise InputError(
            f"{file}: {where} of {len(known)} securities, {listed}: must be one: choose it with --column, as --column "
            f"'{shown(known[0])}'"
        )
    return found


def _noted(layout: Layout, chosen: str, known: list[str]) -> Layout:
    """The security's rows and columns, which say whose they are."""
    return replace(layout, notes=(*layout.notes, f"{shown(chosen)} of {len(known)} securities"))


def _asks(reading: Reading, column: str | None) -> Reading:
    """What is said of a file once its security is chosen."""
    binding = tuple(name for name in reading.binding if name != "column")
    return replace(reading, column=column, binding=binding if column is None else (*binding, "column"))
