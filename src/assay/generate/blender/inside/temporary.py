"""Temporary files that Blender writes: pictures on their way to numpy, and copies of maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .hopeless import Hopeless


def as_floats(form: Any, channels: str) -> None:
    """Let Blender write all that a float can hold, not compressed: quick, and of a size that is known."""
    form.file_format, form.color_mode = "OPEN_EXR", channels
    form.color_depth, form.exr_codec = "32", "NONE"


@contextmanager
def written(path: Path, size: int) -> Iterator[None]:
    """Context in which Blender writes a file of `size` bytes or more.

    Raises
    ------
    Hopeless
        If the folder of temporary files takes no more.
    RuntimeError
        If the file is not there or too short for another reason.
    """
    path.unlink(missing_ok=True)
    try:
        yield
        if not path.is_file() or path.stat().st_size < size:
            raise RuntimeError(f"{path}: not written")
    except RuntimeError:
        _try(path, size)
        raise


def _try(path: Path, size: int) -> None:
    """Blender does not say why it could not write, if it says so at all; the system does."""
    try:
        path.write_bytes(bytes(size))
    except OSError as error:
        raise Hopeless(
            f"temporary folder {path.parent.parent}: {error.strerror}; make room there, or name another in "
            "TMPDIR; what is finished is kept"
        ) from None
    finally:
        path.unlink(missing_ok=True)
