"""The one register of plug-ins: things of one kind by name, ours and the user's alike; a taken name is refused."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from cqkit.errors import InputError
from cqkit.extensions import registering

T = TypeVar("T")
Item = TypeVar("Item")

_REGISTRIES: dict[str, Registry[Any]] = {}


class Registry(Generic[T]):
    """Things of one kind by name, in the order of registration.

    Parameters
    ----------
    kind
        What they are called in messages, as "impact law"; every kind has one registry.
    """

    def __init__(self, kind: str) -> None:
        if kind in _REGISTRIES:
            raise ValueError(f"{kind}: has a registry already")
        self.kind = kind
        self._items: dict[str, T] = {}
        self._origins: dict[str, str] = {}
        _REGISTRIES[kind] = self

    def add(self, name: str, item: T, source: Any = None) -> None:
        """Make an item known by its name; `source` is what was written, if the item was made from it.

        Raises
        ------
        InputError
            When the name is taken.
        """
        if name in self._items:
            raise InputError(f"{self.kind} {name}: is registered already: choose another name")
        self._items[name] = item
        module = getattr(item if source is None else source, "__module__", None) or type(item).__module__
        self._origins[name] = registering() or module

    def register(self, name: str) -> Callable[[Item], Item]:
        """Return a decorator that makes what it stands on known as `name`; InputError when the name is taken."""

        def known(item: Item) -> Item:
            self.add(name, item)  # type: ignore[arg-type]  # a class is more than a `type[T]` to a checker
            return item

        return known

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Forget at the end whatever is registered within: for tests, and for trying things out."""
        items, origins = dict(self._items), dict(self._origins)
        try:
            yield
        finally:
            self._items, self._origins = items, origins

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __getitem__(self, name: str) -> T:
        """Return the item of that name; InputError says which there are."""
        if name not in self._items:
            raise InputError(f"{self.kind} = {name or '(empty)'}: must be {choices(name, self.names())}")
        return self._items[name]

    def names(self) -> tuple[str, ...]:
        """Names of all items, in the order of registration."""
        return tuple(self._items)

    def items(self) -> tuple[tuple[str, T], ...]:
        """Names and items, in the order of registration."""
        return tuple(self._items.items())

    def origin(self, name: str) -> str:
        """The module that an item was written in, or registered in if that is a file of the user's own."""
        return self._origins[name]

    def parameters(self, name: str) -> dict[str, Any]:
        """An item's parameters and their defaults, as `crowdquake plugins` tells them; by default those of its call."""
        return _parameters(self[name])

    def about(self, name: str) -> str:
        """The first line of an item's docstring."""
        return (inspect.getdoc(self[name]) or "").partition("\n")[0]


def registries() -> dict[str, Registry[Any]]:
    """All registries by kind, in the order in which they were made."""
    return dict(_REGISTRIES)


def choices(found: str, known: Iterable[str]) -> str:
    """Put the choices in words and name the likeliest one."""
    known = list(known)
    if not known:
        return "left out (there are none)"
    close = difflib.get_close_matches(found, known, n=1)
    return f"one of {', '.join(known)}" + (f" (did you mean {close[0]}?)" if close else "")


def _parameters(item: Any) -> dict[str, Any]:
    fields = getattr(item, "model_fields", None)
    if fields is not None:  # a pydantic model
        return {name: None if field.is_required() else field.get_default() for name, field in fields.items()}
    try:
        signature = inspect.signature(item)
    except (TypeError, ValueError):
        return {}
    defaults = {name: parameter.default for name, parameter in signature.parameters.items()}
    return {name: default for name, default in defaults.items() if default is not inspect.Parameter.empty}
