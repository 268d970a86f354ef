"""What reads each kind of input, in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from assay.cli.early import check_runs, check_scoring
from assay.data.first_bytes import format_of
from assay.data.picture import quietly, read_picture
from assay.data.table import open_task, read_synthetic
from assay.errors import UserError
from assay.generate.blender.sets.manifest import Manifest, read_manifest
from assay.generate.blender.shapes.furniture import unpack_furniture
from assay.models.checkpoint import facts
from assay.signal.formats.arrays import Layout
from assay.strict import read_json
from assay.train.model import Model
from tests.hostile.corpus import file, npz


@cache
def _task() -> Any:
    return open_task(str(file("real.npz", npz())(Path(tempfile.mkdtemp()))))


def _log(path: Path) -> Any:
    kind = format_of(path)
    if kind is None or kind.read is None:
        raise UserError(f"{path}: of no kind that is read")
    try:
        return kind.read(path, Layout(variable="csi" if path.suffix == ".mat" else ""))
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from None


def _picture(path: Path) -> Any:
    with quietly():
        return read_picture(path)


def _option(check: Callable[[str], Any]) -> Callable[[Path], Any]:
    def read(path: Path) -> None:
        try:
            check(path.read_text())
        except UserError as error:
            raise UserError(f"{path.name}: {error}") from None

    return read


READERS: dict[str, Callable[[Path], Any]] = {
    "task": lambda path: open_task(str(path)),
    "synthetic": lambda path: read_synthetic(path, _task()),
    "log": _log,
    "weights": facts,
    "model": Model.load,
    "json": lambda path: read_json(path, "make it again"),
    "library": lambda path: unpack_furniture([path], path.parent / "out"),
    "picture": _picture,
    "manifest": read_manifest,
    "open manifest": Manifest,
    "training": _option(lambda text: check_runs((), None, text)),
    "backbone": _option(lambda text: check_runs((), text)),
    "method": _option(lambda text: check_runs([text])),
    "scoring": _option(lambda text: check_scoring(text, "")),
}
