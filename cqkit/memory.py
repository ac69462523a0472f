"""Memory given back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Give the system back what has been freed: the C library of Linux keeps arrays of some megabytes for later.

    Elsewhere nothing is done. What is asked for later comes from the system again, so this is for the end of a piece of
    work after which something larger begins.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
