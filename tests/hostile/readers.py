"""What reads each kind of input, in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from assay.data.table import open_task, read_synthetic
from tests.hostile.corpus import file, npz


@cache
def _task() -> Any:
    import tempfile

    return open_task(str(file("real.npz", npz())(Path(tempfile.mkdtemp()))))


READERS: dict[str, Callable[[Path], Any]] = {
    "task": lambda path: open_task(str(path)),
    "synthetic": lambda path: read_synthetic(path, _task()),
}
