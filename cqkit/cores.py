"""How much may be done at once on this machine."""

from __future__ import annotations

import os


def available_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


BLOCKS_AT_ONCE = max(available_workers(), 2)  # blocks of paths whose stocks and books are kept for their twins
