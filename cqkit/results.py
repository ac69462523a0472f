"""What all results have in common, so that they are saved, drawn and told in one way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pandas as pd


@runtime_checkable
class Result(Protocol):
    """Something that a study found.

    Attributes
    ----------
    manifest
        How it came about: digests, seed, versions (`cqkit.manifest`).
    """

    @property
    def manifest(self) -> dict[str, Any]: ...

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""

    def as_json(self) -> dict[str, Any]:
        """All of it in plain values, as `--json` prints them."""


@runtime_checkable
class InFormats(Protocol):
    """A result with tables that are not written as CSV.

    Attributes
    ----------
    formats
        Endings of the files by table ("csv", "parquet"); a table that is left out is written as CSV.
    """

    @property
    def formats(self) -> Mapping[str, tuple[str, ...]]: ...


@runtime_checkable
class Restorable(Protocol):
    """A result that can be read back from its folder."""

    def stored(self) -> dict[str, Any]:
        """What manifest.json holds in place of `as_json`: with the tables, all that the result is made of."""


@runtime_checkable
class WithFiles(Protocol):
    """A result that has files of its own beside its tables."""

    def write_files(self, folder: Path) -> None:
        """Write them into a folder."""
