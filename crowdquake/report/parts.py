"""What a pack is made of: parts that know nothing of HTML or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from crowdquake.fonts import PackFont


@dataclass(frozen=True)
class Part:
    """A piece of a section; all its words are plain text, which whoever writes it out escapes."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True)
class Text(Part):
    """A paragraph; `small` for what is said about figures, rather than by them."""

    kind: ClassVar[str] = "text"
    text: str
    small: bool = False


@dataclass(frozen=True)
class Listing(Part):
    """A list of sentences."""

    kind: ClassVar[str] = "listing"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Table(Part):
    """A table of text: columns up to `left` are words, those after it numbers; rows in `marked` stand out."""

    kind: ClassVar[str] = "table"
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1
    marked: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        title: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        left: int = 1,
        marked: Sequence[int] = (),
    ) -> Table:
        """Make one of any sequences."""
        return cls(title, tuple(heads), tuple(tuple(row) for row in rows), left, frozenset(marked))


@dataclass(frozen=True)
class Chart(Part):
    """A drawn figure, with what it shows in one line."""

    kind: ClassVar[str] = "chart"
    title: str
    svg: str
    foot: str = ""


@dataclass(frozen=True)
class Section:
    """A section: its name in links, its title, and its parts."""

    name: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Front:
    """The first page.

    Attributes
    ----------
    question
        What the committee asks.
    answer
        Three sentences, made from the result.
    picture
        The one chart.
    decision
        What is to be decided.
    facts
        Where it is from, in a line or two: scenario, paths, seed, date.
    """

    question: str
    answer: tuple[str, ...]
    picture: Chart | None
    decision: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A pack.

    Attributes
    ----------
    title, date
        Of the pack; the date is that of the latest result.
    lang
        "en" or "zh".
    labels
        Words of the frame around sections, by name.
    front, sections
        What it says.
    font
        That its words need, cut down to them; None where any font does.
    """

    title: str
    date: str
    lang: str
    labels: dict[str, str]
    front: Front
    sections: tuple[Section, ...]
    font: PackFont | None = None
