"""Whether torchrun started this process, and as which of how many."""

from __future__ import annotations

import os


def processes() -> int:
    """Processes that torchrun started together; 1 without it."""
    return int(os.environ["WORLD_SIZE"]) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def rank() -> int:
    """Number of this process, from 0; only process 0 writes and speaks."""
    return int(os.environ["RANK"]) if processes() > 1 else 0
