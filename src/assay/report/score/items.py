"""The items behind a score: real ones beside the best and the worst, and those nearest to a real record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.quality.score import Score
from assay.quality.shown import CLASSES_SHOWN, ends, nearest
from assay.report.contact_sheet import reading_note, strip_pictures, tiles_in_strip
from assay.report.drawing import Picture
from assay.report.item_names import called
from assay.report.sheet import Sheet, SheetRow, Strip, class_named
from assay.types import UNKNOWN

Ints = NDArray[np.int64]
PARTS = ("labelled", "synthetic", "synthetic")
COLUMNS = ("real", "best synthetic", "worst synthetic")
SAID = (
    "Score: mean margin, from -1 to 1, by which models trained on real items take an item for its condition "
    "(where none is given, for the class they take it for); the best come first, and on the right the worst."
)


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


def ranked(score: Score) -> Sheet | None:
    """Real items of every class beside the best and the worst synthetic ones; None without the items."""
    if score.items is None:
        return None
    info, labels = score.info, _labels(score)
    shape = score.items.parts["synthetic"].x.shape[1:]
    most = max(2, 2 * tiles_in_strip(shape, info["kind"]) // len(COLUMNS))
    chosen = [_chosen(score, label, most) for label in labels]
    groups = [
        {
            label: score.items.x(part, places)
            for label, of_class in zip(labels, chosen)
            if len(places := of_class[column])
        }
        for column, part in enumerate(PARTS)
    ]
    drawn = strip_pictures(groups, info["kind"], info["normalise"])
    rows = [
        SheetRow(class_named(score.info["classes"], label), tuple(_strips(score, label, of_class, drawn)))
        for label, of_class in zip(labels, chosen)
    ]
    return Sheet(COLUMNS, rows, f"{SAID} {reading_note(info, shape)}")


def _labels(score: Score) -> list[int]:
    found = [int(label) for label in np.unique(score.samples["condition"])]
    shown = [label for label in found if 0 <= label < CLASSES_SHOWN]
    return shown + [label for label in found if label == UNKNOWN]


def _chosen(score: Score, label: int, most: int) -> tuple[Ints, Ints, Ints]:
    """Places of real items, and of the best and the worst synthetic ones."""
    assert score.items is not None
    real = score.items.parts.get("labelled")
    mine = real.places[real.y == label][:most] if real else np.empty(0, np.int64)
    return mine, *ends(score.samples, label, most)


def _strips(
    score: Score, label: int, chosen: tuple[Ints, Ints, Ints], drawn: Sequence[Mapping[int, Picture]]
) -> Iterator[Strip | None]:
    assert score.items is not None
    name = class_named(score.info["classes"], label)
    for part, column, places, pictures in zip(PARTS, COLUMNS, chosen, drawn):
        if not len(places):
            yield None
            continue
        words = called(score.items.names(part, places))
        words = words if part == "labelled" else f"{_scores(score, places)}; {words}"
        yield Strip(replace(pictures[label], alt=f"{column}, {name}: {words}"), words)


def _scores(score: Score, index: Ints) -> str:
    values, names = score.samples["score"][index], score.info["classes"]
    taken = [names[label] for label in score.samples["predicted"][index]]
    seen = f"all taken for {taken[0]}" if len(set(taken)) == 1 else f"taken for {', '.join(taken)}"
    return f"score {values[0]:.2f} to {values[-1]:.2f}; {seen}"


# -- copies -------------------------------------------------------------------------------------------


def closest(score: Score) -> list[Pair]:
    """The synthetic items that are nearest to a real record, nearest first; none without the items."""
    if score.items is None:
        return []
    order = nearest(score.samples)
    arrays = {item: _side_by_side(score, item) for item in order}
    pictures = strip_pictures([arrays], score.info["kind"], score.info["normalise"])[0]
    return [_pair(score, item, pictures[item]) for item in order]


def _side_by_side(score: Score, item: int) -> NDArray[np.generic]:
    assert score.items is not None
    part, place = str(score.samples["nearest_part"][item]), int(score.samples["nearest"][item])
    return np.concatenate([score.items.x("synthetic", [item]), score.items.x(part, [place])])


def _pair(score: Score, item: int, picture: Picture) -> Pair:
    table, items = score.samples, score.items
    assert items is not None
    part, place = str(table["nearest_part"][item]), int(table["nearest"][item])
    label = items.y(part, place)
    condition = class_named(score.info["classes"], int(table["condition"][item]))
    own = f"{items.names('synthetic', [item])[0]} ({condition})"
    real = f"{part} {items.names(part, [place])[0].removeprefix('item ')}"
    real += "" if label == UNKNOWN else f" ({class_named(score.info['classes'], label)})"
    distance = f"{table['distance'][item]:.4g}"
    alt = f"Synthetic {own}, beside the real record {real}: distance {distance}"
    return Pair(replace(picture, alt=alt), own, real, distance, bool(table["copied"][item]))
