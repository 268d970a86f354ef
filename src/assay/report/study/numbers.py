"""What tables, figures and sentences of a study have in common: its rows, its selection, its footnotes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_lowercase

from assay.metrics.statistics import Estimate, paired_difference
from assay.studies.published.syncheck import Key, Published, published
from assay.studies.runs import BASELINES, Row, StudyRuns

UPPER_BOUND = "an upper bound that looks at test labels"
ROUNDING = 5.5e-4
"""Printed means have three decimals: what differs by more is no rounding."""


def chosen(runs: StudyRuns, selection: str | None = None) -> str:
    """The selection asked for, the protocol's by default."""
    return selection or str(runs.info["selection"])


def called(selection: str) -> str:
    """A selection's name; the oracle never goes without its warning."""
    return f"oracle ({UPPER_BOUND})" if selection == "oracle" else selection


def selections(runs: StudyRuns) -> list[str]:
    """Those that every successful run reports, the protocol's first."""
    reported = [list(record["selections"]) for record in runs.records.values() if not record["error"]]
    common = [name for name in (reported or [[]])[0] if all(name in names for names in reported)]
    first = chosen(runs)
    return [first, *(name for name in common if name != first)]


def finished(rows: Sequence[Row]) -> list[Row]:
    """The rows of which a run has finished, successfully or not."""
    return [row for row in rows if row.seeds or row.errors]


def is_baseline(row: Row) -> bool:
    """Whether a row is only real."""
    return row.key.method in BASELINES


def planned(row: Row) -> int:
    """How many runs a row consists of."""
    return len(row.seeds) + len(row.errors) + row.missing


def several_places(rows: Sequence[Row]) -> bool:
    """Whether the rows differ along the axis too."""
    return len({row.place for row in rows}) > 1


def series_of(rows: Sequence[Row]) -> list[str]:
    """Every series once, in the order of the study."""
    return list(dict.fromkeys(row.series for row in rows))


# -- published ----------------------------------------------------------------------------------------


def published_gain(row: Row, runs: StudyRuns) -> Estimate | None:
    """Published difference to only real; of means alone, without interval, where no seeds were published.

    None where there is none: only real was published at the default backbone alone.
    """
    base = published(runs.info["generator"], runs.info["published"], Key(BASELINES[0]))
    if is_baseline(row) or row.published is None or base is None or row.key.backbone != "default":
        return None
    paired = row.published.difference(base)
    return paired or Estimate(row.published.mean - base.mean, math.nan, math.nan, 1)


def footnotes(rows: Sequence[Row]) -> dict[str, str]:
    """Letter by footnote, in the order of the rows."""
    said = [note for row in rows for note in _doubts(row.published)]
    return {note: _letter(i) for i, note in enumerate(dict.fromkeys(said))}


def marks(row: Row, notes: dict[str, str]) -> str:
    """The letters of a row's footnotes."""
    return "".join(f" ({notes[note]})" for note in _doubts(row.published))


def _doubts(cell: Published | None) -> list[str]:
    if cell is None:
        return []
    again = cell.accuracy
    off = again is not None and abs(again.mean - cell.mean) > ROUNDING
    differs = [f"the published seeds have the mean {100 * again.mean:.2f} %"] if again and off else []
    return [note for note in (cell.note, *differs) if note]


def _letter(i: int) -> str:
    return ascii_lowercase[i] if i < len(ascii_lowercase) else str(i)


# -- pairs of rows ------------------------------------------------------------------------------------


def control_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """The random control of a filter, at the same backbone, ratio and variant."""
    key = row.key
    wanted = Key(f"random_{key.method}", key.backbone, key.ratio, key.variant)
    return next((other for other in rows if other.key == wanted), None)


def whole_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """The method of which a row is a variant."""
    key = row.key
    wanted = Key(key.method, key.backbone, key.ratio)
    return next((other for other in rows if key.variant and other.key == wanted), None)


def base_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """Only real at the same backbone."""
    return next((o for o in rows if is_baseline(o) and o.key.backbone == row.key.backbone), None)


def gains(row: Row, rows: Sequence[Row]) -> dict[int, float]:
    """Difference to only real by seed."""
    base = base_of(row, rows)
    seeds = base.seeds if base else {}
    return {seed: value - seeds[seed] for seed, value in row.seeds.items() if seed in seeds}


def between(row: Row, other: Row | None) -> Estimate | None:
    """Paired difference of two rows at equal seeds; None without a common one."""
    return paired_difference(row.seeds, other.seeds) if other else None
