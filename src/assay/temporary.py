"""Temporary names beside outputs: whose they are, and the end of those whose owner is dead.

    .NAME.MACHINE-PROCESS-START.RANDOM.part

Machine, process and start of the process tell what is dead from what lives, as they do of shared memory.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import socket
import uuid
from contextlib import suppress
from pathlib import Path

from assay.processes import is_alive, started

MOST_OF_NAME = 48
"""Characters that a temporary name takes over: file systems take 255 bytes, up to four a character."""
OWNED = re.compile(r"\.([0-9a-f]{8})-(\d{1,9})-(\d*)\.[0-9a-f]{8}\.part")


def partial(path: Path) -> Path:
    """A name beside `path`, never read, for what becomes `path` by one rename."""
    name, pid = path.name.lstrip(".")[:MOST_OF_NAME], os.getpid()
    return path.with_name(f".{name}.{_machine()}-{pid}-{started(pid)}.{uuid.uuid4().hex[:8]}.part")


def is_owned(part: Path) -> bool | None:
    """Whether the process that named it lives; None of another machine's, and of names without an owner."""
    found = OWNED.search(part.name)
    if found is None or found[1] != _machine():
        return None
    return is_alive(int(found[2]), found[3])


def sweep(folder: Path) -> None:
    """Remove what dead processes of this machine left half-written in a folder."""
    with suppress(OSError):
        for part in folder.glob(".*.part"):
            if is_owned(part) is False:
                remove(part)


@functools.cache
def sweep_once(folder: Path) -> None:
    """The same, but only the first time that this process asks for that folder."""
    sweep(folder)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there and can be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):  # where nothing can be written this fails too, and would hide why
        path.unlink(missing_ok=True)


@functools.cache
def _machine() -> str:
    return hashlib.blake2b(socket.gethostname().encode(), digest_size=4).hexdigest()
