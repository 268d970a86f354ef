"""How much memory there is, and whether something that is asked for fits into it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from assay.errors import UserError
from assay.files import size_of

FLOAT = 4
"""Bytes of a number as a network learns from it."""
AS_ARRAYS = "save its numbers as x.npy and its classes as y.npy, which are read where they lie"
"""The way out of tables that are too large."""
MOST_UNPACKED, MOST_RATIO = 2**30, 100
"""Bytes that any file may unpack to, and how many times its size larger ones may."""
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory() -> int:
    """Bytes that this process may hope for: of the machine, its container, its limits; 64 GiB if unknown."""
    known = [limit for limit in (_physical(), *map(_container, LIMITS), _own_limit()) if limit > 0]
    return min(known, default=2**36)


def check_fits(amount: float, what: str, way_out: str = "") -> None:
    """Raise `UserError`, with the amount and a way out, if so many bytes are more than the memory."""
    if amount > memory():
        also = f"; {way_out}" if way_out else ""
        raise UserError(f"{what}: {size_of(amount)} in memory; there are {size_of(memory())}{also}")


def check_unpacked(size: int, stored: int, what: str) -> None:
    """Raise `UserError` if a file unpacks to more than the memory, or to far more than data ever do."""
    check_fits(size, what)
    if size > max(MOST_UNPACKED, MOST_RATIO * stored):
        raise UserError(
            f"unpacks from {size_of(stored)} to {size_of(size)}, as no data do; "
            "save it without compression if that is meant"
        )


def fills(stored: float, numbers: float) -> bool:
    """Whether items of so many bytes and numbers, and these as float32, fill more than half of the memory."""
    return 2 * (stored + FLOAT * numbers) > memory()


def peak_mib() -> float:
    """The most memory that this process has held until now, MiB; 0 where that cannot be asked (Windows)."""
    with suppress(ImportError):
        import resource

        unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return 0.0


def _physical() -> int:
    with suppress(AttributeError, ValueError, OSError):  # Windows has no such call
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0


def _container(path: str) -> int:
    with suppress(OSError, ValueError):  # "max": none
        return int(Path(path).read_text())
    return 0


def _own_limit() -> int:
    with suppress(ImportError, ValueError, OSError):
        import resource

        return resource.getrlimit(resource.RLIMIT_AS)[0]  # below 0: none
    return 0
