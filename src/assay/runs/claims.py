"""Which runs are under way: a small file each while a process works on it, touched as long as that lives.

OUT/running/KEY.json    host, process, start and label
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assay.files import replace_file

BEAT_SECONDS = 5
SILENT_SECONDS = 30
"""A claim on another machine that was not touched for so long is taken for dead."""


@contextmanager
def claimed(folder: Path, key: str, label: str) -> Iterator[None]:
    """Context in which the run is said to be under way; does nothing where the folder is not."""
    path = _path(folder, key)
    if not folder.is_dir():
        yield
        return
    with suppress(OSError):  # a full disk: the run may end when there is room again
        replace_file(path, json.dumps(_claim(label)).encode())
    over = threading.Event()
    threading.Thread(target=_beat, args=(path, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        path.unlink(missing_ok=True)


def _path(folder: Path, key: str) -> Path:
    return folder / "runs" / f".{key}.claim"


def _claim(label: str) -> dict[str, Any]:
    own = {"host": socket.gethostname(), "pid": os.getpid(), "driver": os.getppid()}
    return {**own, "start": time.time(), "label": label}


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
        _path(folder, key).unlink(missing_ok=True)
    return found


def claims(folder: Path) -> dict[str, dict[str, Any]]:
    """All claims by key, with whether their process is alive."""
    found = {}
    for path in sorted(folder.glob("runs/.*.claim")):
        with suppress(OSError, ValueError):  # it ended, or is being written
            claim = json.loads(path.read_text())
            found[path.stem[1:]] = {**claim, "alive": _alive(claim, path)}
    return found


def _alive(claim: dict[str, Any], path: Path) -> bool:
    if claim["host"] != socket.gethostname():
        return time.time() - path.stat().st_mtime < SILENT_SECONDS
    try:
        os.kill(claim["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
