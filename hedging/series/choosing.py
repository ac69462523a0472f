"""Which column of a file holds the closes, and which the rest of the bars."""

from __future__ import annotations

from dataclasses import dataclass, field

from cqkit.errors import InputError
from cqkit.numbers import is_missing
from cqkit.plain import first_few, shown
from hedging.series import columns as names
from hedging.series.layout import Layout
from hedging.series.reading import Reading

_SHOWN = 20  # columns in a message


@dataclass(frozen=True)
class Chosen:
    """Columns of a file by their places.

    Attributes
    ----------
    close : int
        The closes.
    bars : dict
        Opens, highs and lows, where they belong to these closes.
    ratio : int or None
        The close as it was, where `close` is the adjusted one and the bars are not.
    notes : list of str
        Which other column might have been meant.
    """

    close: int
    bars: dict[str, int] = field(default_factory=dict)
    ratio: int | None = None
    notes: list[str] = field(default_factory=list)


def choose_column(layout: Layout, reading: Reading, *, bars: bool) -> Chosen:
    """Choose the column of closes: the one asked for, or adjusted close (without bars), close, NAV, price, or numbers.

    Raises
    ------
    InputError
        When there is none, or several that might be meant.
    """
    kinds = _kinds(layout)
    asked = _asked(layout, reading)
    if asked is not None:
        close, notes = asked, list[str]()
    else:
        order = ("close", "adjusted", "nav", "price") if bars else ("adjusted", "close", "nav", "price")
        close, notes = _by_name(layout, kinds, order)
    parts: dict[str, int] = {}
    for place, name in enumerate(layout.columns):
        part = names.bar_part(name)
        if part is not None and place not in {layout.date, close}:
            parts.setdefault(part, place)
    kind = names.kind_of(layout.columns[close])
    if asked is not None and kind not in {"close", "price", "adjusted"} and kinds.get("close"):
        parts = {}
    raw = kinds.get("close", [None])[0] if kind == "adjusted" else None
    return Chosen(close, parts if bars else {}, raw if parts and bars else None, notes)


def _kinds(layout: Layout) -> dict[str, list[int]]:
    """Columns that have the name of a price, by its kind."""
    kinds: dict[str, list[int]] = {}
    for place, name in enumerate(layout.columns):
        kind = names.kind_of(name)
        if kind is not None and place != layout.date:
            kinds.setdefault(kind, []).append(place)
    return kinds


def _asked(layout: Layout, reading: Reading) -> int | None:
    """The column that the user named; None if he named none, or one of all files that this one does not have."""
    if reading.column is None:
        return None
    found = names.places(layout.columns, reading.column)
    if len(found) > 1:
        raise InputError(f"{layout.file}: column {reading.column} occurs {len(found)} times: must occur once")
    if found:
        if found[0] == layout.date:
            raise InputError(f"{layout.file}: column {reading.column}: holds the dates: must be a column of prices")
        return found[0]
    if "column" in reading.binding:
        raise InputError(
            f"{layout.file}: columns found: {_listed(layout)}: must have {reading.column}, as --column says"
        )
    return None


def _by_name(layout: Layout, kinds: dict[str, list[int]], order: tuple[str, ...]) -> tuple[int, list[str]]:
    """The column of closes by its name, and what else might have been meant."""
    for kind in order:
        found = kinds.get(kind, [])
        if not found or (kind == "adjusted" and all(is_missing(cell) for _, cell in layout.cells(found[0]))):
            continue
        wanted = names.key(layout.columns[found[0]])
        same = [name for name in layout.columns if names.key(names.unnumbered(name)) == wanted]
        if len(same) > 1:
            name = layout.columns[found[0]].lower()
            told = "" if len(set(same)) == 1 else f" ({', '.join(map(shown, same))}): name one with --column"
            raise InputError(f"{layout.file}: column {name} occurs {len(same)} times{told or ': must occur once'}")
        return found[0], _others(layout, kinds, found[0], kind)
    return _only_numbers(layout), []


def _others(layout: Layout, kinds: dict[str, list[int]], chosen: int, kind: str) -> list[str]:
    """Name a column that was not taken, where it tells another story."""
    name = layout.columns[chosen]
    other = {"adjusted": "close", "close": "adjusted"}.get(kind)
    for place in kinds.get(other, []) if other else []:
        differs = any(a != b and not is_missing(b) for (_, a), (_, b) in zip(layout.cells(chosen), layout.cells(place)))  # noqa: B905
        if differs:
            return [
                f"column {name} taken, not {layout.columns[place]}, which differs (distributions, splits): --column "
                "says otherwise"
            ]
    cumulative = [column for column in layout.columns if names.is_cumulative(column)]
    if kind == "nav" and cumulative:
        return [f"column {name} taken, not {cumulative[0]}, to which distributions are added: --column says otherwise"]
    return []


def _only_numbers(layout: Layout) -> int:
    """The only column of numbers that is no volume or change."""
    numeric = layout.numeric()
    able = [place for place in numeric if not _is_no_price(layout, place)]
    within = names.named_within(layout.columns, able)
    if len(within) == 1:
        return within[0]
    if len(able) == 1:
        return able[0]
    none = " (a volume or change is no price)" if numeric and not able else ""
    raise InputError(
        f"{layout.file}: columns found: {_listed(layout)}: must have close or nav, or only one column of numbers{none}"
        ": name it with --column"
    )


def _is_no_price(layout: Layout, place: int) -> bool:
    """Tell a column that is no price by its name or its percent signs."""
    cells = [cell for _, cell in layout.cells(place) if not is_missing(cell)]
    return names.is_no_price(layout.columns[place]) or 2 * sum(cell.endswith("%") for cell in cells) > len(cells)


def _listed(layout: Layout) -> str:
    """The columns of a file."""
    return first_few(layout.columns, _SHOWN, lambda name: shown(name, "(unnamed)").lower())
