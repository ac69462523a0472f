"""Plug in examples for a test, and forget afterwards all that they registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from cqkit import extensions
from cqkit.registry import registries

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def plugging() -> Iterator[Callable[[str | Path], ModuleType]]:
    """Give a function that plugs in an example, or another file; at the end all that was registered is forgotten."""
    for package in ("hedging", "abm", "scenarios", "crowdquake.charts", "crowdquake.commands"):
        import_module(package)

    def plug(name: str | Path) -> ModuleType:
        extensions.load_extensions([name if isinstance(name, Path) else EXAMPLES / f"{name}.py"])
        return import_module(extensions.loaded_extensions()[-1].module)

    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(extensions, "_LOADED", {})
        for registry in registries().values():
            stack.enter_context(registry.scratch())
        yield plug


@pytest.fixture
def plug():
    """Plug in an example by its name, for one test."""
    with plugging() as plug:
        yield plug


@pytest.fixture(scope="module")
def plug_for_all():
    """Plug in an example by its name, for all tests of a file: what is compiled for it is compiled once."""
    with plugging() as plug:
        yield plug
