"""What a model's file says beside its weights."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor

from assay.data.csi import lacks_mean
from assay.data.normalise import Statistics
from assay.errors import UserError
from assay.files import FORMAT
from assay.models.checkpoint import to_bytes
from assay.models.networks import NETWORKS
from assay.models.plain import Described, Plain, described, rebuilt
from assay.models.precision import Precision
from assay.models.table import AnyBackbone, chosen, written
from assay.strict import strict
from assay.table_columns import Features
from assay.train.loop import Run
from assay.types import Kind, Normalise, Task


@strict
@dataclass(frozen=True)
class About:
    """What a model's file says beside its weights.

    Attributes
    ----------
    task, method : str
        What it was trained on, and how, as in the table.
    classes : tuple of str
    kind, shape, normalise
        Of the items, as in `Task`.
    without_mean : bool
        Whether items are magnitudes of CSI without each recording's mean over time.
    backbone : str
        As on the command line; nothing if no text names it.
    head : tuple of tuples
        The layers behind it (`assay.models.plain.described`).
    full : bool
        Whether the head runs in float32 in any case.
    precision : {"auto", "fp32", "bf16"}
        Of predictions, as in training.
    trained : dict
        Seed, the epoch and what chose it, the accuracy on the test items (none for a model of all labelled
        items), the version of Assay.
    features : Features, optional
        The columns of the table that items were read from, in the order of their numbers.
    """

    task: str
    method: str
    classes: tuple[str, ...]
    kind: Kind
    shape: tuple[int, ...]
    normalise: Normalise
    without_mean: bool
    backbone: str
    head: tuple[Described, ...]
    full: bool
    precision: Precision
    trained: dict[str, str | int | float | None]
    features: Features | None = None


def about_of(task: Task, run: Run, method: str, plain: Plain, trained: Mapping[str, Any]) -> About:
    """What to say of a model that a run trained; `method` is its name in the table.

    Raises
    ------
    UserError
        If its head has layers that a file cannot name, or the file that its backbone started from is gone.
    """
    items = (task.classes, task.kind, task.shape, task.normalise, lacks_mean(task))
    network = (written(run.backbone), described(plain.head), plain.full)
    how = (run.training.precision, dict(trained), task.labelled.features)
    return About(task.name, method, *items, *network, *how)


def content(weights: dict[str, Tensor], about: About, known: Statistics | None) -> bytes:
    """A model as a file."""
    numbers = dict(zip(("mean", "deviation"), map(torch.from_numpy, known or ())))
    return to_bytes(
        {**weights, **numbers}, json.dumps({"format": FORMAT, **dataclasses.asdict(about)}, sort_keys=True)
    )


def built(about: About, backbone: AnyBackbone | None, path: Path) -> Plain:
    """The network that a file is about, or that of the backbone that is given, not yet filled.

    Raises
    ------
    UserError
        If it is of code that no file holds, or does not take such items.
    """
    own = about.backbone or "a Python object"
    if backbone is None and own.partition(":")[0] not in NETWORKS:
        raise UserError(
            f"{path}: backbone: {own}: code of your own, which no file of weights holds; "
            "give it: load(path, backbone=...), or --backbone"
        )
    try:
        asked = about.backbone if backbone is None else backbone
        settings = chosen(asked, about.kind, about.shape, len(about.classes))
        return Plain(settings.build(about.shape, Generator()), rebuilt(about.head), full=about.full)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
