"""Begin a worker: ``python start.py -- THREADS`` where bpy is installed; else Blender runs it as a script."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def _import_by_path() -> None:
    """Make `inside` and `catalogue` importable, behind everything that Blender itself imports."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    sys.path += [str(here.parent), str(here.parent / "shapes")]


@contextmanager
def few_cores(threads: int) -> Iterator[None]:
    """While Blender is imported, let it see as many cores as it has threads.

    Its libraries (TBB, OpenImageIO, OpenEXR) begin a thread for every core that they see, and threads without
    work ask for it again and again: half of a worker's time, where images are small.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(cores)
    os.sched_setaffinity(0, (cores[first:] + cores[:first])[:threads])
    try:
        yield
    finally:
        for task in Path("/proc/self/task").iterdir():
            with suppress(ProcessLookupError):  # it has ended in the meantime
                os.sched_setaffinity(int(task.name), cores)


if __name__ == "__main__":
    _import_by_path()
    with few_cores(int(sys.argv[-1])):
        importlib.import_module("bpy")
    importlib.import_module("inside.worker").main()
