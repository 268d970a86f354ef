"""The loop: task + synthetic + method + backbone + seed to a result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assay.machine.torchrun import ALONE, Group, group_of
from assay.methods.base import Method, Pools
from assay.models import precision
from assay.models.estimator import Estimator
from assay.models.pretrained import anywhere
from assay.settings import fingerprint
from assay.train.building import draw, loop_of, setup_of, to_device
from assay.train.checkpoint import Checkpoint
from assay.train.evaluation import HeldOut, Predictions, evaluate
from assay.train.features import as_seen, samples_seen, task_seen
from assay.train.keeping import Keeper
from assay.train.loop import (
    Loop,
    Run,
    TrainingFailed,
    set_training,
)
from assay.train.pools import to_pool, to_pools
from assay.train.selection import Epoch, selections
from assay.types import Samples, Task

__all__ = ["Result", "Run", "TrainingFailed", "fit", "to_pool", "train"]
Report = Callable[[dict[str, Any]], None]
Observe = Callable[[Method, int], None]
Begin = Callable[[Method], None]


def _silent(record: dict[str, Any]) -> None:
    del record


def _blind(method: Method, epoch: int) -> None:
    del method, epoch


def _idle(method: Method) -> None:
    del method


@dataclass(frozen=True)
class Result:
    """What a run measured; plain JSON values.

    Attributes
    ----------
    history : list of dict
        For every epoch: losses, accuracy and recall on validation and test items, the label-free scores
        on unlabelled items, and how many synthetic items were learnt from with a label.
    selections : dict of dict
        For each selection the epoch it chose, accuracy and recall on the test items, the confusion matrix,
        and the synthetic items used by class.
    counts : dict of int
        Items of each pool, and the labelled real items that the method learnt from under "real".
    """

    history: list[dict[str, Any]]
    selections: dict[str, dict[str, Any]]
    counts: dict[str, int]


def train(
    task: Task,
    synthetic: Samples | None,
    run: Run,
    report: Report = _silent,
    observe: Observe = _blind,
    checkpoint: Path | None = None,
    begin: Begin = _idle,
    keeper: Keeper | None = None,
) -> Result:
    """Train one model and measure it after every epoch.

    Parameters
    ----------
    task : Task
    synthetic : Samples, optional
        Conditions as labels; not needed by methods that use real data alone.
    run : Run
        Same run, same result to the last bit on the same machine.
    report : callable
        Called with the record of each epoch.
    observe : callable
        Called with the method, in evaluation mode, and the epoch: for pictures of what it has learnt.
    checkpoint : Path, optional
        A file that holds the state after an epoch, written anew when the last is
        `assay.train.checkpoint.SECONDS` old. If it is there, training goes on from it, to the same
        result; report and observe are told of the epochs that are new.
    begin : callable
        Called with the method before its first epoch, in every process of torchrun; an error there is the
        run's.
    keeper : Keeper, optional
        Remembers the predictions, and if wanted the model, of the best epoch.

    Raises
    ------
    TrainingFailed
        When a loss is NaN or infinite.
    UserError
        When the checkpoint is damaged or of another run, a streamed item cannot be read, or the batch does
        not divide by the processes of torchrun.
    """
    group = group_of(run.device)  # first of all: it says which GPU is this process's
    group.check(run.training.batch)
    task, synthetic = as_seen(task, synthetic, run)
    with precision.threads(run.training.threads):
        drawn = draw(synthetic, task, run.ratio, run.seed)
        lasting = checkpoint if not isinstance(run.backbone, Estimator) else None  # which begins anew
        place = Checkpoint(lasting, _identity(task, drawn, run, group)) if lasting else None
        pools, held_out = to_device(task, drawn, run.device, run.training.decoders)
        with closing(pools):
            method = run.method.build(setup_of(task, pools, run))
            begin(method)
            epochs = _epochs(loop_of(method, task, run, group), held_out, report, observe, place, keeper)
    counts = {name: len(part) for name, part in task.parts()}
    counts |= {"synthetic": len(drawn), "real": method.real()}
    return Result([epoch.record for epoch in epochs], selections(epochs, drawn, len(task.classes)), counts)


def fit(task: Task, items: Samples, run: Run) -> Method:
    """Train on `items` alone, which the run's method sees as its labelled items; nothing is measured.

    Parameters
    ----------
    task : Task
        Says what classes there are and how items are normalised.
    items : Samples
        Labelled; not every class need be among them.
    run : Run
        Of a method that needs nothing but labelled items; its `ratio` has no meaning here.

    Raises
    ------
    TrainingFailed
        When a loss is NaN or infinite.
    """
    items, task = samples_seen(items, task, run), task_seen(task, run)
    none = Samples.none_like(items)
    return _fitted(task, (items, none, none, none), run)


def fit_all(
    task: Task,
    synthetic: Samples | None,
    run: Run,
    report: Callable[[int, int, dict[str, float]], None] | None = None,
) -> Method:
    """Train on all that a run of the task learns from; nothing is measured, nothing chooses an epoch.

    Parameters
    ----------
    task : Task
    synthetic : Samples, optional
        Conditions as labels.
    run : Run
    report : callable, optional
        Told of the epochs that are done, of how many, and of the losses.

    Raises
    ------
    TrainingFailed
        When a loss is NaN or infinite.
    """
    task, synthetic = as_seen(task, synthetic, run)
    drawn = draw(synthetic, task, run.ratio, run.seed)
    return _fitted(task, (task.labelled, task.shots, task.unlabelled, drawn), run, report)


def _fitted(
    task: Task,
    parts: tuple[Samples, Samples, Samples, Samples],
    run: Run,
    report: Callable[[int, int, dict[str, float]], None] | None = None,
) -> Method:
    """A method in evaluation mode after its last epoch on labelled, shots, unlabelled and synthetic items."""
    with precision.threads(run.training.threads):
        labelled, shots, unlabelled, made = to_pools(task, parts, run.device, run.training.decoders)
        pools = Pools(labelled, shots, unlabelled, made, torch.from_numpy(parts[-1].origin))
        with closing(pools):
            method = run.method.build(setup_of(task, pools, run))
            loop = loop_of(method, task, run, ALONE)
            for epoch in range(run.training.epochs):
                losses = loop.learn(epoch)
                if report:
                    report(epoch + 1, run.training.epochs, losses)
        set_training(method, False)
    return method


def _identity(task: Task, synthetic: Samples, run: Run, group: Group) -> str:
    """A name for all that a run's state depends on but the code."""
    training = dataclasses.replace(run.training, decoders=0)
    settings = repr(dataclasses.replace(run, training=training, backbone=anywhere(run.backbone)))
    return fingerprint([settings, task.digest(), synthetic.digest(), group.size])


# -- epochs -------------------------------------------------------------------------------------------


def _epochs(
    loop: Loop,
    held_out: HeldOut,
    report: Report,
    observe: Observe,
    place: Checkpoint | None,
    keeper: Keeper | None,
) -> list[Epoch]:
    """All epochs; those that a checkpoint holds are not repeated, unless it lacks what is to be kept."""
    state, epochs = loop.group.on_first(place.load) if place else (None, [])
    if state is not None and keeper and not keeper.restore(state.get("kept_best")):
        state, epochs = None, []
    if state is not None:
        loop.method.restore(state)
    last = loop.run.training.epochs - 1
    for epoch in range(len(epochs), last + 1):
        found, predictions = _epoch(loop, epoch, held_out, report, observe)
        epochs.append(found)
        if keeper and loop.group.rank == 0:
            keeper.look(loop.method, found.record, predictions, epoch == last)
        if place and epoch < last and loop.group.rank == 0 and place.due():
            place.save(loop.method.state() | ({"kept_best": keeper.state()} if keeper else {}), epochs)
    return epochs


def _epoch(
    loop: Loop, epoch: int, held_out: HeldOut, report: Report, observe: Observe
) -> tuple[Epoch, Predictions]:
    """Learn, then look; of several processes the first looks and tells."""
    method, group = loop.method, loop.group
    losses = loop.learn(epoch)
    set_training(method, False)
    matrix, scores, predictions = group.on_first(lambda: evaluate(method, held_out, loop.run.seed))
    kept = method.kept.numpy().copy()
    record = {"epoch": epoch, "losses": losses, **scores, "kept": int(kept.sum())}
    if group.rank == 0:
        report(record)
        observe(method, epoch)
    return Epoch(record, matrix, kept), predictions
