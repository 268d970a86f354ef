"""Rounds of rendering, weighing and refitting: the cross-entropy method (Rubinstein, 1999)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from assay.errors import UserError
from assay.files import json_bytes, replace_file, writing
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.stream import Stream, open_stream
from assay.generate.blender.weighting.draws import Draws, draws_of
from assay.generate.blender.weighting.pictures import Pictures, Render
from assay.generate.blender.weighting.projection import as_factors
from assay.generate.blender.weighting.ratio import FOLDS, odds, tempered
from assay.generate.blender.weighting.refit import cut, refitted
from assay.generate.blender.weighting.text import as_text
from assay.generate.blender.weighting.yardstick import Features, Yardstick, features_of, yardstick
from assay.types import Seed

STILL = "no factor moved beyond what chance does"
DONE = "all rounds are done"
NAME = "learned.json"
DOUBT = 0.05
"""How often chance alone moves any factor of a round."""

Report = Callable[[int, int, int, float], None]
Record = dict[str, Any]


@dataclass(frozen=True)
class Weighting:
    """Settings of the learning.

    Parameters
    ----------
    rounds : int
        Times that distributions are refitted; one set of pictures more is rendered, to measure the last.
    images : int
        Pictures of each round.
    factors : tuple of str
        What to learn; by default every factor that may take more than one value.
    bins : int
        Pieces that a range is cut into.
    keep : float
        Share of its first distribution that every factor keeps, so that no value dies out.
    least : float
        How much of the pictures their weights must be worth (effective sample size): with less, steps are
        longer and less sure.
    seed : int
        Same seed, same distributions.
    """

    rounds: Annotated[int, Ge(1)] = 4
    images: Annotated[int, Ge(50)] = 400
    factors: tuple[str, ...] = ()
    bins: Annotated[int, Ge(2), Le(64)] = 8
    keep: Annotated[float, Gt(0), Lt(1)] = 0.1
    least: Annotated[float, Gt(0), Le(1)] = 0.3
    seed: Seed = 0


@dataclass(frozen=True)
class Conditions:
    """What is the same in every round; `real` are the photographs, `factors` what is learnt."""

    real: NDArray[Any]
    factors: tuple[str, ...]
    weighting: Weighting
    features: Features
    folder: Path
    workers: int
    report: Report
    render: Render


@dataclass(frozen=True)
class Outcome:
    """The settings of every round, what was seen of them, why there are no more, and the floor."""

    tried: list[BlenderSettings]
    history: list[Record]
    stopped: str
    floor: float


@dataclass(frozen=True)
class _Seen:
    """The pictures of a round, and their features."""

    stream: Stream
    pictures: Pictures
    features: NDArray[np.float64]


def run(start: BlenderSettings, conditions: Conditions) -> Outcome:
    """Go on until the rounds are done, or no factor moves."""
    real, seed = features_of(conditions.features, conditions.real), conditions.weighting.seed
    tried: list[BlenderSettings] = [start]
    history: list[Record] = []
    stick: Yardstick | None = None
    while True:
        seen = _look(tried[-1], len(history), conditions)
        stick = stick or yardstick(real, seen.features, seed)
        history.append(_record(seen, stick, conditions))
        following, stopped = _go_on(seen, start, stick, conditions, history)
        _write(conditions.folder / NAME, history, stopped, stick.floor)
        if stopped:
            return Outcome(tried, history, stopped, stick.floor)
        tried.append(following)


def _go_on(
    seen: _Seen, start: BlenderSettings, stick: Yardstick, conditions: Conditions, history: list[Record]
) -> tuple[BlenderSettings, str]:
    """The settings of the next round, and why there is none, if so; the last record is told of both."""
    now = seen.stream.settings
    if len(history) > conditions.weighting.rounds:
        return now, DONE
    draws = draws_of(seen.stream, seen.pictures.indices, conditions.factors)
    weights, known = _weighed(seen, stick, draws, conditions.weighting)
    new = _refitted(now, start, draws, weights, conditions.weighting)
    history[-1] |= {**known, "moved": {name: evidence for name, (_, evidence) in new.items()}}
    return replace(now, **{name: factor for name, (factor, _) in new.items()}), "" if new else STILL


def _look(settings: BlenderSettings, number: int, conditions: Conditions) -> _Seen:
    """Render the pictures of a round, from a stream of its own."""
    seed = int(np.random.SeedSequence([conditions.weighting.seed, number, 2]).generate_state(1)[0])
    stream = open_stream(settings, seed)

    def report(done: int, total: int, rate: float) -> None:
        conditions.report(number, done, total, rate)

    folder = conditions.folder / f"round-{number}"
    pictures = conditions.render(stream, conditions.weighting.images, folder, conditions.workers, report)
    if len(pictures.x) < max(2, FOLDS):
        raise UserError(f"{folder}: {len(pictures.x)} images could be made; expected {FOLDS} or more")
    return _Seen(stream, pictures, features_of(conditions.features, pictures.x))


def _record(seen: _Seen, stick: Yardstick, conditions: Conditions) -> Record:
    return {
        "settings": as_text(seen.stream.settings),
        "images": len(seen.pictures.x),
        "failed": conditions.weighting.images - len(seen.pictures.x),
        "distance": stick.distance(seen.features),
    }


def _weighed(
    seen: _Seen, stick: Yardstick, draws: Mapping[str, Draws], weighting: Weighting
) -> tuple[NDArray[np.float64], Record]:
    """A weight for every picture, and what is worth knowing of them."""
    real, rendered = as_factors(stick.weighing, seen.features, draws, weighting.seed)
    found = odds(real, rendered, weighting.seed)
    labels = np.array([seen.stream.label(index) for index in seen.pictures.indices])
    weights, power, effective = tempered(found.logits, labels, weighting.least)
    return weights, {"auc": found.auc, "power": power, "effective": effective}


def _refitted(
    now: BlenderSettings,
    start: BlenderSettings,
    draws: Mapping[str, Draws],
    weights: NDArray[np.float64],
    weighting: Weighting,
) -> dict[str, tuple[Any, float]]:
    """The factors that moved, and the evidence for it."""
    rng, found = np.random.default_rng([weighting.seed, 3]), {}
    drawn = {name: own for name, own in draws.items() if own.values}  # others decide nothing, as set
    for name, own in drawn.items():
        parts, first = (cut(getattr(settings, name), weighting.bins) for settings in (now, start))
        found[name] = refitted(parts, first, own, weights, weighting.keep, DOUBT / len(drawn), rng)
    return {name: (factor, evidence) for name, (factor, evidence) in found.items() if evidence > 0}


def _write(path: Path, history: list[Record], stopped: str, floor: float) -> None:
    content = {"floor": floor, "stopped": stopped, "rounds": history}
    with writing(path.parent):
        replace_file(path, json_bytes(content))
