"""What all results have in common, so that they are saved, drawn and told in one way."""

from __future__ import annotations

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
