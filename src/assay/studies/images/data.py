"""The data of the image studies: photographs, and rendered sets that are made once and kept.

OUT/rendered/NAME/    a rendered set: train, test_iid, test_iid_no_background, or one with a factor fixed
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from assay.data.images import class_folders, read_folder
from assay.errors import UserError
from assay.generate.blender.scene.distribution import names
from assay.generate.blender.sets.render_set import render_set
from assay.generate.blender.sets.table2 import table2_grid
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.stream import STREAMS
from assay.generate.table import open_task
from assay.lazy import lazy
from assay.settings import parse
from assay.studies.images.study import Cell, Scheme, Size
from assay.types import Samples, Task

Report = Callable[[int, int, float], None]
TESTS = {"iid": "test_iid", "iid_no_background": "test_iid_no_background"}
"""Further test sets, and the rendered sets that they are."""
PHOTOGRAPHS = "photographs"
"""The role that a task of the user's takes."""
NO_BACKGROUND = "train_no_background"


@dataclass(frozen=True)
class Images:
    """Opens tasks and rendered sets by name, each once.

    Parameters
    ----------
    size : Size
    folder : Path
        Where rendered sets lie.
    given : bool
        Whether they are the user's: then nothing is rendered.
    render : bool
        Whether what is missing may be rendered now.
    photographs : str, optional
        In the place of the size's task of that role.
    workers : int
        Processes that render.
    report : callable, optional
        Told of the progress of rendering.
    """

    size: Size
    folder: Path
    given: bool
    render: bool
    photographs: str | None
    workers: int
    report: Report
    tasks: dict[str, Task] = field(default_factory=dict)
    sets: dict[str, Samples] = field(default_factory=dict)

    def open(self, cell: Cell, tests: bool) -> tuple[Task, Samples | None]:
        """What a cell trains and is tested on; with the rendered test sets if `tests`."""
        made = self.samples(cell.synthetic, cell.task, cell.items) if cell.synthetic else None
        return self.task(cell.task, tests), made

    def has(self, cell: Cell, tests: bool) -> bool:
        """Whether the real data and all rendered sets of a cell are there, and large enough."""
        scheme = cell.pretraining or Scheme()
        wanted = dict.fromkeys([scheme.synthetic, *(TESTS.values() if tests else ())], 1)
        wanted[cell.synthetic] = cell.items or 1
        enough = all(self._is_there(name, items) for name, items in wanted.items() if name)
        return enough and all(self._opens(role) for role in (cell.task, scheme.task) if role)

    def _opens(self, role: str) -> bool:
        with suppress(UserError):
            self._task(role)
        return role in self.tasks

    def _is_there(self, name: str, items: int) -> bool:
        wanted = items if self.given else self.size.count(name)
        there = len(self.sets[name]) if name in self.sets else count_images(self._place(name))
        return there >= wanted

    def open_scheme(self, scheme: Scheme) -> tuple[Task, Samples | None]:
        """What a trunk is pre-trained on."""
        made = self.samples(scheme.synthetic, scheme.task) if scheme.synthetic else None
        return self.task(scheme.task, tests=False), made

    def task(self, role: str, tests: bool) -> Task:
        """The real data of a role; with the rendered test sets if `tests`."""
        plain = self._task(role)
        if not tests:
            return plain
        name = f"{role} with tests"
        if name not in self.tasks:
            further = {test: self.samples(found, role) for test, found in TESTS.items()}
            self.tasks[name] = replace(plain, further=further)
        return self.tasks[name]

    def _task(self, role: str) -> Task:
        if role not in self.tasks:
            own = self.photographs if role == PHOTOGRAPHS else None
            self.tasks[role] = open_task(own or self.size.tasks[role])
        return self.tasks[role]

    def samples(self, name: str, role: str, items: int | None = None) -> Samples:
        """A rendered set with the classes of a task, or the first so many of it, all classes in turn.

        Raises
        ------
        UserError
            If it is not there and cannot be rendered.
        """
        if name not in self.sets:
            self.sets[name] = _in_turn(self._read(name, self._task(role)))
        whole = self.sets[name]
        cut = f"{name}:{items}"
        if items is None or items == len(whole):
            return whole
        if items > len(whole):
            raise UserError(f"{self._place(name)}: {len(whole)} images; the study needs {items}")
        return self.sets.setdefault(cut, whole[:items])

    def _place(self, name: str) -> Path:
        return self.folder / name.replace(" ", "-")

    def _read(self, name: str, task: Task) -> Samples:
        folder = self._place(name)
        if not self.given:
            self._complete(name, task)
        if not folder.is_dir():
            raise UserError(
                f"{folder}: no such folder; --synthetic names the folder of rendered sets ('assay blender "
                "table2' makes those with a factor fixed, 'assay blender render --part' the others)"
            )
        _check_classes(folder, task)
        return read_folder(folder, task.classes, task.shape[1], stream=lazy(task.labelled.x) is not None)

    def _complete(self, name: str, task: Task) -> None:
        """Render what a set lacks."""
        folder, count = self._place(name), self.size.count(name)
        if self.render:
            settings, part = self.settings(name, task)
            render_set(settings, folder, count, 0, part, self.workers, self.report)
        elif count_images(folder) < count:
            raise UserError(
                f"{folder}: not rendered yet ({count} images); run the study, or name your own (--synthetic)"
            )

    def settings(self, name: str, task: Task) -> tuple[BlenderSettings, str]:
        """Settings and part of a rendered set."""
        blender: BlenderSettings = parse(self.size.renderer, {"blender": BlenderSettings()}, "renderer")
        settings = blender.of_task(task)
        if name in STREAMS:
            return settings, name
        if name == NO_BACKGROUND:
            return replace(settings, background=names("none")), "train"
        return table2_grid(settings)[name], "train"


def count_images(folder: Path) -> int:
    """Rendered images in a folder."""
    return sum(1 for _ in folder.glob("*/*.png"))


def _check_classes(folder: Path, task: Task) -> None:
    found = class_folders(folder)
    if set(found) != set(task.classes):
        raise UserError(
            f"{folder}: classes {', '.join(found)}; those of {task.name} are {', '.join(task.classes)}"
        )


def _in_turn(samples: Samples) -> Samples:
    """Class by class read, class after class in turn: any first part holds all classes alike."""
    place = np.empty(len(samples), dtype=np.int64)
    for label in np.unique(samples.y):
        members = np.flatnonzero(samples.y == label)
        place[members] = np.arange(len(members))
    return samples[np.lexsort((samples.y, place))]
