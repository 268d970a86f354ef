"""How many processes share the cores of this machine, and how they end with their driver."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_workers(device: str) -> int:
    """Processes at a time: one a core, or one on a GPU."""
    return cores() if device == "cpu" else 1


def tied_to(driver: int, by_kernel: bool) -> None:
    """In a worker process, as it starts: end with the driver, however that ends.

    Parameters
    ----------
    driver : int
        Process that started this one.
    by_kernel : bool
        Whether Linux may see to it: it looks at the thread that started this process, which then has to be
        the driver's main one.
    """
    if not (by_kernel and _killed_with_parent()):
        threading.Thread(target=_watch, args=(driver,), daemon=True).start()
    if os.getppid() != driver:  # it ended before this process could ask
        os._exit(1)


def _killed_with_parent() -> bool:
    """Ask Linux to kill this process when its parent ends; whether it will."""
    if sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) == 0)
    except (OSError, AttributeError):
        return False


def _watch(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(0.5)
    os._exit(1)
