"""The register of sections: each is a function from a pack to its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cqkit.registry import Registry
from crowdquake.report.parts import Part

if TYPE_CHECKING:
    from crowdquake.report.making import Pack

Make = Callable[["Pack"], Sequence[Part]]


@dataclass(frozen=True)
class Item:
    """A section: what makes it, and where it stands."""

    make: Make
    place: int


class _Sections(Registry[Item]):
    """Sections by name; what there is to tell of one is its function's."""

    def about(self, name: str) -> str:
        return (self[name].make.__doc__ or "").partition("\n")[0]

    def parameters(self, name: str) -> dict[str, Any]:
        return {"place": self[name].place}


SECTIONS = _Sections("section")


def section(name: str, *, place: int) -> Callable[[Make], Make]:
    """Return a decorator that makes a function a section of the pack.

    The function gives the section's parts, none where no result has what it takes. The title is `NAME.title` in the
    catalogue of words.

    Raises
    ------
    InputError
        When the name is taken.
    """

    def known(function: Make) -> Make:
        SECTIONS.add(name, Item(function, place), source=function)
        return function

    return known
