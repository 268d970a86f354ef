"""Are test items nearly among those that are learned from? By equal average hashes, told beside chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.facts import SYNTHETIC, Facts, among, amount
from assay.data.examine.survey import Survey
from assay.data.normalise import z_score_items
from assay.findings import Finding, Pair

Bools = NDArray[np.bool_]
SHOWN, LOOKED_AT = 5, 200
SUSPICIOUS = 0.001
"""A count of synthetic items that chance would reach so seldom is warned of."""
CLOSE = 0.5
"""Items of equal hash whose distance is mostly below this look alike; smooth strangers' is not."""
MANY = 0.1


def near_duplicates(facts: Facts) -> Iterator[Finding]:
    """Items whose average hash is that of an item of another part, without being equal to one of its items.

    Test items among labelled ones, and synthetic items among those of every part; beside them how many real
    items of other parts have such a twin. Many twins that look alike, or more synthetic ones than chance
    explains, are warned of.
    """
    if not facts.real["test"].average.shape[1]:
        return
    yield from _of_test(facts)
    if SYNTHETIC in facts.surveys:
        for part in facts.real:
            yield from _of_synthetic(facts, part)


def twins(of: Survey, others: Survey) -> Bools:
    """Which items have the average hash of one of the others, but equal none; constant ones have none."""
    keys, known = _keys(of), _keys(others)[~others.constant]
    return np.isin(keys, known) & ~of.constant & ~among(of.hashes, others.hashes)


def _keys(survey: Survey) -> NDArray[np.uint64]:
    """A number for every average hash: different ones, different numbers (but for 2^-64 a pair)."""
    odd = np.array(
        [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
    )
    mixed = survey.average * odd[: survey.average.shape[1]]
    mixed ^= mixed >> np.uint64(29)
    return np.asarray((mixed * odd[1]).sum(1, dtype=np.uint64))


def _of_test(facts: Facts) -> Iterator[Finding]:
    found = twins(facts.real["test"], facts.real["labelled"])
    count, of = int(found.sum()), len(found)
    if not count:
        return
    pairs = closest(facts, "test", "labelled", found)
    alike = count >= MANY * of and float(np.median([pair.distance for pair in pairs])) < CLOSE
    message = f"{amount(count, of, 'test')} nearly equal a labelled one (same average hash)"
    yield Finding(
        "warn" if alike else "note",
        "near_duplicates_test",
        message + _beside(facts, "labelled", ("validation", "unlabelled")),
        "test",
        count,
        of,
        int(np.argmax(found)),
        way_out="items that belong together share a group; whole groups are dealt out" if alike else "",
        touches=message if alike else "",
        details=_told(pairs),
        pairs=tuple(pairs[:SHOWN]),
    )


def _of_synthetic(facts: Facts, part: str) -> Iterator[Finding]:
    found = twins(facts.surveys[SYNTHETIC], facts.real[part])
    count, of = int(found.sum()), len(found)
    if not count:
        return
    pairs, others = closest(facts, SYNTHETIC, part, found), [other for other in facts.real if other != part]
    message = f"{amount(count, of, 'synthetic')} nearly equal an item of {part} (same average hash)"
    odd = _beyond_chance(facts, part, others, count, of)
    test = part in facts.tests
    yield Finding(
        "warn" if odd else "note",
        f"near_synthetic_{'test' if test else part}",
        message + _beside(facts, part, others),
        SYNTHETIC,
        count,
        of,
        int(np.argmax(found)),
        touches=f"{message}, more than chance explains" if odd else "",
        bars_use=odd and test,
        details=_told(pairs),
        pairs=tuple(pairs[:SHOWN]),
    )


def _by_chance(facts: Facts, part: str, others: Sequence[str]) -> tuple[int, int]:
    """How many of the items of other parts have a twin in this one."""
    shared = facts.real[part]
    found = [twins(facts.real[o], shared) for o in others if o in facts.real and facts.real[o] is not shared]
    return sum(int(one.sum()) for one in found), sum(map(len, found))


def _beside(facts: Facts, part: str, others: Sequence[str]) -> str:
    count, of = _by_chance(facts, part, others)
    return f"; of real items of other parts {count} of {of} do" if of else ""


def _beyond_chance(facts: Facts, part: str, others: Sequence[str], count: int, of: int) -> bool:
    """Whether synthetic items have a twin more often than real ones of other parts (Fisher's exact test)."""
    from scipy.stats import fisher_exact

    chance, real = _by_chance(facts, part, others)
    table = [[count, of - count], [chance, real - chance]]
    return bool(real and fisher_exact(table, alternative="greater").pvalue < SUSPICIOUS)


def closest(facts: Facts, part: str, other: str, found: Bools) -> list[Pair]:
    """Pairs of items of equal average hash, the most alike first; at most `LOOKED_AT` are looked at."""
    places = np.flatnonzero(found)
    places = places[:: -(-len(places) // LOOKED_AT)]
    theirs = facts.real[other]
    known = np.where(theirs.constant, np.uint64(0), _keys(theirs))
    order = np.argsort(known, kind="stable")
    twin = order[np.searchsorted(known[order], _keys(facts.surveys[part])[places])]
    apart = distances(facts.samples(part).x[places], facts.samples(other).x[twin])
    pairs = [Pair(part, int(a), other, int(b), round(float(d), 4)) for a, b, d in zip(places, twin, apart)]
    return sorted(pairs, key=lambda pair: pair.distance)


def distances(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Root mean square difference of items, each z-scored by itself, shape (n,)."""
    first, second = (z_score_items(np.abs(one) if one.dtype.kind == "c" else one) for one in (x, y))
    gaps = (first - second).reshape(len(first), -1)
    return np.asarray(np.sqrt(np.square(gaps).mean(1, dtype=np.float64)))


def _told(pairs: Sequence[Pair]) -> tuple[str, ...]:
    return tuple(
        f"{part} item {item} and {other} item {twin}: {distance:.2g} deviations apart"
        for part, item, other, twin, distance in pairs[:SHOWN]
    )
