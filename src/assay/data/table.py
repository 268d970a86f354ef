"""Every data set under its name, and how a task is opened; a new one is one file, one test, one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from assay.data.arrays import ArrayFile, SyntheticFile
from assay.data.csi import like_task
from assay.data.csi_har import CsiHar
from assay.data.digits import Digits
from assay.data.formats.read import is_file_of_arrays
from assay.data.images import SYNTHETIC, ImageFolder
from assay.data.npz import naming
from assay.data.office_caltech import OfficeCaltech
from assay.data.s2rda import S2rda49, S2rdaMs39
from assay.data.signfi import SignFi
from assay.data.visda import Visda2017
from assay.data.widar import Widar
from assay.data.widar_bvp import WidarBvp
from assay.errors import UserError
from assay.findings import accepting
from assay.settings import parse, split_options, with_options, without_option
from assay.types import Samples, Task


class DataSet(Protocol):
    """Frozen settings of a task."""

    def load(self) -> Task:
        """The task."""
        ...


DATA_SETS: dict[str, DataSet] = {
    "digits": Digits(),
    "csi-har": CsiHar(),
    "office-caltech": OfficeCaltech(),
    "signfi": SignFi(),
    "widar3": Widar(),
    "widar-bvp": WidarBvp(),
    "s2rda-49": S2rda49(),
    "s2rda-ms-39": S2rdaMs39(),
    "visda-2017": Visda2017(),
}


def open_task(text: str, data_sets: Mapping[str, DataSet] = DATA_SETS) -> Task:
    """The task that ``NAME``, ``FILE.npz`` or ``FOLDER`` names, each with ``:key=value,...`` if wanted.

    The option ``accept=CODE+CODE`` is every task's: refusals that `assay.examine` then takes nevertheless.

    Raises
    ------
    UserError
        If there is no such task, or its data are missing or wrong.
    """
    text, codes = without_option(text, "accept")
    task = _opened(text, data_sets)
    return replace(task, findings=task.findings + accepting(codes)) if codes else task


def _opened(text: str, data_sets: Mapping[str, DataSet]) -> Task:
    if text.partition(":")[0] in data_sets:
        return parse(text, data_sets, "task").load()
    path, options = split_options(text)
    return with_options(_own(path, "task"), options, path).load()


def read_synthetic(text: str | Path, task: Task) -> Samples:
    """The synthetic items that ``FILE.npz`` or ``FOLDER`` names, with ``:key=value,...`` if wanted.

    They are checked against the task. A folder of images is read as the task's images were (size, background,
    streamed or not) unless its options say otherwise.

    Raises
    ------
    UserError
        If there is no such file or folder, or its items do not fit the task.
    """
    path, options = split_options(str(text))
    settings = _own(path, "synthetic data")
    if isinstance(settings, ImageFolder):
        synthetic = with_options(settings.like(task), options, path).items(task.classes, SYNTHETIC)
    else:
        file = with_options(SyntheticFile(path=path), options, path)
        synthetic = file.items(task.classes, task.shape, task.kind, task.labelled.features)
    synthetic = like_task(synthetic, task)
    with naming(path):
        task.check_synthetic(synthetic)
    return synthetic


def _own(path: str, what: str) -> ArrayFile | ImageFolder:
    if path.endswith(".npz") or is_file_of_arrays(Path(path)):
        return ArrayFile(path=path)
    if Path(path).is_dir():
        return ImageFolder(path=path)
    raise UserError(f"{what} '{path}': no such file, folder or name; 'assay data' lists the names")
