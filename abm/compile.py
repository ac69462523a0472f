"""Compilation of kernels, and where their machine code is kept.

numba's own cache does not notice that a function *called* by a cached one was edited in another file, so machine
code is kept in a folder named after the sources of all kernels: an edit moves to a new folder.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import types
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

_CONFIG: Any = numba.config

P = ParamSpec("P")
R = TypeVar("R")

_KERNEL_MODULES = (
    *("state.py", "laws.py", "phases.py", "futures_phases.py", "credit_state.py", "credit_phases.py"),
    *("day.py", "compile.py"),
)
# Sums may be reordered and fused so that they vectorise; NaN and infinity keep their meaning.
_ARITHMETIC = {"reassoc", "contract", "nsz"}


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Folder of the compiled kernels; `NUMBA_CACHE_DIR` and `XDG_CACHE_HOME` move it."""
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for module in _KERNEL_MODULES:
        digest.update((here / module).read_bytes())
    home = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "crowdquake" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:  # a read-only or full home: compile afresh, but run
        folder = Path(tempfile.mkdtemp(prefix="crowdquake-kernels-"))
    return folder


def kernel(function: Callable[P, R], keep: bool = True) -> Callable[P, R]:
    """Compile `function` on its first call, without the GIL, and `keep` the machine code for other processes.

    Only our own kernels may be kept: the cache folder's name knows nothing of edits in a user's function.
    """
    previous = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(cache_folder())
    try:
        compiled = numba.njit(nogil=True, cache=keep, error_model="numpy", fastmath=_ARITHMETIC)(function)
    finally:  # other users of numba in this process keep their own cache
        _CONFIG.CACHE_DIR = previous
    return cast("Callable[P, R]", compiled)


def specialise(compiled: Callable[P, R], suffix: str, keep: bool, **names: Any) -> Callable[P, R]:
    """Compile a kernel once more, with some of the global names it uses standing for others.

    One machine-code function per law: no branch over laws is left inside the bar, and none has to be written.
    numba names a cache file after the function, hence the suffix.
    """
    source = cast("Any", compiled).py_func
    copy = types.FunctionType(source.__code__, {**source.__globals__, **names}, source.__name__)
    copy.__qualname__ = f"{source.__qualname__}_{suffix}"
    copy.__module__ = source.__module__
    copy.__doc__ = source.__doc__
    return kernel(cast("Callable[P, R]", copy), keep)
