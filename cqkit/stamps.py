"""What changes when a file does: whoever keeps what he read of one asks for it, and reads anew."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

Stamp = tuple[int, int] | None


def stamp_of(path: Path) -> Stamp:
    """When a file was written, nanoseconds, and its size, bytes; None of what cannot be read, as its reader says."""
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return None
