"""Files of the user's own, loaded ahead of a command: whatever they register goes by its name from then on.

A file is loaded once, as a module of its own. What is registered in one process is not known in another: work for
another process goes as `carried(task, ...)`, which loads the same files there first.
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
import re
import sys
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Generic, NamedTuple, TypeVar, cast

from cqkit.errors import InputError

R = TypeVar("R")

_PREFIX = "extension_"


class Extension(NamedTuple):
    """A file that was loaded.

    Attributes
    ----------
    path
        Where it lies, without links.
    digest
        SHA-256 of what was in it, in hexadecimal.
    module
        Name of its module: the same in every process.
    """

    path: Path
    digest: str
    module: str


_LOADED: dict[Path, Extension] = {}


def load_extensions(paths: Iterable[str | PathLike[str]]) -> None:
    """Load files of Python, in their order; one that was loaded before is left as it is.

    Raises
    ------
    InputError
        When a file is missing, is not Python, or fails; with the line of the file that it failed at. What it registered
        up to there stays.
    """
    for path in map(Path, paths):
        content = _read(path)
        real = path.resolve()
        if real not in _LOADED:
            digest = hashlib.sha256(content).hexdigest()
            extension = Extension(real, digest, _module_name(real))
            _execute(path, content, extension)
            _LOADED[real] = extension


def loaded_extensions() -> tuple[Extension, ...]:
    """All files that were loaded, in their order."""
    return tuple(_LOADED.values())


def file_of(module: str) -> str | None:
    """The name of the file that a module was loaded from; None for modules that are no extensions."""
    return next((item.path.name for item in _LOADED.values() if item.module == module), None)


class Carried(Generic[R]):
    """A call that may be made in another process, where the files that were loaded here are loaded first.

    The task and its arguments are kept as bytes until then: they may be made of what the files register.
    """

    def __init__(self, task: Callable[..., R], arguments: tuple[Any, ...]) -> None:
        self._files = tuple(item.path for item in loaded_extensions())
        self._content = pickle.dumps((task, arguments))

    def __call__(self) -> R:
        load_extensions(self._files)
        task, arguments = pickle.loads(self._content)
        return cast("R", task(*arguments))


def carried(task: Callable[..., R], *arguments: Any) -> Carried[R]:
    """A call for another process, as `executor.submit(carried(task, 1, 2))`."""
    return Carried(task, arguments)


def registering() -> str | None:
    """Name of the module of the file that is registering something right now, if one is.

    The innermost module on the way here tells: a file may import packages of ours, which register what is ours.
    """
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    name = "" if frame is None else str(frame.f_globals.get("__name__"))
    return name if name.startswith(_PREFIX) else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file: must be a Python file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder: must be a Python file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # a name that no file can have
        raise InputError(f"{path}: cannot be read: {error}") from None


def _module_name(path: Path) -> str:
    """The same for the same file in every process, so that what is sent there is found; two files may share a name."""
    stem = re.sub(r"\W", "_", path.stem)
    return f"{_PREFIX}{stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _execute(path: Path, content: bytes, extension: Extension) -> None:
    file = str(extension.path)
    module = ModuleType(extension.module)
    module.__file__ = file
    sys.modules[extension.module] = module
    try:
        exec(compile(content, file, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[extension.module]
        raise InputError(*(f"{path.name}: {fault}" for fault in _faults(error, file))) from error


def _faults(error: BaseException, file: str) -> list[str]:
    """Say at which line of the file something went wrong, and what."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return [f"line {error.lineno}: not Python: {error.msg}"]
    line = _last_line(error.__traceback__, file)
    if line is None:  # it is not even text
        return [f"not Python: {error}"]
    if isinstance(error, InputError):
        return [f"line {line}: {fault}" for fault in error.faults]
    if isinstance(error, SystemExit):
        return [f"line {line}: leaves the program: must only register"]
    what = str(error).partition("\n")[0]
    return [f"line {line}: {type(error).__name__}" + (f": {what}" if what else "")]


def _last_line(trace: TracebackType | None, file: str) -> int | None:
    """The innermost line of the file that an error passed through."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
