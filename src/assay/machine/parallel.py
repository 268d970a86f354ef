"""Functions over many arguments, in processes that share the cores and end with their driver."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

T = TypeVar("T")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def default_workers(device: str) -> int:
    """Processes at a time: one a core, or one on a GPU."""
    return cores() if device == "cpu" else 1


def in_processes(
    function: Callable[..., T], calls: Iterable[tuple[Any, ...]], workers: int, ordered: bool = False
) -> Iterator[T]:
    """`function` of every tuple of arguments, `workers` at a time; results as they come, or in order.

    Raises
    ------
    joblib.externals.loky.process_executor.TerminatedWorkerError
        If a process was killed; the others are ended with it.
    """
    from joblib import Parallel, delayed

    order: Literal["generator", "generator_unordered"] = "generator" if ordered else "generator_unordered"
    parallel = Parallel(n_jobs=workers, return_as=order, batch_size=1)
    with _ignoring_interrupts():  # so do the workers that begin here: Ctrl-C is the driver's to handle
        results = parallel(delayed(_call)(function, *arguments) for arguments in calls)
    yield from results


def _call(function: Callable[..., T], *arguments: Any) -> T:
    _end_with_the_driver()
    return function(*arguments)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@functools.cache
def _end_with_the_driver() -> None:
    """In a worker process: leave soon after the driver is gone, however it ended."""
    driver = multiprocessing.parent_process()

    def watch(pid: int | None) -> None:
        while os.getppid() == pid:
            time.sleep(1)
        os._exit(1)

    if driver is not None:
        threading.Thread(target=watch, args=(driver.pid,), daemon=True).start()
