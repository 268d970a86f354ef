"""A study in words: what its rows show, what they do not, and how much survives the corrected protocol."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from assay.comparison.summary import points
from assay.metrics.statistics import ENOUGH, Estimate, Range, estimate, paired_difference
from assay.report.findings import doubts, no_advice
from assay.report.study.numbers import (
    between,
    called,
    chosen,
    control_of,
    finished,
    gains,
    is_baseline,
    published_gain,
    series_of,
    several_places,
    whole_of,
)
from assay.studies.runs import Row, StudyRuns

Slope = tuple[Estimate, float, float]
OUTCOMES = {
    "better": "better than {}",
    "worse": "worse than {}",
    "neither": "not to be told from {}",
    "few": f"no claim against {{}}, fewer than {ENOUGH} seeds",
}

LEFT = {
    "better": "a gain remains",
    "worse": "a loss",
    "neither": "no gain to be told",
    "few": f"no claim, fewer than {ENOUGH} seeds",
}
TRENDS = {
    "better": "accuracy rises",
    "worse": "accuracy falls",
    "neither": "no trend to be told",
    "few": f"no claim on a trend, fewer than {ENOUGH} seeds,",
}


def sentences(runs: StudyRuns, selection: str | None = None) -> list[str]:
    """What follows from the numbers.

    A difference is claimed only with three seeds or more, and only where its 95 % interval leaves out zero.

    Parameters
    ----------
    runs : StudyRuns
    selection : str, optional
        By default the protocol's.
    """
    rows = finished(runs.rows(selection))
    if not any(row.seeds for row in rows):
        return ["No run has succeeded: nothing can be said.", *_failures(rows)]
    leak, doubtful = no_advice(runs.info), doubts(runs.info)
    rest = [*doubtful, *_failures(rows), *_caveats(runs, rows, selection)]
    if leak:
        return [*leak, *rest]
    said = [*_against_baseline(rows), *_controls(rows), *_variants(rows), *_trends(rows, runs)]
    return [*said, *_against_published(rows, runs), *rest]


def _claim(difference: Estimate, other: str) -> str:
    seeds = f"{difference.n} seed{'s' * (difference.n > 1)}"
    return f"{OUTCOMES[difference.outcome].format(other)}: {points(difference)} points over {seeds}"


# -- against only real --------------------------------------------------------------------------------


def _against_baseline(rows: Sequence[Row]) -> Iterator[str]:
    if not any(is_baseline(row) and row.seeds for row in rows):
        yield "No run of only real has succeeded, so that no gain or loss can be told."
    for name in series_of(rows):
        mine = [row for row in rows if row.series == name and row.difference]
        if mine:
            yield f"{name}: {_one(mine[0]) if not several_places(rows) else _many(mine)}."


def _one(row: Row) -> str:
    assert row.difference is not None
    return _claim(row.difference, "only real")


def _many(rows: Sequence[Row]) -> str:
    """One series at several places, the places listed by outcome."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.difference:
            found.setdefault(row.difference.outcome, []).append(f"{row.place} ({points(row.difference)})")
    said = [
        f"{OUTCOMES[name].format('only real')} at {', '.join(found[name])}"
        for name in OUTCOMES
        if name in found
    ]
    return "; ".join(said) + " points"


# -- against each other -------------------------------------------------------------------------------


def _controls(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        difference = between(row, control_of(row, rows))
        if difference:
            yield f"{_named(row, rows)}: {_claim(difference, 'as many items chosen at random')}."


def _variants(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        whole = whole_of(row, rows)
        difference = between(row, whole)
        if whole and difference:
            yield f"{_named(row, rows)}: {_claim(difference, whole.series)}."


def _named(row: Row, rows: Sequence[Row]) -> str:
    return f"{row.series} at {row.place}" if several_places(rows) else row.series


# -- trends -------------------------------------------------------------------------------------------


def _trends(rows: Sequence[Row], runs: StudyRuns) -> Iterator[str]:
    if runs.info["published"] != "volume":
        return
    for name in series_of(rows):
        mine = [row for row in rows if row.series == name and not is_baseline(row)]
        found = slope({row.key.ratio: row.seeds for row in mine})
        if found:
            yield f"{name}: {_trend(found)}{_published_trend(mine)}."


def slope(seeds: Mapping[float, Mapping[int, float]]) -> Slope | None:
    """Accuracy gained per unit of ratio: least squares within each seed, then the mean over seeds.

    Only seeds that have every ratio count.

    Parameters
    ----------
    seeds : mapping
        Accuracy by seed, by ratio.

    Returns
    -------
    (Estimate, float, float) or None
        The slope, and the first and last ratio; None with fewer than two ratios or without a complete seed.
    """
    ratios = sorted(ratio for ratio, found in seeds.items() if found)
    common = set.intersection(*(set(seeds[ratio]) for ratio in ratios)) if len(ratios) > 1 else set()
    each = [float(np.polyfit(ratios, [seeds[r][seed] for r in ratios], 1)[0]) for seed in sorted(common)]
    return (estimate(each, _steepest(ratios)), ratios[0], ratios[-1]) if each else None


def _steepest(ratios: Sequence[float]) -> Range:
    """The slopes that accuracies of 0 at one side of the mean ratio and 1 at the other would have."""
    away = np.array(ratios) - np.mean(ratios)
    most = float(np.abs(away).sum() / 2 / (away**2).sum())
    return -most, most


def _trend(found: Slope) -> str:
    value, first, last = found
    seeds = f"{value.n} seed{'s' * (value.n > 1)}"
    slope_ = f"{points(value)} points for each 1 more, over {seeds}"
    return f"{TRENDS[value.outcome]} from ratio {first:g} to {last:g}: {slope_}"


def _published_trend(rows: Sequence[Row]) -> str:
    found = slope({row.key.ratio: row.published.seeds for row in rows if row.published})
    return f" (published, over the same ratios: {points(found[0])})" if found else ""


# -- against the published ----------------------------------------------------------------------------


def _against_published(rows: Sequence[Row], runs: StudyRuns) -> Iterator[str]:
    several = several_places(rows)
    pairs = [(row, row.difference, published_gain(row, runs)) for row in rows]
    both = [(row, here, there) for row, here, there in pairs if here and there and here.n >= ENOUGH]
    if not several:
        yield from (f"{row.series}: {_compared(here, there)}." for row, here, there in both)
        return
    for name in series_of([row for row, _, _ in both]):
        mine = [(row, here, there) for row, here, there in both if row.series == name]
        yield f"{name}: {_counted(mine)}."


def _compared(here: Estimate, there: Estimate) -> str:
    told = {True: "the intervals overlap", False: "the intervals do not overlap", None: "not comparable"}
    why = "" if overlap(here, there) is not None else ", as one has no interval"
    return f"published gain {points(there)}, here {points(here)} points; {told[overlap(here, there)]}{why}"


def _counted(mine: Sequence[tuple[Row, Estimate, Estimate]]) -> str:
    found = [overlap(here, there) for _, here, there in mine]
    apart = [row.place for (row, _, _), met in zip(mine, found) if met is False]
    known = sum(met is not None for met in found)
    at = f" (apart at {', '.join(apart)})" if apart else ""
    where = f"{found.count(True)} of {known} places{at}"
    return f"the intervals of the published gain and of ours overlap at {where}"


def overlap(a: Estimate, b: Estimate) -> bool | None:
    """Whether two intervals have a point in common; None if one of them is none."""
    if not (math.isfinite(a.low) and math.isfinite(b.low)):
        return None
    return a.low <= b.high and b.low <= a.high


# -- what the numbers do not say ----------------------------------------------------------------------


def _failures(rows: Sequence[Row]) -> Iterator[str]:
    failed, missing = sum(len(row.errors) for row in rows), sum(row.missing for row in rows)
    if failed:
        yield f"{failed} run{'s' * (failed > 1)} failed and {'are' if failed > 1 else 'is'} not in the means."
    if missing:
        yield f"{missing} run{'s' * (missing > 1)} of these cells {'are' if missing > 1 else 'is'} missing."


def _caveats(runs: StudyRuns, rows: Sequence[Row], selection: str | None) -> Iterator[str]:
    n, name = runs.info["task"]["counts"]["test"], chosen(runs, selection)
    if name == "oracle":
        yield f"Selection {called(name)}: nobody without test labels would reach these accuracies."
    yield (
        f"Numbers here are from {runs.info['task']['name']}, preset {runs.info['preset']}. "
        f"Intervals cover the randomness of training alone: all seeds share one test set of {n} items and "
        "one synthetic set. Nothing is corrected for comparing several methods."
    )
    if any(row.published and row.published.seeds for row in rows):
        yield (
            f"Published intervals are over its five seeds{_choice(runs)}. That two intervals overlap "
            "does not show that the gains are equal."
        )


def _choice(runs: StudyRuns) -> str:
    """How the published code chose epochs (the in-domain part by validation items, in order)."""
    if runs.info["generator"] == "csigan":
        return ", whose epochs were chosen by the accuracy on the test items themselves"
    return ", whose epochs were chosen on validation items"


# -- protocols ----------------------------------------------------------------------------------------


def survival(corrected: StudyRuns, released: StudyRuns) -> list[dict[str, str]]:
    """How much of each gain survives the corrected protocol.

    Parameters
    ----------
    corrected, released : StudyRuns
        The same study under the two protocols, each with the selection of its own.

    Returns
    -------
    list of dict of str
        A row for every series (and place, where there are several): gain over only real as published, and
        here under either protocol, in points; corrected minus released, paired by seed; and the outcome.
    """
    after, before = finished(corrected.rows()), {row.key: row for row in released.rows()}
    pairs = [(row, before[row.key]) for row in after if row.key in before and not is_baseline(row)]
    axis = str(corrected.info["axis"] or "place")
    return [
        {
            **({axis: new.place} if several_places(after) else {}),
            "series": new.series,
            **({} if corrected.is_own else {"published gain": points(published_gain(new, corrected))}),
            "released gain here": points(old.difference),
            "corrected gain here": points(new.difference),
            "corrected minus released": points(_change(new, after, old, list(before.values()))),
            "under the corrected protocol": _left(new.difference),
        }
        for new, old in pairs
    ]


def _change(new: Row, after: Sequence[Row], old: Row, before: Sequence[Row]) -> Estimate | None:
    return paired_difference(gains(new, after), gains(old, before))


def _left(gain: Estimate | None) -> str:
    return LEFT[gain.outcome] if gain else "nothing measured"
