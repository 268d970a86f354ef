"""Functions over many arguments, in processes that share the cores and end with their driver."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Literal, TypeVar

from assay.machine.leftovers import shared_folder
from assay.machine.parallel import tied_to
from assay.own.travel import modules_by_name

T = TypeVar("T")


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

    modules_by_name()
    order: Literal["generator", "generator_unordered"] = "generator" if ordered else "generator_unordered"
    on_main_thread = threading.current_thread() is threading.main_thread()
    parallel = Parallel(
        n_jobs=workers,
        return_as=order,
        batch_size=1,
        temp_folder=str(shared_folder()),
        initializer=tied_to,
        initargs=(os.getpid(), on_main_thread),
    )
    with _ignoring_interrupts():  # so do the workers that begin here: Ctrl-C is the driver's to handle
        results = parallel(delayed(function)(*arguments) for arguments in calls)
    with closing(results):
        yield from results


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
