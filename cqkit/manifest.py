"""What a result says of how it came about: enough to repeat it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from cqkit.extensions import loaded_extensions

LIBRARIES = ("crowdquake", "numpy", "numba", "scipy", "pandas")


def told(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings that were changed, in plain values: numbers as they are, all else as text."""
    return {key: value if isinstance(value, int | float) else str(value) for key, value in (values or {}).items()}


def manifest(
    *,
    seconds: float,
    seed: int | None = None,
    paths: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Seed, paths, what was set otherwise, the user's own files, time taken and versions, with what else is to be said.

    Equal scenario (by digest), seed, paths, versions and files of the user's own give an equal result. What has no
    chance in it has neither seed nor paths.
    """
    chance = {"seed": seed, "paths": paths}
    return {
        **more,
        "overrides": told(overrides),
        **{name: value for name, value in chance.items() if value is not None},
        "plugins": plugins(),
        "seconds": round(seconds, 2),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def file_digests(
    files: Mapping[str, str | PathLike[str] | pd.DataFrame | pd.Series | None],
) -> dict[str, dict[str, str]]:
    """The files that went in, by what they are: name without its folder, and SHA-256; None is no file.

    A folder's digest is that of its files' names and digests, in the order of names; a
    frame's that of what it is as CSV.
    """
    return {
        what: {
            "file": str(source.attrs.get("file", what)),
            "sha256": _sha256(source.to_csv().encode()),
        }
        if isinstance(source, pd.DataFrame | pd.Series)
        else {"file": Path(source).name, "sha256": _digest(Path(source))}
        for what, source in files.items()
        if source is not None
    }


def _digest(path: Path) -> str:
    if not path.is_dir():
        return _sha256(path.read_bytes())
    parts = [f"{file.name} {_digest(file)}\n" for file in sorted(path.iterdir()) if file.is_file()]
    return _sha256("".join(parts).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def plugins() -> list[dict[str, str]]:
    """The user's own files that were loaded: name and SHA-256, in their order."""
    return [{"file": item.path.name, "sha256": item.digest} for item in loaded_extensions()]
