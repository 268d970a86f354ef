"""What is learnt from: the unlabelled photographs of a task, or a folder of photographs."""

from __future__ import annotations

from pathlib import Path

from assay.data.images import read_unsorted
from assay.data.table import DATA_SETS, open_task
from assay.generate.blender.settings import BlenderSettings
from assay.types import Samples


def read_photographs(text: str, start: BlenderSettings) -> tuple[Samples, BlenderSettings]:
    """Photographs, and the settings to begin with for them.

    Parameters
    ----------
    text : str
        A folder of photographs in any order, cut square to the size of `start`; or a task, as on the command
        line, whose unlabelled items are read and whose classes are rendered at its size.
    start : BlenderSettings

    Raises
    ------
    UserError
        If there is no such folder or task, an image cannot be read, or the settings do not suit the task.
    """
    if Path(text).is_dir():
        return read_unsorted(Path(text), start.size), start
    task = open_task(text, DATA_SETS)
    return task.unlabelled, start.of_task(task)
