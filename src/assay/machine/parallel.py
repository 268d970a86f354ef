"""How many processes share the cores of this machine, and how they end with their driver."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_workers(device: str) -> int:
    """Processes at a time: one a core, or one on a GPU."""
    return cores() if device == "cpu" else 1


@functools.cache
def end_with_the_driver() -> None:
    """In a worker process: leave soon after the driver is gone, however it ended."""
    driver = multiprocessing.parent_process()

    def watch(pid: int | None) -> None:
        while os.getppid() == pid:
            time.sleep(1)
        os._exit(1)

    if driver is not None:
        threading.Thread(target=watch, args=(driver.pid,), daemon=True).start()
