"""Files without the wait for the disk, which what is tested does not need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_wait() -> Iterator[None]:
    """Context in which what is written is not forced to the disk: nobody pulls the plug in a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.files.os.fsync", lambda file: None)
        yield
