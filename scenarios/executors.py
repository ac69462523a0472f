"""Who does the work of an ensemble, as a command line names it: threads, processes, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.context import BaseContext

from abm import available_workers
from cqkit.errors import InputError

THREADS, PROCESSES, DASK = "threads", "processes", "dask"


@contextmanager
def executor_named(name: str, workers: int | None = None) -> Iterator[Executor | None]:
    """Yield the executor that a name stands for; None for the threads of this process.

    `threads`; `processes` (so many as workers); `dask` (a cluster of processes on this machine) or `dask:ADDRESS` (a
    scheduler that runs already, as dask:tcp://10.0.0.1:8786). Results are the same on all of them.

    Raises
    ------
    InputError
        For another name, without what Dask needs (the extra `cluster`), or if no scheduler answers.
    """
    kind, _, address = name.partition(":")
    if name == THREADS:
        yield None
    elif name == PROCESSES:
        with ProcessPoolExecutor(workers or available_workers(), _processes()) as pool:
            yield pool
    elif kind == DASK:
        with _dask(address, workers) as pool:
            yield pool
    else:
        raise InputError(f"executor {name}: must be {THREADS}, {PROCESSES}, {DASK} or {DASK}:ADDRESS")


def _processes() -> BaseContext:
    """How processes are made: where that is known, forked from one that has only loaded this package."""
    if "forkserver" not in multiprocessing.get_all_start_methods():  # Windows
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__package__])
    return server


@contextmanager
def _dask(address: str, workers: int | None) -> Iterator[Executor]:
    try:
        distributed = import_module("distributed")  # an extra
    except ImportError:
        raise InputError("executor dask: needs the extra `cluster`: pip install 'crowdquake[cluster]'") from None
    options = (
        {"address": address}
        if address
        else {"n_workers": workers or available_workers(), "threads_per_worker": 1, "dashboard_address": None}
    )
    try:
        client = distributed.Client(timeout="20s", set_as_default=False, **options)
    except (OSError, ValueError) as error:
        raise InputError(f"executor dask:{address}: no scheduler answers: {error}") from None
    with client:
        yield client.get_executor(pure=False)
