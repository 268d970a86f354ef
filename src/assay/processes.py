"""Whether a process of this machine is alive, and the same as before."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def started(pid: int) -> str:
    """When a process began, in a form to compare; empty where the system does not say."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]


def is_alive(pid: int, start: str = "") -> bool | None:
    """Whether the process is there, and began when it should have; None where that cannot be asked."""
    if sys.platform == "win32":  # signal 0 is Ctrl-C there
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is another user's
    return not start or started(pid) in ("", start)
