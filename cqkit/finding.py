"""Find the modules of a folder, so that whatever they register is known: a new part is one new file."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules


def import_folder(package: str, path: Iterable[str]) -> None:
    """Import every module of a package; called in its `__init__` as `import_folder(__name__, __path__)`."""
    for module in iter_modules(path):
        import_module(f"{package}.{module.name}")
