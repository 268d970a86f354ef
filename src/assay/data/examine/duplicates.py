"""Are test items, byte for byte, among those that are learned from? Are synthetic items real ones?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.facts import LEARNED, SYNTHETIC, Facts, among, amount
from assay.findings import Finding, Severity

REFUSED_FROM = 0.1
"""So large a share of the test items among labelled ones makes accuracies meaningless."""
WITH_LABELS = ("labelled", "shots")


def duplicates_of_test(facts: Facts) -> Iterator[Finding]:
    """Test items that are also in another part: refused from a tenth of them in labelled, else warned of.

    Among unlabelled items, which some protocols take from the test, a method learns from them without labels;
    among validation items they choose the epoch. Constant items say nothing: another question finds them.
    """
    test = facts.real["test"]
    for part in ("labelled", "shots", "unlabelled", "validation"):
        if part in facts.real:
            found = among(test.hashes, facts.real[part].hashes) & ~test.constant
            if found.any():
                yield _of_test(part, found)


def _of_test(part: str, found: NDArray[np.bool_]) -> Finding:
    count, of, first = int(found.sum()), len(found), int(np.argmax(found))
    many, with_labels = count >= REFUSED_FROM * of, part in WITH_LABELS
    grave: Severity = "refuse" if with_labels and many else "warn"
    message = f"{amount(count, of, 'test')} are also in {part}, the first is test item {first}"
    return Finding(
        grave,
        "duplicates_test" if with_labels else f"duplicates_test_{part}",
        message,
        "test",
        count,
        of,
        first,
        way_out=f"take them out of {part}",
        touches=f"{amount(count, of, 'test')} are also in {part}",
        bars_use=with_labels or (many and part in LEARNED),
    )


def synthetic_is_real(facts: Facts) -> Iterator[Finding]:
    """Synthetic items that are items of a part: of a test refused, else warned of.

    Constant items say nothing. Where real labelled items are test items as often (tables of few different
    rows), chance does it: then it is a warning.
    """
    if SYNTHETIC not in facts.surveys:
        return
    made = facts.surveys[SYNTHETIC]
    for part, survey in facts.real.items():
        found = among(made.hashes, survey.hashes) & ~made.constant
        if found.any():
            yield _synthetic(facts, part, found)


def _synthetic(facts: Facts, part: str, found: NDArray[np.bool_]) -> Finding:
    count, of, first = int(found.sum()), len(found), int(np.argmax(found))
    test, share = part in facts.tests, _share_of_real(facts, part)
    by_chance = share > 0 and count / of <= 2 * share
    beside = f"; of real labelled items {share:.1%} are" if share > 0 else ""
    touches = f"{amount(count, of, 'synthetic')} are {part} items"
    return Finding(
        "refuse" if test and not by_chance else "warn",
        "synthetic_is_test" if test else f"synthetic_is_{part}",
        f"{touches}, the first is synthetic item {first}{beside}",
        SYNTHETIC,
        count,
        of,
        first,
        way_out="make the synthetic data without them" if test else "",
        touches=touches,
        bars_use=test,
    )


def _share_of_real(facts: Facts, part: str) -> float:
    """How many of the labelled items are items of another part, range [0, 1]."""
    if part == "labelled":
        return 0.0
    return float(among(facts.real["labelled"].hashes, facts.real[part].hashes).mean())


def repeats(facts: Facts) -> Iterator[Finding]:
    """Items that are equal to an earlier one of their part: warned of where there are many, else noted."""
    for part, survey in facts.surveys.items():
        places = np.flatnonzero(~survey.constant)
        _, firsts, counts = np.unique(survey.hashes[places], return_index=True, return_counts=True)
        again = len(places) - len(counts)
        if not again:
            continue
        most = int(np.argmax(counts))
        severe = again >= REFUSED_FROM * len(survey) or counts[most] >= max(10, len(survey) / 100)
        first = int(places[firsts[most]])
        said = f"{amount(again, len(survey), part)} equal an earlier one"
        message = f"{said}; item {first} is there {counts[most]} times"
        yield Finding(
            "warn" if severe else "note",
            "repeats",
            message,
            part,
            again,
            len(survey),
            first,
            touches=said if severe else "",
        )
