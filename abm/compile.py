"""Compilation of kernels, and where their machine code is kept.

numba's own cache does not notice that a function *called* by a cached one was edited in another file, so machine
code is kept in a folder named after all sources of this package: an edit moves to a new folder.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import tempfile
import types
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import llvmlite.binding
import numba
from numba.core.compiler import Compiler

_CONFIG: Any = numba.config

P = ParamSpec("P")
R = TypeVar("R")

# Sums may be reordered and fused so that they vectorise; NaN and infinity keep their meaning.
_ARITHMETIC = {"reassoc", "contract", "nsz"}


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Folder of the compiled kernels; `NUMBA_CACHE_DIR` and `XDG_CACHE_HOME` move it.

    Where it cannot be written, one folder a user among the temporary ones stands in for it, which begins with what the
    other holds and is found again by the next process.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.binding.get_host_cpu_name()}".encode())
    for module in sorted(here.rglob("*.py")):
        digest.update(module.relative_to(here).as_posix().encode() + module.read_bytes())
    name = digest.hexdigest()[:16]
    home = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "crowdquake" / name
    return folder if _can_be_written(folder) else _stand_in(folder)


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _stand_in(folder: Path) -> Path:
    """A folder of this user's own among the temporary ones; if somebody else has that name, one for this process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no name for this user
        user = str(os.getuid())
    own = Path(tempfile.gettempdir()) / f"crowdquake-kernels-{user}"
    with suppress(OSError):
        own.mkdir(mode=0o700, exist_ok=True)
    mine = own.is_dir() and not own.is_symlink() and (not hasattr(os, "getuid") or own.stat().st_uid == os.getuid())
    if not (mine and _can_be_written(own / folder.name)):
        return Path(tempfile.mkdtemp(prefix="crowdquake-kernels-"))
    with suppress(OSError):
        shutil.copytree(folder, own / folder.name, dirs_exist_ok=True, copy_function=_copy_if_new)
    return own / folder.name


def _copy_if_new(source: str, target: str) -> None:
    if not Path(target).exists():
        shutil.copyfile(source, target)


class _Apart(Compiler):
    """numba's compiler, told that no two arrays of a function overlap; it has a flag for that and no option."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        define: Any = super().define_pipelines
        return define()


def kernel(
    function: Callable[P, R],
    keep: bool = True,
    exact: bool = False,
    makes_arrays: bool = False,
    apart: bool = False,
) -> Callable[P, R]:
    """Compile `function` on its first call, without the GIL, and `keep` the machine code for other processes.

    Only our own kernels may be kept: the cache folder's name knows nothing of edits in a user's function. An `exact`
    one adds in the order in which it is written. All become part of whoever calls them: to hand the market's hundred
    arrays over takes longer than most phases of a bar. Only one that `makes_arrays` counts who still needs an array:
    in the others, whose callers keep all of theirs, counting took a sixth of a bar and a third of its compilation.
    Of one whose arrays lie `apart` none that is written overlaps another: a loop over stocks or funds then vectorises
    however many arrays it touches, where otherwise more than a few are too many to be compared before it begins.
    What Python calls begins with the unpacking of all arguments, which for the market's arrays is nearly as much code
    as the day itself; so other kernels are given a twin without it, which halves the time that a day takes to compile.
    With NUMBA_DISABLE_JIT=1 nothing is compiled, and everything works all the same, slowly.
    """
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": not exact and _ARITHMETIC,
        "forceinline": True,
        "no_cfunc_wrapper": True,
        "_nrt": makes_arrays,
    }
    if apart:
        options["pipeline_class"] = _Apart
    compiled = _compiled(function, keep, options)
    compiled.way = {"makes_arrays": makes_arrays, "apart": apart}
    if hasattr(compiled, "get_call_template"):  # what numba asks of a function that is called in another

        @lru_cache(maxsize=1)
        def part() -> Any:
            name = f"{function.__qualname__}_part"
            return _compiled(_copy(function, name), keep, options | {"no_cpython_wrapper": True})

        compiled.get_call_template = lambda *given: part().get_call_template(*given)
        compiled.get_overload = lambda signature: part().get_overload(signature)
    return cast("Callable[P, R]", compiled)


def _compiled(function: Callable[..., Any], keep: bool, options: dict[str, Any]) -> Any:
    previous = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(cache_folder())
    try:
        compiled: Any = numba.njit(cache=keep, **options)(function)
    finally:  # other users of numba in this process keep their own cache
        _CONFIG.CACHE_DIR = previous
    if keep and hasattr(compiled, "_cache"):
        compiled._cache = _OwnTypesOnly(compiled._cache)
    return compiled


def _copy(function: Callable[..., Any], name: str, **names: Any) -> types.FunctionType:
    """A function under another name, after which numba names its cache, and with other globals if there are `names`."""
    known = {**function.__globals__, **names} if names else function.__globals__
    copy = types.FunctionType(function.__code__, known, function.__name__, function.__defaults__, function.__closure__)
    copy.__qualname__, copy.__module__, copy.__doc__ = name, function.__module__, function.__doc__
    return copy


class _OwnTypesOnly:
    """A cache that keeps no machine code for a user's types: whoever looks into it later could not read their names."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, signature: Any, context: Any) -> Any:
        return self._cache.load_overload(signature, context) if _knows_ours_alone(signature) else None

    def save_overload(self, signature: Any, data: Any) -> None:
        if _knows_ours_alone(signature):
            self._cache.save_overload(signature, data)


def _knows_ours_alone(signature: Any) -> bool:
    """Whether all named tuples in a signature are this package's."""
    waiting = list(getattr(signature, "args", signature))
    while waiting:
        kind = waiting.pop()
        made = getattr(kind, "instance_class", None)
        if made is not None and made.__module__.partition(".")[0] != __name__.partition(".")[0]:
            return False
        waiting += getattr(kind, "types", ())
    return True


def exact_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` to add in the order in which it is written."""
    return kernel(function, exact=True)


def array_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function`, which makes arrays of its own."""
    return kernel(function, makes_arrays=True)


def wide_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function`, whose arrays lie apart, with loops that touch many of them."""
    return kernel(function, apart=True)


def source_of(compiled: Callable[..., Any]) -> types.FunctionType:
    """The Python function that a kernel was compiled from."""
    return cast("types.FunctionType", getattr(compiled, "py_func", compiled))


def is_ours(function: Callable[..., Any]) -> bool:
    """Whether a function or kernel is one of this package's, so that its machine code may be kept."""
    return Path(source_of(function).__code__.co_filename).is_relative_to(Path(__file__).parent)


def specialise(compiled: Callable[P, R], suffix: str, keep: bool, **names: Any) -> Callable[P, R]:
    """Compile a kernel once more, with some of the global names it uses standing for others.

    One machine-code function per law: no branch over laws is left inside the bar, and none has to be written.
    """
    source = source_of(compiled)
    way = getattr(compiled, "way", {})
    copy = _copy(source, f"{source.__qualname__}_{suffix}", **names)
    return kernel(cast("Callable[P, R]", copy), keep, **way)
