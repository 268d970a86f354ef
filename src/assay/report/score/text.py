"""A score in words: tables of its measures, and the sentences that follow from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from assay.metrics.statistics import ENOUGH, Estimate
from assay.quality.measures import Measure
from assay.quality.score import Score, ScoreRow

LACKING = {
    "affinity": "items fit their conditions less well than real ones fit their classes",
    "diversity": "a model taught by them alone knows less, or is less sure, than one taught by real items",
    "coverage": "real items with no synthetic one near",
    "two_sample": "a classifier tells them from real items",
}
"""The measures that are explained, and what it means if one is worse than that of real items."""

NAMED_AT_MOST = 5


# -- numbers ------------------------------------------------------------------------------------------


def place(row: ScoreRow, value: float) -> float:
    """Where a value lies between the worst (0) and real items (1).

    (value - ceiling) / (floor - ceiling); below 0 or above 1 for what is worse or better than both. NaN where
    real items are not clearly better than the worst, so that the measure says nothing here.
    """
    return (value - row.ceiling.mean) / (row.floor.mean - row.ceiling.mean) if sharp(row) else math.nan


def sharp(row: ScoreRow) -> bool:
    """Whether real items are clearly better than the worst: intervals do not overlap.

    With repeats too few for intervals, the means decide.
    """
    low, high = row.ceiling, row.floor
    if row.measure.better == "lower":
        low, high = high, low
    return low.mean < high.mean if low.n < ENOUGH else low.high < high.low


def blind(row: ScoreRow) -> bool:
    """Whether models that judge labels doubt real ones half as often as shuffled ones, or more often."""
    return row.measure.name == "label_errors" and 2 * row.floor.mean > row.ceiling.mean


def worse_than_real(row: ScoreRow) -> bool:
    """Whether the intervals of the synthetic items and of real ones in their place do not overlap."""
    if row.measure.better == "higher":
        return row.value.high < row.floor.low
    return row.value.low > row.floor.high


def _percent(value: Estimate) -> str:
    return value.told("z.1f", 100)


def _digits(row: ScoreRow) -> int:
    """Decimals that tell a hundredth of the way from the worst to real items.

    No more than three, or than three digits of the largest value.
    """
    span = abs(row.floor.mean - row.ceiling.mean)
    if not 0 < span < math.inf:
        return 3
    most = max(abs(value.mean) for value in (row.value, row.floor, row.ceiling))
    return int(np.clip(_hundredth(span), 1, np.clip(_hundredth(most), 3, 5)))


def _hundredth(value: float) -> int:
    """Decimals of its hundredth."""
    return 2 - math.floor(math.log10(value)) if 0 < value < math.inf else 3


# -- tables -------------------------------------------------------------------------------------------


def cells(row: ScoreRow) -> dict[str, str]:
    """A measure as text."""
    m, form = row.measure, f"z.{_digits(row)}f"
    where = place(row, row.value.mean)
    return {
        "measure": m.name,
        "value": row.value.told(form),
        "real items": row.floor.told(form),
        "the worst": f"{row.ceiling.told(form).partition(' ')[0]} ({m.worst})",
        "place": f"{where:z.2f}" if math.isfinite(where) else "-",
        "better, range": f"{m.better}, {_extent(m)}",
        "meaning": m.meaning,
    }


def _extent(measure: Measure) -> str:
    if math.isfinite(measure.high):
        return f"{measure.low:g} to {measure.high:g}"
    return f"{measure.low:g} or more" if math.isfinite(measure.low) else "unbounded"


def class_cells(score: Score) -> list[dict[str, str]]:
    """A line for every class; none where no condition is known."""
    conditions = score.samples["condition"]
    return [
        {"class": name, "items": str(int((conditions == label).sum())), **_quantities(found)}
        for label, (name, found) in enumerate(zip(score.info["classes"], score.classes))
    ]


def group_cells(score: Score) -> list[dict[str, str]]:
    """A line for every group of synthetic items with a condition; none if there is but one group."""
    known = score.samples["group"][score.samples["condition"] >= 0]
    if len(score.groups) < 2:
        return []
    return [
        {"group": str(group), "items": str(int((known == group).sum())), **_quantities(found)}
        for group, found in score.groups.items()
    ]


def _quantities(found: Mapping[str, float]) -> dict[str, str]:
    return {
        key: f"{value:.3f}" if math.isfinite(value) else "-" for key, value in found.items() if key != "n"
    }


def markdown(score: Score) -> str:
    """The sentences, then a table of the measures, of the classes, and of the groups if there are several."""
    parts = [" ".join(sentences(score)), _markdown([cells(row) for row in score.rows])]
    parts += [_markdown(rows) for rows in (class_cells(score), group_cells(score)) if rows]
    return "\n\n".join(parts)


def _markdown(rows: Sequence[Mapping[str, str]]) -> str:
    body = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in body)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# -- sentences ----------------------------------------------------------------------------------------


def sentences(score: Score) -> list[str]:
    """What follows from the numbers, what is wrong first.

    Nothing is said of a measure that has no place: where it hardly tells real items from the worst, its value
    means nothing; nor of label errors that a model sees in real labels too. A measure is called worse than
    that of real items only where the two intervals do not overlap, and only with three repeats or more; every
    measure that is worse is named. Classes without items and copies to the last digit are facts of any score.
    """
    facts = [*_missing(score), *_twins(score)]
    if any(row.value.n < ENOUGH for row in score.rows):
        few = f"Fewer than {ENOUGH} repeats give no interval worth the name, so no measure is judged here."
        return [few, *facts]
    rows = {row.measure.name: row for row in score.rows if sharp(row) and not blind(row)}
    explained = {name: rows[name] for name in LACKING if name in rows}
    wrong = [*_copies(rows), *_labels(rows), *_lacking(explained), *_others(rows, explained)]
    return [*wrong, *_no_worse(rows, explained), *_unknown(score), *_blunt(score), *facts]


def _labels(rows: Mapping[str, ScoreRow]) -> Iterator[str]:
    if "label_errors" in rows and worse_than_real(row := rows["label_errors"]):
        yield (
            f"To models trained on real data {_percent(row.value)} % of the conditions look wrong (real "
            f"labels: {_percent(row.floor)} %): either they are, or the items look like another class; "
            "label_error in the samples table names them."
        )


def _lacking(explained: Mapping[str, ScoreRow]) -> Iterator[str]:
    worse = {name: place(row, row.value.mean) for name, row in explained.items() if worse_than_real(row)}
    said = [f"{name} {worse[name]:.2f} ({LACKING[name]})" for name in sorted(worse, key=worse.__getitem__)]
    if said:
        yield f"Worse than real items, on the way from the worst (0) to real (1): {'; '.join(said)}."


def _others(rows: Mapping[str, ScoreRow], explained: Mapping[str, ScoreRow]) -> Iterator[str]:
    """Those that are worse and not explained."""
    known = {*explained, "label_errors", "copying"}
    worse = [name for name, row in rows.items() if name not in known and worse_than_real(row)]
    if worse:
        also = "Also worse" if any(map(worse_than_real, explained.values())) else "Worse"
        yield f"{also} than real items: {listed(worse)}."


def _no_worse(rows: Mapping[str, ScoreRow], explained: Mapping[str, ScoreRow]) -> Iterator[str]:
    yield from _alike(explained)
    if "label_errors" in rows and not worse_than_real(row := rows["label_errors"]):
        yield (
            f"The share of conditions that look wrong, {_percent(row.value)} %, cannot be told from that of "
            f"real labels, {_percent(row.floor)} %."
        )
    if "copying" in rows and not worse_than_real(rows["copying"]):
        yield "Near copies of real records are no more frequent than among new real items."


def _unknown(score: Score) -> Iterator[str]:
    if "label_errors" not in {row.measure.name for row in score.rows}:
        yield "No condition is known: nothing is said of labels."


def _blunt(score: Score) -> Iterator[str]:
    blunt = [row.measure.name for row in score.rows if not sharp(row) or blind(row)]
    if blunt:
        yield f"Not judged, for telling hardly even the worst from real items here: {_some(blunt, 'and')}."


def _alike(explained: Mapping[str, ScoreRow]) -> Iterator[str]:
    alike = [name for name, row in explained.items() if not worse_than_real(row)]
    if alike:
        yield f"Not to be told from real items with so many items and repeats: {listed(alike)}."


def _copies(rows: Mapping[str, ScoreRow]) -> Iterator[str]:
    if "copying" in rows and worse_than_real(row := rows["copying"]):
        yield (
            f"{_percent(row.value)} % of the items equal a real record or are suspiciously nearer to it than "
            f"to any other (new real items: {_percent(row.floor)} %): possible copies; copied in the samples "
            "table names them."
        )


def _missing(score: Score) -> Iterator[str]:
    conditions, names = score.samples["condition"], score.info["classes"]
    absent = [f"'{name}'" for label, name in enumerate(names) if not (conditions == label).any()]
    if absent and len(absent) < len(names):
        yield f"No item has the condition {_some(absent)}."


def _twins(score: Score) -> Iterator[str]:
    twins = int((score.samples["distance"] == 0).sum())
    if twins:
        verb = "items equal" if twins > 1 else "item equals"
        yield f"{twins} {verb} a real record once normalised."


def _some(names: Sequence[str], word: str = "or") -> str:
    if len(names) <= NAMED_AT_MOST:
        return listed(names, word)
    return f"{', '.join(names[:NAMED_AT_MOST])} {word} {len(names) - NAMED_AT_MOST} more"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names in a row: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last
