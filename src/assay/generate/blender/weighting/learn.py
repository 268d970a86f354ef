"""From photographs to distributions: the one verb of weighted rendering."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.weighting.draws import random_factors
from assay.generate.blender.weighting.pictures import Render, render_pictures
from assay.generate.blender.weighting.rounds import Conditions, Outcome, Record, Report, Weighting, run
from assay.generate.blender.weighting.statistics import image_statistics
from assay.generate.blender.weighting.text import as_text
from assay.generate.blender.weighting.yardstick import FEWEST, Features
from assay.settings import check
from assay.types import Samples

USUAL = Weighting()


@dataclass(frozen=True)
class Learned:
    """What was learnt.

    Attributes
    ----------
    settings : BlenderSettings
        Those of the last round whose pictures were, to within the floor, the nearest to photographs that no
        weight had seen; what was given if none came nearer by more than the floor.
    history : list of dict
        For every round, as JSON values: settings (text), images, failed, distance and, if it was refitted,
        auc (how well a classifier tells its pictures from photographs), power (of the odds), effective
        (sample size) and moved (evidence by factor, 0 to 1).
    best : int
        The round.
    stopped : str
        Why there was no further round.
    floor : float
        The distance that photographs stay below among themselves, nineteen times of twenty.
    """

    settings: BlenderSettings
    history: list[Record]
    best: int
    stopped: str
    floor: float

    @property
    def text(self) -> str:
        """The settings as ``blender:key=value,...``."""
        return as_text(self.settings)


def silent(step: int, done: int, total: int, rate: float) -> None:
    """Say nothing of the progress."""
    del step, done, total, rate


def learn_factors(
    settings: BlenderSettings,
    real: Samples | NDArray[Any],
    weighting: Weighting = USUAL,
    features: Features = image_statistics,
    folder: Path | None = None,
    workers: int = 1,
    report: Report = silent,
    render: Render = render_pictures,
) -> Learned:
    """Learn from unlabelled photographs how often each value of each factor should come.

    Parameters
    ----------
    settings : BlenderSettings
        Where to begin: values that cannot come there are never learnt.
    real : Samples, or array (n, 3, height, width)
        Photographs of the target, 0 to 255 (or to 1); labels are not looked at. Pictures are rendered at
        their size.
    weighting : Weighting
    features : callable
        From images, (n, 3, height, width), to features, (n, d), in which photographs and pictures are
        compared. What they do not see is not learnt, and what they see that no factor can change leads
        factors astray.
    folder : Path, optional
        Keeps every round's pictures, and learned.json with the history; the same call goes on from there.
    workers : int
        Processes that render.
    report : callable
        Told (round, pictures that are there, pictures in all, pictures a second).
    render : callable
        Makes the pictures: Blender, unless something stands in for it.

    Raises
    ------
    UserError
        If there are too few photographs, nothing to learn, or no Blender.
    """
    check(weighting, "weighting")
    images = _photographs(real)
    factors = _chosen(settings, weighting)
    height, width = images.shape[2:]
    start = replace(settings, size=width, height=None if height == width else height)
    as_text(start)  # settings without a text are told now, not after the first round
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-")))
        outcome = run(start, Conditions(images, factors, weighting, features, place, workers, report, render))
    return _learned(settings, outcome)


def _photographs(real: Samples | NDArray[Any]) -> NDArray[Any]:
    x = real.x if isinstance(real, Samples) else np.asarray(real)
    if x.ndim != 4 or x.shape[1] != 3:
        raise UserError(f"real: shape {x.shape}; expected images (n, 3, height, width)")
    if len(x) < FEWEST:
        raise UserError(f"real: {len(x)} images; expected {FEWEST} or more")
    return np.asarray(255.0 * x) if x.dtype.kind == "f" and x.max() <= 1 else x


def _chosen(settings: BlenderSettings, weighting: Weighting) -> tuple[str, ...]:
    known = random_factors(settings)
    wrong = [name for name in weighting.factors if name not in known]
    if wrong or not known:
        what = f"'{wrong[0]}' has no two values" if wrong else "none has two values"
        raise UserError(f"factors: {what}; those that have: {', '.join(known) or 'none'}")
    return weighting.factors or known


def _learned(settings: BlenderSettings, outcome: Outcome) -> Learned:
    best = _nearest([record["distance"] for record in outcome.history], max(outcome.floor, 0.0))
    found = replace(outcome.tried[best], size=settings.size, height=settings.height) if best else settings
    return Learned(found, outcome.history, best, outcome.stopped, outcome.floor)


def _nearest(distances: list[float], floor: float) -> int:
    """The last round within the floor of the nearest; the first if none came nearer by more than that.

    Of the rounds within the floor, only those that came nearer than the first by more than it count.
    """
    enough = min(min(distances) + floor, distances[0] - floor)
    return max((number for number, distance in enumerate(distances) if distance <= enough), default=0)
