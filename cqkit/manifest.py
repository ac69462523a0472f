"""What a result says of how it came about: enough to repeat it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from cqkit.extensions import loaded_extensions

LIBRARIES = ("crowdquake", "numpy", "numba", "scipy", "pandas")


def told(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings that were changed, in plain values: numbers as they are, all else as text."""
    return {key: value if isinstance(value, int | float) else str(value) for key, value in (values or {}).items()}


def manifest(
    *, seed: int, paths: int, seconds: float, overrides: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Seed, paths, what was set otherwise, the user's own files, time taken and versions, with what else is to be said.

    Equal scenario (by digest), seed, paths, versions and files of the user's own give an equal result.
    """
    return {
        **more,
        "overrides": told(overrides),
        "seed": seed,
        "paths": paths,
        "plugins": plugins(),
        "seconds": round(seconds, 2),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def plugins() -> list[dict[str, str]]:
    """The user's own files that were loaded: name and SHA-256, in their order."""
    return [{"file": item.path.name, "sha256": item.digest} for item in loaded_extensions()]
