"""A score in words: the sentences that follow from its measures, and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assay.markup import in_markdown
from assay.metrics.statistics import ENOUGH, Estimate
from assay.quality.dealing import FEWEST_UNLABELLED
from assay.quality.score import Score, ScoreRow
from assay.report.findings import doubts, leaks
from assay.report.score.numbers import (
    blind,
    cells,
    class_cells,
    group_cells,
    place,
    sharp,
    worse_than_real,
)

LACKING = {
    "affinity": "items fit their conditions less well than real ones fit their classes",
    "diversity": "a model taught by them alone knows less, or is less sure, than one taught by real items",
    "coverage": "real items with no synthetic one near",
    "two_sample": "a classifier tells them from real items",
}
"""The measures that are explained, and what it means if one is worse than that of real items."""

COPIES = {"copying": "copied", "copying_test": "copied_test"}
"""The measures of copies, and the column of the samples table that names them."""
NAMED_AT_MOST = 5


def markdown(score: Score) -> str:
    """The sentences, then a table of the measures, of the classes, and of the groups if there are several."""
    parts = [in_markdown(" ".join(sentences(score))), _markdown([cells(row) for row in score.rows])]
    parts += [_markdown(rows) for rows in (class_cells(score), group_cells(score)) if rows]
    return "\n\n".join(parts)


def _markdown(rows: Sequence[Mapping[str, str]]) -> str:
    body = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(in_markdown(text) for text in line) + " |" for line in body)


# -- sentences ----------------------------------------------------------------------------------------


def sentences(score: Score) -> list[str]:
    """What follows from the numbers, what is wrong first.

    Nothing is said of a measure that has no place: where it hardly tells real items from the worst, its value
    means nothing; nor of label errors that a model sees in real labels too. A measure is called worse than
    that of real items only where the two intervals do not overlap, and only with three repeats or more; every
    measure that is worse is named. Classes without items and copies to the last digit are facts of any score.
    """
    leak, facts = leaks(score.info), [*_missing(score), *_twins(score), *_groups(score), *doubts(score.info)]
    if any(row.value.n < ENOUGH for row in score.rows):
        few = f"Fewer than {ENOUGH} repeats give no interval worth the name, so no measure is judged here."
        return [*leak, few, *facts]
    rows = {row.measure.name: row for row in score.rows if sharp(row) and not blind(row)}
    explained = {name: rows[name] for name in LACKING if name in rows}
    wrong = [*_copies(rows, score), *_labels(rows), *_lacking(explained), *_others(rows, explained)]
    fine = [*_alike(explained), *_labels_alike(rows), *_no_copies(rows, score)]
    return [*leak, *wrong, *fine, *_unknown(score), *_blunt(score), *facts]


def _percent(value: Estimate) -> str:
    return value.told("z.1f", 100)


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
    known = {*explained, "label_errors", *COPIES}
    worse = [name for name, row in rows.items() if name not in known and worse_than_real(row)]
    if worse:
        also = "Also worse" if any(map(worse_than_real, explained.values())) else "Worse"
        yield f"{also} than real items: {listed(worse)}."


def _labels_alike(rows: Mapping[str, ScoreRow]) -> Iterator[str]:
    if "label_errors" in rows and not worse_than_real(row := rows["label_errors"]):
        yield (
            f"The share of conditions that look wrong, {_percent(row.value)} %, cannot be told from that of "
            f"real labels, {_percent(row.floor)} %."
        )


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


def _copies(rows: Mapping[str, ScoreRow], score: Score) -> Iterator[str]:
    for name, column in COPIES.items():
        if name in rows and worse_than_real(row := rows[name]):
            yield (
                f"{_percent(row.value)} % of the items equal one of the {_records(name, score)} or are "
                f"suspiciously nearer to it than to any other (new real items: {_percent(row.floor)} %): "
                f"possible copies; {column} in the samples table names them."
            )


def _no_copies(rows: Mapping[str, ScoreRow], score: Score) -> Iterator[str]:
    fine = [_records(name, score) for name in COPIES if name in rows and not worse_than_real(rows[name])]
    if fine:
        records = " or of the ".join(fine)
        yield f"Near copies of the {records} are no more frequent than among new real items."


def _records(name: str, score: Score) -> str:
    """The real items that copies are looked for among."""
    return "test items" if name == "copying_test" else f"{listed(score.info['records'])} items"


def _missing(score: Score) -> Iterator[str]:
    conditions, names = score.samples["condition"], score.info["classes"]
    absent = [f"'{name}'" for label, name in enumerate(names) if not (conditions == label).any()]
    if absent and len(absent) < len(names):
        yield f"No item has the condition {_some(absent)}."


def _twins(score: Score) -> Iterator[str]:
    for column, record in (("distance", "a real record"), ("distance_test", "a test item")):
        twins = int((score.samples[column] == 0).sum())
        if twins:
            verb = "items equal" if twins > 1 else "item equals"
            yield f"{twins} {verb} {record} once normalised."


def _groups(score: Score) -> Iterator[str]:
    """Whose items the judging models know, where the test is of others."""
    groups = score.info["groups"]
    if groups["both"] == groups["test"]:
        return
    others = f"{groups['test'] - groups['both']} of {groups['test']} test groups are others"
    yield f"The labelled real items that judge are of {groups['real']} groups; {others}{_view(score)}."


def _view(score: Score) -> str:
    """What the other view would be, or that it has been taken."""
    unlabelled, groups = score.info["unlabelled"], score.info["groups"]["unlabelled"]
    if score.info["against"] == "unlabelled":
        return f": likeness is measured against the {unlabelled} unlabelled items, of {groups} groups"
    offer = f"holds likeness against the {unlabelled} unlabelled items, of {groups} groups"
    return f": --scoring against=unlabelled {offer}" if unlabelled >= FEWEST_UNLABELLED else ""


def _some(names: Sequence[str], word: str = "or") -> str:
    if len(names) <= NAMED_AT_MOST:
        return listed(names, word)
    return f"{', '.join(names[:NAMED_AT_MOST])} {word} {len(names) - NAMED_AT_MOST} more"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names in a row: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last
