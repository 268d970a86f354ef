"""Which runs are under way: a small file each, touched as long as the process that works on it lives.

OUT/runs/.KEY.claim    host, process, start and label

Whoever makes the file has the run; the others leave it alone, until it is done or the claim is dead. On the
same machine a claim dies with its process; on another it is a lease, by the clock of the file system alone.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Interval
from typing_extensions import TypedDict

from assay.files import json_bytes
from assay.processes import is_alive, started
from assay.strict import read_json, read_values, unbound
from assay.temporary import partial

BEAT_SECONDS = 5
LEASE_SECONDS = 120
"""A claim of another machine that was not touched for so long is dead."""


@contextmanager
def claimed(folder: Path, key: str, label: str) -> Iterator[bool]:
    """Context that tells whether the run is this process's now, or a living one's.

    What ends the context early gives the run back; else it stays claimed until its result is written
    (`release`). Where the folder is not, or cannot be written to, nothing is claimed: True.
    """
    mine = not folder.is_dir() or _taken(_path(folder, key), _claim(label))
    over = threading.Event()
    if mine and folder.is_dir():
        threading.Thread(target=_beat, args=(_path(folder, key), over), daemon=True).start()
    try:
        yield mine
    except BaseException:
        if mine:
            release(folder, key)
        raise
    finally:
        over.set()


def release(folder: Path, key: str) -> None:
    """Give the run back, or say that its result is written."""
    _path(folder, key).unlink(missing_ok=True)


def _path(folder: Path, key: str) -> Path:
    return folder / "runs" / f".{key}.claim"


def _claim(label: str) -> dict[str, Any]:
    pid = os.getpid()
    own = {"host": socket.gethostname(), "pid": pid, "began": started(pid), "driver": os.getppid()}
    return {**own, "start": time.time(), "label": label}


def _taken(path: Path, claim: dict[str, Any]) -> bool:
    """Make the file, which only one of several processes can; a dead claim is out of the way before."""
    try:
        path.parent.mkdir(exist_ok=True)
        _bury(path)
        with path.open("x") as file:
            file.write(json_bytes(claim).decode())
    except FileExistsError:
        return False
    except OSError:
        pass  # a full disk: the run may end when there is room again
    return True


def _bury(path: Path) -> None:
    """Remove a dead claim; the rename lets only one process do so."""
    if path.exists() and not _alive(_read(path), path):
        grave = partial(path)
        with suppress(FileNotFoundError):
            path.rename(grave)
            grave.unlink()


def _beat(path: Path, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)


def running(folder: Path) -> dict[str, dict[str, Any]]:
    """The living claims by key."""
    return {key: claim for key, claim in claims(folder).items() if claim["alive"]}


def abandoned(folder: Path) -> list[str]:
    """Keys that the processes of this driver, all of them gone now, had claimed; the claims are removed."""
    mine = (socket.gethostname(), os.getpid())
    found = [key for key, claim in claims(folder).items() if (claim["host"], claim["driver"]) == mine]
    for key in found:
        release(folder, key)
    return found


def claims(folder: Path) -> dict[str, dict[str, Any]]:
    """All claims by key, with whether their process is alive."""
    found = {}
    for path in sorted(folder.glob("runs/.*.claim")):
        with suppress(OSError):  # it ended
            if claim := _read(path):
                found[path.stem[1:]] = {**claim, "alive": _alive(claim, path)}
    return found


@unbound
class Claim(TypedDict):
    """What a claim says."""

    host: str
    pid: Annotated[int, Interval(ge=1, lt=2**31)]
    began: str
    driver: Annotated[int, Interval(ge=0, lt=2**31)]
    start: float
    label: str


def _read(path: Path) -> dict[str, Any]:
    """A claim; empty if it is being written, or is none."""
    with suppress(OSError, ValueError):
        claim = read_json(path, "remove it")
        read_values(Claim, claim, str(path))
        return claim
    return {}


def _alive(claim: dict[str, Any], path: Path) -> bool:
    if claim and claim["host"] == socket.gethostname():
        known = is_alive(claim["pid"], claim["began"])
        if known is not None:
            return known
    with suppress(FileNotFoundError):
        age = clock(path.parent) - path.stat().st_mtime
        return abs(age) < LEASE_SECONDS  # far ahead: the clock was put back, and nobody has touched it since
    return False


def clock(folder: Path) -> float:
    """The time by the clock of the file system: machines that share it need not agree on theirs."""
    probe = partial(folder / "clock")
    try:
        probe.touch()
        return probe.stat().st_mtime
    except OSError:
        return time.time()  # a place that can only be read
    finally:
        probe.unlink(missing_ok=True)
