"""The items behind a score: the best and the worst of each class, and those nearest to a real record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.quality.score import Score
from assay.report.contact_sheet import CLASSES_SHOWN, strip_pictures, tiles_in_strip
from assay.report.drawing import Picture
from assay.types import UNKNOWN, Samples, Task

Ints = NDArray[np.int64]

PAIRS = 8


@dataclass(frozen=True)
class Strip:
    """Items side by side, and what is to be said of them."""

    picture: Picture
    words: str


@dataclass(frozen=True)
class Ranked:
    """Items of a class: the highest and the lowest scores; None where there are too few."""

    name: str
    best: Strip
    worst: Strip | None


@dataclass(frozen=True)
class Pair:
    """A synthetic item and the real record that is nearest to it.

    Attributes
    ----------
    picture : Picture
        The synthetic item, then the record.
    synthetic, real : str
        Which they are.
    distance : str
        Euclidean, once normalised.
    copied : bool
        Whether it equals that record or is suspiciously nearer to it than to any other.
    """

    picture: Picture
    synthetic: str
    real: str
    distance: str
    copied: bool


def ranked(score: Score, task: Task, synthetic: Samples) -> list[Ranked]:
    """The best and the worst items of every condition (unknown ones last)."""
    most = tiles_in_strip(task.shape, task.kind)
    ends = {label: _ends(score, label, most) for label in _labels(score)}
    groups = [
        {label: synthetic.x[index] for label, pair in ends.items() if len(index := pair[side])}
        for side in (0, 1)
    ]
    best, worst = strip_pictures(groups, task.kind, task.normalise)
    return [
        Ranked(
            name := _name(task, label),
            _strip(score, best[label], f"highest scores, {name}", high),
            _strip(score, worst[label], f"lowest scores, {name}", low) if label in worst else None,
        )
        for label, (high, low) in ends.items()
    ]


def _labels(score: Score) -> list[int]:
    found = [int(label) for label in np.unique(score.samples["condition"])]
    shown = [label for label in found if 0 <= label < CLASSES_SHOWN]
    return shown + [label for label in found if label == UNKNOWN]


def _ends(score: Score, label: int, most: int) -> tuple[Ints, Ints]:
    """Positions of the highest scores, best first, and of the lowest, worst first; no item is in both."""
    mine = np.flatnonzero(score.samples["condition"] == label)
    order = mine[np.argsort(score.samples["score"][mine], kind="stable")]
    half = len(order) // 2
    return order[half:][::-1][:most], order[:half][:most]


def _strip(score: Score, picture: Picture, what: str, index: Ints) -> Strip:
    values, names = score.samples["score"][index], score.info["classes"]
    taken = [names[label] for label in score.samples["predicted"][index]]
    seen = f"all taken for {taken[0]}" if len(set(taken)) == 1 else f"taken for {', '.join(taken)}"
    words = f"score {values[0]:.2f} to {values[-1]:.2f}; {seen}"
    return Strip(replace(picture, alt=f"Synthetic items with the {what}: {words}"), words)


def _name(task: Task, label: int) -> str:
    return "condition not given" if label == UNKNOWN else task.classes[label]


# -- copies -------------------------------------------------------------------------------------------


def closest(score: Score, task: Task, synthetic: Samples) -> list[Pair]:
    """The synthetic items that are nearest to a real record, nearest first."""
    order = np.argsort(score.samples["distance"], kind="stable")[:PAIRS]
    arrays = {int(i): _side_by_side(score, task, synthetic, i) for i in order}
    pictures = strip_pictures([arrays], task.kind, task.normalise)[0]
    return list(_pairs(score, task, pictures, [int(i) for i in order]))


def _side_by_side(score: Score, task: Task, synthetic: Samples, item: int) -> NDArray[np.generic]:
    part: Samples = getattr(task, str(score.samples["nearest_part"][item]))
    return np.stack([synthetic.x[item], part.x[score.samples["nearest"][item]]])


def _pairs(score: Score, task: Task, pictures: dict[int, Picture], order: Sequence[int]) -> Iterator[Pair]:
    table = score.samples
    for item in order:
        part, position = str(table["nearest_part"][item]), int(table["nearest"][item])
        label = int(getattr(task, part).y[position])
        own = f"item {item} ({_name(task, int(table['condition'][item]))})"
        real = f"{part} {position}" + ("" if label == UNKNOWN else f" ({task.classes[label]})")
        distance = f"{table['distance'][item]:.4g}"
        alt = f"Synthetic {own}, beside the real record {real}: distance {distance}"
        yield Pair(replace(pictures[item], alt=alt), own, real, distance, bool(table["copied"][item]))
