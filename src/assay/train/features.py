"""A task of images as vectors: what a pre-trained trunk sees in them."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from assay.data.augment import Augmentation
from assay.errors import UserError
from assay.methods.augmentation import GivenAugmentation, Looks, looks_of
from assay.models.as_trained import adjusted, highest
from assay.models.networks import Backbone
from assay.models.table import chosen
from assay.models.timm_model import Timm
from assay.train.looks import Look, seen
from assay.train.loop import Run
from assay.types import Samples, Task

TRUNK = "efficientnet_lite0"
LEARNT_FROM = ("labelled", "shots", "unlabelled")


def features(
    task: Task,
    synthetic: Samples | None = None,
    trunk: str | Timm = TRUNK,
    *,
    augment: Augmentation = "none",
    device: str = "cpu",
) -> tuple[Task, Samples | None]:
    """A task of images, and synthetic ones for it, as vectors: what a pre-trained trunk sees in them.

    They are computed once, in float32, whatever the task's normalisation, and kept on disk by the content of
    each item (in the folder ``ASSAY_CACHE``, else ``~/.cache/assay``).

    Parameters
    ----------
    task : Task
    synthetic : Samples, optional
    trunk : str or settings
        A backbone with weights, as on the command line; `size` and `views` have a meaning here.
    augment : {"none", "weak", "strong"}
        Of the views.
    device : {"cpu", "cuda"}

    Returns
    -------
    Task, Samples or None
        Items (d,), of kind "vector"; with `views` (d, 1 + views), the item as it is first. Each is to be
        standardised for itself when it is learnt from.

    Raises
    ------
    UserError
        If the trunk has no weights, or the items are no images or their numbers no pixels.
    """
    settings = chosen(trunk, task.kind, task.shape)
    if not isinstance(settings, Timm) or not settings.digest:
        raise UserError(f"trunk {trunk}: has no weights of its own; take {TRUNK}, say")
    look = functools.partial(_vectors, trunk=settings, top=highest(task.labelled), device=device)
    parts: dict[str, Any] = {name: look(getattr(task, name), augment=augment) for name in LEARNT_FROM}
    parts |= {name: look(getattr(task, name)) for name in ("validation", "test")}
    further = {name: look(part) for name, part in task.further.items()}
    vectors = dataclasses.replace(task, **parts, further=further, kind="vector", normalise="item")
    return vectors, None if synthetic is None else look(synthetic, augment=augment)


def frozen(backbone: Backbone) -> Timm | None:
    """The backbone, if it is a trunk that does not learn."""
    return backbone if isinstance(backbone, Timm) and backbone.frozen else None


def as_seen(task: Task, items: Samples | None, run: Run) -> tuple[Task, Samples | None]:
    """A task and items beside it as a run sees them: vectors, where its trunk is frozen."""
    return task_seen(task, run), None if items is None else samples_seen(items, task, run)


def task_seen(task: Task, run: Run) -> Task:
    """The task as a run learns from it: vectors, where its trunk is frozen."""
    trunk = frozen(run.backbone)
    if trunk is None or len(task.shape) < 3:
        return task
    check_views(run)
    return _task(task, trunk, run.training.augment, run.device)


def samples_seen(samples: Samples, task: Task, run: Run) -> Samples:
    """Items that a run on a task of images learns from, as vectors where its trunk is frozen."""
    trunk = frozen(run.backbone)
    if trunk is None or len(samples.shape) < 3:
        return samples
    return _samples(samples, trunk, highest(task.labelled), run.training.augment, run.device)


def looks(run: Run, task: Task) -> Looks | None:
    """What happens to the batches of a run before a method sees them."""
    trunk = frozen(run.backbone)
    if trunk and len(task.shape) < 3:
        return one_view if trunk.views else None
    return looks_of(run.training.augment, task)


def one_view(x: Tensor, generator: Generator) -> Tensor:
    """Of each item of a batch (n, d, views) one view, (n, d, 1)."""
    drawn = torch.randint(x.shape[2], (len(x), 1, 1), generator=generator, device=x.device)
    return x.gather(2, drawn.expand(-1, x.shape[1], 1))


def check_views(run: Run) -> None:
    """Raise `UserError` if a frozen trunk is to see augmented images and nobody said how many, or none."""
    trunk, augment = frozen(run.backbone), run.training.augment
    if trunk and isinstance(augment, GivenAugmentation):
        raise UserError(
            f"augment={augment.name}: a frozen trunk sees each image once, under augment=weak or strong; "
            "frozen=false takes an augmentation of your own"
        )
    if trunk and (augment != "none") != bool(trunk.views):
        raise UserError(
            f"augment={augment}, views={trunk.views}: that many augmented looks has each image for a frozen "
            "trunk; give both (augment=weak of --training, views=10 of the backbone), or neither"
        )


def recorded(task: Task, run: Run) -> Task | None:
    """Of a task that a frozen trunk sees a few items as they are: what a model of them takes."""
    if not frozen(run.backbone) or len(task.shape) < 3:
        return None
    _, first = np.unique(task.labelled.y, return_index=True)
    few, none = task.labelled[first], task.labelled[:0]
    parts: dict[str, Any] = dict.fromkeys(("unlabelled", "validation", "shots"), none)
    return dataclasses.replace(task, labelled=few, test=few, further={}, normalise="none", **parts)


def trunk_of(items: Task, run: Run) -> nn.Module:
    """The frozen trunk of a run, for items as they are recorded."""
    trunk = frozen(run.backbone)
    assert trunk is not None
    return adjusted(trunk.trunk(items.shape), items).eval()


@functools.lru_cache(maxsize=4)
def _task(task: Task, trunk: Timm, augment: Augmentation, device: str) -> Task:
    return features(task, None, trunk, augment=augment, device=device)[0]


@functools.lru_cache(maxsize=4)
def _samples(samples: Samples, trunk: Timm, top: float, augment: Augmentation, device: str) -> Samples:
    return _vectors(samples, trunk=trunk, top=top, augment=augment, device=device)


def _vectors(
    samples: Samples, *, trunk: Timm, top: float, augment: Augmentation = "none", device: str
) -> Samples:
    """Vectors in the place of images; without augmentation every view is the item itself."""
    own = seen(samples.x, trunk, top, device=device)
    if not trunk.views:
        return dataclasses.replace(samples, x=own, files=None)
    sorts = [Look() if augment == "none" else Look(augment, i) for i in range(trunk.views)]
    views = [own, *(seen(samples.x, trunk, top, look, device) for look in sorts)]
    return dataclasses.replace(samples, x=np.stack(views, 2), files=None)
