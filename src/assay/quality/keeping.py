"""Which synthetic items are worth keeping, by models that learn from the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.table import open_synthetic, open_task
from assay.machine.parallel import default_workers
from assay.methods.base import MethodSettings, in_batches, lacking
from assay.methods.selecting import selects, why_left_out
from assay.methods.table import METHODS, as_method, method_settings
from assay.methods.training import Training
from assay.models import precision
from assay.models.device import chosen_device
from assay.models.table import AnyBackbone, chosen
from assay.quality.agreement import Agreement
from assay.quality.kept import Kept
from assay.runs.processes import in_processes
from assay.train.one_run import Run, fit_all
from assay.types import Samples, Task

Floats = NDArray[np.floating[Any]]
TRAINING = Training(epochs=15, steps=40, batch=32)


WAYS: dict[str, MethodSettings] = {
    "agreement": Agreement(),
    **{name: settings for name, settings in METHODS.items() if selects(settings)},
}
"""The ways to select, by name."""


class Judgement(NamedTuple):
    """What one model says of every synthetic item: kept or not, label, and probabilities (n, classes)."""

    kept: NDArray[np.bool_]
    label: NDArray[np.int64]
    probability: Floats


def select(
    task: Any,
    synthetic: Any,
    method: str | MethodSettings = "agreement",
    *,
    seeds: int | Sequence[int] = 3,
    backbone: AnyBackbone | None = None,
    training: Training = TRAINING,
    workers: int | None = None,
    device: str | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Kept:
    """Choose the synthetic items worth keeping, with the label to use and a weight each.

    A model is trained for every seed, by the method that selects; what most of them keep is kept. Neither
    validation nor test items are looked at.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
    synthetic : Samples, or as of `assay.open_synthetic`
        Conditions as labels.
    method : str or settings
        "agreement" (conditions that models trained on real items share), or a method that selects:
        "trts_filter", "ssim_filter", "syncheck", "pseudo_label", "csigan:synthetic=trts", a filter of one's
        own; options as on the command line.
    seeds : int or sequence of int
        How many models, or which.
    backbone, training, device
        Of the models, as in `compare`.
    workers : int, optional
        Models at a time; by default one a core (one in all on a GPU).
    report : callable, optional
        Told how many models of how many are trained, from 0 on.

    Raises
    ------
    UserError
        If data and method do not fit together, or the method selects nothing.
    TrainingFailed
        When a loss is NaN or infinite.
    """
    task = open_task(task)
    synthetic = open_synthetic(synthetic, task)
    settings = _checked(task, synthetic, method)
    network, place = chosen(backbone, task.kind, task.shape, len(task.classes)), chosen_device(device)
    listed = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not listed:
        raise UserError("seeds: none; give one or more")
    runs = [Run(settings, network, training, seed, device=place) for seed in listed]
    judged = list(_judged(task, synthetic, runs, workers or default_workers(place), report))
    return _together(task, synthetic, settings, judged)


def _checked(task: Task, synthetic: Samples, method: str | MethodSettings) -> MethodSettings:
    if task.labelled.x.dtype.kind == "c":
        raise UserError(f"{task.name}: x: complex numbers; methods learn from real ones (the magnitude, say)")
    task.check_synthetic(synthetic)
    known = {**METHODS, **WAYS}
    settings = method_settings(method, known) if isinstance(method, str) else as_method(method)
    if not (isinstance(settings, Agreement) or selects(settings)):
        raise UserError(f"method {method}: selects no synthetic items; known: {', '.join(WAYS)}, csigan")
    if reason := lacking(settings, synthetic):
        raise UserError(f"method {method}: {reason}")
    return settings


def _judged(
    task: Task,
    synthetic: Samples,
    runs: Sequence[Run],
    workers: int,
    report: Callable[[int, int], None] | None,
) -> Iterator[Judgement]:
    if report:
        report(0, len(runs))
    calls = ((task, synthetic, run) for run in runs)
    for done, found in enumerate(in_processes(judge, calls, min(workers, len(runs)), ordered=True), 1):
        if report:
            report(done, len(runs))
        yield found


def judge(task: Task, synthetic: Samples, run: Run) -> Judgement:
    """What the model of a run, once it is trained, says of the synthetic items."""
    method = fit_all(task, synthetic, run)
    with precision.threads(run.training.threads):
        logits = in_batches(method.predict, method.setup.pools.synthetic.x)
        label = method.labels().cpu().numpy()
    classes = logits[:, : len(task.classes)].softmax(1).cpu().numpy()
    kept = method.kept.numpy().copy()
    if isinstance(run.method, Agreement):
        kept = classes.argmax(1) == synthetic.y
    return Judgement(kept, label, classes)


def _together(task: Task, synthetic: Samples, settings: MethodSettings, judged: list[Judgement]) -> Kept:
    probability = np.mean([one.probability for one in judged], axis=0)
    predicted, confidence = probability.argmax(1), probability.max(1)
    label, share = _vote(judged, len(task.classes))
    kept, weight = share > 0.5, share
    if isinstance(settings, Agreement):
        kept = (predicted == synthetic.y) & (confidence >= settings.threshold)
        label, weight = synthetic.y, confidence
    reason = _reasons(task.classes, settings, synthetic, judged, kept, predicted, confidence)
    return Kept(
        synthetic, task.classes, kept, label, np.where(kept, weight, 0.0), predicted, confidence, reason
    )


def _vote(judged: list[Judgement], classes: int) -> tuple[NDArray[np.int64], Floats]:
    """The label that most models keep each item with, and the share of all models that do."""
    votes = np.zeros((len(judged[0].kept), classes))
    for one in judged:
        rows = np.flatnonzero(one.kept)
        votes[rows, one.label[rows]] += 1
    return votes.argmax(1), votes.max(1) / len(judged)


def _reasons(
    classes: tuple[str, ...],
    settings: MethodSettings,
    synthetic: Samples,
    judged: list[Judgement],
    kept: NDArray[np.bool_],
    predicted: NDArray[np.int64],
    confidence: Floats,
) -> NDArray[np.str_]:
    """A few words an item: by how many models it is kept, or why not."""
    names, votes, n = (
        np.array([*classes, "unknown"]),
        np.sum([one.kept for one in judged], axis=0),
        len(judged),
    )
    facts = zip(names[synthetic.y], names[predicted], confidence, votes, kept)
    why = f"{_words(settings)}: kept by {{votes}} of {n}"
    told = (f"kept by {{votes}} of {n} models" if k else why for *_, k in zip(kept))
    said = [
        words.format(condition=c, predicted=p, confidence=f"{sure:.2f}", votes=v)
        for words, (c, p, sure, v, _) in zip(told, facts)
    ]
    return np.array(said)


def _words(settings: MethodSettings) -> str:
    if isinstance(settings, Agreement) or not selects(settings):
        return "not taken for {condition} (now for {predicted}, probability {confidence})"
    return why_left_out(settings)
