"""The pictures of a study of images: confusions of all, features of adapted models, attention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assay.files import replace_file, writing
from assay.machine.parallel import default_workers
from assay.report.images.attention import attention_png
from assay.report.images.confusion import Compared, confusion_png
from assay.report.images.recall import Course, recall_png
from assay.report.images.tsne import Cloud, tsne_png
from assay.runs.processes import in_processes
from assay.runs.progress import repeating
from assay.runs.runner import Job
from assay.studies.images.looks import Look, look, one_of_each, some, spread
from assay.studies.images.plan import Planned
from assay.studies.images.request import ImageRequest
from assay.studies.images.runs import ImageRuns
from assay.studies.images.study import Cell
from assay.types import Samples

ITEMS = 2000
"""Test items whose features are drawn."""
IMAGES, EPOCHS = 10, 5
"""How many images, and about how many epochs, attention is drawn of."""
Watch = Callable[[Sequence[tuple[Job, Samples, Sequence[int]]]], list[Look]]
"""Jobs, items and epochs to what was seen of them."""
Contents = dict[str, bytes]
"""By the ending of the file's name."""


@dataclass(frozen=True)
class Done:
    """A cell, and its successful runs by seed.

    Attributes
    ----------
    cell : Cell
    jobs : dict of Job
    selections : dict
        What the study's selection chose.
    """

    cell: Cell
    jobs: dict[int, Job]
    selections: dict[int, Mapping[str, Any]]

    @property
    def accuracy(self) -> float:
        """On the test items, mean over seeds, in [0, 1]."""
        return float(np.mean([chosen["accuracy"] for chosen in self.selections.values()]))


def draw(request: ImageRequest, runs: ImageRuns, workers: int | None = None) -> list[Path]:
    """Draw what the finished runs have to show, into the study's folder.

    NAME-confusion.png of every study; NAME-tsne.png and NAME-recall.png of adaptation, and NAME-attention.png
    of vision transformers, for which single runs are trained again. Same runs, same bytes.

    Parameters
    ----------
    request : ImageRequest
    runs : ImageRuns
    workers : int, optional
        Runs at a time; by default one a core, or one on a GPU.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    cells = _done(request.planned(), runs)
    pairs = _pairs(cells, request.declared().baseline)
    contents = {"-confusion.png": confusion_png([_compared(pair) for pair in pairs])} if pairs else {}
    for more in MORE.get(request.study, ()):
        contents |= more(cells, pairs, lambda calls: _watched(calls, workers))
    paths = {runs.folder / f"{runs.name}{ending}": content for ending, content in contents.items()}
    with writing(runs.folder):
        for path, content in paths.items():
            replace_file(path, content)
    return list(paths)


# -- which cells --------------------------------------------------------------------------------------


def _done(grid: Sequence[Planned], runs: ImageRuns) -> list[Done]:
    found: dict[str, Done] = {}
    for planned_run in grid:
        record = runs.records.get(planned_run.job.cell.key)
        if record and not record["error"]:
            done = found.setdefault(_text(planned_run.cell.labels), Done(planned_run.cell, {}, {}))
            done.jobs[planned_run.seed] = planned_run.job
            done.selections[planned_run.seed] = record["selections"][runs.info["selection"]]
    return list(found.values())


def _text(labels: Mapping[str, str]) -> str:
    return repr(sorted(labels.items()))


def _pairs(
    cells: Sequence[Done], baseline: Callable[[Mapping[str, str]], Mapping[str, str]]
) -> list[list[Done]]:
    """Each baseline, then the most accurate of the cells that are compared with it."""
    groups: dict[str, list[Done]] = {}
    for done in cells:
        groups.setdefault(_text(baseline(done.cell.labels)), []).append(done)
    pairs = []
    for name, group in groups.items():
        others = [done for done in group if _text(done.cell.labels) != name]
        best = [max(others, key=lambda done: done.accuracy)] if others else []
        pairs.append([done for done in group if done not in others] + best)
    return pairs


def _titles(pair: Sequence[Done]) -> tuple[str, list[str]]:
    """What cells have in common, and what each has to itself."""
    labels = [done.cell.labels for done in pair]
    own = [key for key in labels[0] if len(pair) == 1 or len({each[key] for each in labels}) > 1]
    shared = (value for key, value in labels[0].items() if key not in own)
    return ", ".join(shared), [", ".join(each[key] for key in own) for each in labels]


def _seed(pair: Sequence[Done]) -> int | None:
    """The first that all have."""
    return min(set.intersection(*(set(done.jobs) for done in pair)), default=None)


# -- pictures -----------------------------------------------------------------------------------------


def _compared(pair: Sequence[Done]) -> Compared:
    shared, own = _titles(pair)
    matrices = [[chosen["confusion"] for chosen in done.selections.values()] for done in pair]
    classes = next(iter(pair[0].jobs.values())).task.classes
    return Compared(shared, {name: np.array(each) for name, each in zip(own, matrices)}, classes)


def _adapted(cells: Sequence[Done], pairs: Sequence[Sequence[Done]], watch: Watch) -> Contents:
    """Features and recall of test items, without adaptation and with the best."""
    del cells
    rows = [_panels(pair, seed) for pair in pairs if (seed := _seed(pair)) is not None]
    jobs = [job for row in rows for _, job in row]
    if not jobs:
        return {}
    looks = iter(watch([(job, some(job.task.test, ITEMS), [_last(job)]) for job in jobs]))
    clouds, courses = [], []
    for row in rows:
        seen = [(title, job.task.classes, next(looks)) for title, job in row]
        clouds.append([Cloud(t, look.features[max(look.features)], look.y, names) for t, names, look in seen])
        courses.append([Course(t, look.recall, names) for t, names, look in seen])
    return {"-tsne.png": tsne_png(clouds), "-recall.png": recall_png(courses)}


def _panels(pair: Sequence[Done], seed: int) -> list[tuple[str, Job]]:
    """Title and job of each panel."""
    shared, own = _titles(pair)
    found = [f"{100 * done.selections[seed]['accuracy']:.1f} %" for done in pair]
    titles = [f"{shared}\n{name}, seed {seed}: {accuracy}" for name, accuracy in zip(own, found)]
    return [(title, done.jobs[seed]) for title, done in zip(titles, pair)]


def _last(job: Job) -> int:
    return job.cell.run.training.epochs - 1


def _attending(cells: Sequence[Done], pairs: Sequence[Sequence[Done]], watch: Watch) -> Contents:
    """Attention of vision transformers to rendered images: on a fixed set, and on one that never repeats."""
    del pairs
    by_augmentation: dict[str, list[Done]] = {}
    for done in cells:
        if done.cell.labels["network"] == "vit":
            by_augmentation.setdefault(done.cell.labels["augmentation"], []).append(done)
    chosen = max(by_augmentation.values(), key=len, default=[])
    if not chosen or (seed := _seed(chosen)) is None:
        return {}
    jobs = [done.jobs[seed] for done in chosen]
    images = one_of_each(jobs[0].task.further["iid"], IMAGES)
    looks = watch([(job, images, spread(_last(job) + 1, EPOCHS)) for job in jobs])
    titles = [", ".join((*done.cell.labels.values(), f"seed {seed}")) for done in chosen]
    maps = {title: look.attention for title, look in zip(titles, looks)}
    names = [jobs[0].task.classes[label] for label in images.y]
    return {"-attention.png": attention_png(np.asarray(images.x), names, maps)}


MORE = {"rendered-adaptation": (_adapted,), "rendered-supervised": (_attending,)}


def _watched(calls: Sequence[tuple[Job, Samples, Sequence[int]]], workers: int | None) -> list[Look]:
    """What there is to see, in runs that are trained again."""
    at_once = workers or default_workers(calls[0][0].cell.run.device)
    seen = []
    with repeating() as report:
        for found in in_processes(look, calls, at_once, ordered=True):
            seen.append(found)
            report(len(seen), len(calls))
    return seen
