"""Files beside a run's result: what its model said of the test items, and the model itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.normalise import statistics
from assay.errors import UserError
from assay.methods.supervised import NO_FILE
from assay.models.estimator import Estimator
from assay.runs.store import MODEL, NO_MODEL, PREDICTIONS
from assay.train.about import about_of, content
from assay.train.features import trunk_of
from assay.train.keeping import Keeper
from assay.version import __version__

if TYPE_CHECKING:
    from assay.runs.runner import Job


def kept_files(job: Job, keeper: Keeper) -> dict[str, bytes]:
    """The files by name; why there is no model where one is asked for and the method has none."""
    files = {PREDICTIONS: _predictions(keeper, job.task.test.y)}
    if not job.models or not keeper.record:
        return files
    try:
        return {**files, MODEL: _model(job, keeper)}
    except UserError as error:
        return {**files, NO_MODEL: f"{error}\n".encode()}


def _predictions(keeper: Keeper, y: NDArray[np.int64]) -> bytes:
    """The test items' classes, the predictions, and how sure they are, of the epoch that was chosen."""
    buffer, facts = io.BytesIO(), {"epoch": keeper.record.get("epoch", -1), "selection": keeper.selection}
    np.savez_compressed(buffer, y=y.astype(np.int32), **keeper.predictions._asdict(), **facts)
    return buffer.getvalue()


def _model(job: Job, keeper: Keeper) -> bytes:
    if isinstance(job.cell.run.backbone, Estimator):
        raise UserError(NO_FILE)
    if keeper.plain is None or keeper.weights is None:
        raise UserError(f"method {job.cell.label}: has no plain part that could be kept as a model")
    run, record = job.cell.run, keeper.record
    trained: dict[str, Any] = {
        "seed": run.seed,
        "epoch": record["epoch"],
        "selection": keeper.selection,
        "accuracy": record["test_accuracy"],
        "assay": __version__,
    }
    task, weights = job.recorded or job.task, keeper.weights
    if job.recorded:
        trunk = trunk_of(job.recorded, run).state_dict()
        weights = weights | {f"backbone.trunk.{name}": x for name, x in trunk.items()}
    about = about_of(task, run, job.cell.label, keeper.plain, trained)
    return content(weights, about, statistics(task))
