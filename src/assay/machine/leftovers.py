"""What processes that were killed leave in memory: their shares of data and locks, swept at the next start.

joblib gives large arrays to its workers as files in memory, in a folder that its tracker removes; where the
tracker was killed too they stay, the size of the data set. Here they lie in a folder that says whose it is,
by machine, process and start of the process, so that what is dead can be told from what lives.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from assay.processes import is_alive, started

SHARED = Path("/dev/shm")
PREFIX = "assay-"


@functools.cache
def shared_folder() -> Path:
    """The folder for what this process shares with its workers; those of dead ones are removed first.

    It goes when the process ends.
    """
    sweep_memory()
    pid = os.getpid()
    folder = _root() / f"{PREFIX}{socket.gethostname()}-{pid}-{started(pid) or 0}"
    folder.mkdir(mode=0o700, exist_ok=True)
    atexit.register(_gone, folder)
    return folder


def _gone(folder: Path) -> None:
    """Remove the folder once joblib's tracker has emptied it; else the next start does."""
    for _ in range(20):
        with suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.05)


def _root() -> Path:
    """Where joblib itself would put it."""
    named = os.environ.get("JOBLIB_TEMP_FOLDER")
    usable = SHARED.is_dir() and os.access(SHARED, os.W_OK)
    return Path(named) if named else SHARED if usable else Path(tempfile.gettempdir())


def sweep_memory() -> None:
    """Remove what dead processes of this machine left in shared memory."""
    sweep(_root())


def sweep(root: Path) -> None:
    """Remove the folders, and the locks, of processes of this machine that are dead."""
    for folder, pid in _dead(root):
        if not is_alive(pid):  # else another process has the number now
            for lock in SHARED.glob(f"sem.loky-{pid}-*"):
                with suppress(OSError):
                    lock.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _dead(root: Path) -> Iterator[tuple[Path, int]]:
    mine = f"{PREFIX}{socket.gethostname()}-"
    for folder in root.glob(f"{mine}*-*"):
        pid, _, start = folder.name.removeprefix(mine).partition("-")
        if pid.isdecimal() and len(pid) < 10 and is_alive(int(pid), start if start != "0" else "") is False:
            yield folder, int(pid)
