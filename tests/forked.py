"""The command line in a process of its own that need not load everything once more: forked from one that has."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

from crowdquake.cli import main

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["crowdquake.commands", "crowdquake.charts", "scenarios"])


class Done(NamedTuple):
    """What a process left."""

    returncode: int
    stdout: str
    stderr: str


def crowdquake(*words: object) -> Done:
    """Run the command line in another process: what it registers is not there for the next."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = begun(*words, out=out, err=err)
        process.join()
        assert process.exitcode is not None
        return Done(process.exitcode, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


def begun(*words: object, out: Path = Path(os.devnull), err: Path = Path(os.devnull)) -> ForkServerProcess:
    """The same while it is at work."""
    process = SERVER.Process(target=_run, args=([*map(str, words)], out, err))
    process.start()
    return process


def _run(words: list[str], out: Path, err: Path) -> None:
    for descriptor, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    sys.argv = ["crowdquake", *words]
    main()
