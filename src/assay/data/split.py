"""Real data without a given split: items of each class, or whole groups, dealt out to the parts of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.class_names import check_count
from assay.data.deal_groups import deal_groups
from assay.data.spellings import PARTS
from assay.errors import UserError
from assay.findings import Finding
from assay.item_numbers import check_range
from assay.types import UNKNOWN, Kind, Normalise, Samples, Task

DEALT = ("labelled", "unlabelled", "validation", "test")
SHARES = (0.3, 0.3, 0.1, 0.3)
Shares = tuple[float, float, float, float]
Deal = Literal["groups", "items"]
NORMALISE: dict[Kind, Normalise] = {"image": "channel", "signal": "item", "vector": "channel"}


def split_task(
    samples: Samples,
    classes: tuple[str, ...] | None = None,
    name: str = "data",
    seed: int = 0,
    shares: Shares = SHARES,
    deal: Deal | None = None,
    **options: Any,
) -> Task:
    """A task from labelled real data: 30 % labelled, 30 % unlabelled, 10 % validation, 30 % test by class.

    Items whose class is unknown (-1) all go to the unlabelled part. Where there are groups of several items,
    whole groups are dealt out, as near to those shares of each class as they allow; then items of unknown
    class in groups of test items are left out.

    Parameters
    ----------
    samples : Samples
    classes : tuple of str, optional
        Names; by default those that the samples know, else the numbers themselves.
    name : str
    seed : int
        Same seed, same split.
    shares : four floats that sum to 1
        Of the labelled, unlabelled, validation and test part. The second and the third may be 0.
    deal : {"groups", "items"}, optional
        ``items`` deals items out, groups or not: then items of one group stand on both sides.
    **options
        Of `Task`: `normalise`, `kind`, `findings`.

    Raises
    ------
    UserError
        If a class has fewer items than there are parts, groups are too few, or a label is out of range.
    """
    names = classes or samples.classes or numbered(samples.y)
    check_range("y", samples.y, len(names), UNKNOWN)
    check_shares(shares)
    by_group = deal == "groups" or (deal is None and has_groups(samples))
    part = (_by_groups if by_group else _by_items)(samples, names, shares, seed)
    kept = part != ""
    found = (*options.pop("findings", samples.findings), *_told(samples, kept, by_group))
    return task_of_parts(samples, part, names, name, findings=found, **options)


def has_groups(samples: Samples) -> bool:
    """Whether groups say something: there are several, and some of them hold several items."""
    return 1 < len(np.unique(samples.group)) < len(samples)


def _by_items(samples: Samples, names: tuple[str, ...], shares: Shares, seed: int) -> NDArray[np.str_]:
    rng, needed = np.random.default_rng(seed), sum(share > 0 for share in shares)
    part = np.full(len(samples), "unlabelled", dtype="U10")
    for label, class_name in enumerate(names):
        members = np.flatnonzero(samples.y == label)
        if len(members) < needed:
            raise UserError(
                f"y: class '{class_name}' has {len(members)} items; a split needs {needed} or more"
                f" ({_fewer(needed)}ignore={class_name} leaves the class out)"
            )
        part[rng.permutation(members)] = dealt(len(members), shares)
    return part


def _fewer(needed: int) -> str:
    return "shares=0.5+0+0+0.5 needs two, " if needed > 2 else ""


def _by_groups(samples: Samples, names: tuple[str, ...], shares: Shares, seed: int) -> NDArray[np.str_]:
    """Parts of whole groups; "" for items that no part may have."""
    part = deal_groups(samples.y, samples.group, names, dict(zip(DEALT, shares)), seed)
    unknown = samples.y == UNKNOWN
    return np.where(unknown, np.where(part == "test", "", "unlabelled"), part)


def _told(samples: Samples, kept: NDArray[np.bool_], by_group: bool) -> list[Finding]:
    if not has_groups(samples):
        return []
    if not by_group:
        return [Finding("note", "deal", "items are dealt out, of whatever group (deal=items)")]
    found = [Finding("note", "deal", "whole groups are dealt out (deal=items deals items)")]
    left, n = int((~kept).sum()), len(samples)
    message = f"{left} items of unknown class belong to groups of test items: left out"
    return found + [Finding("note", "unknown_of_test_groups", message, count=left, of=n)] * bool(left)


def dealt(n: int, shares: Shares = SHARES) -> NDArray[np.str_]:
    """The part of each of n items: its share of them, at least one item a part whose share is above 0."""
    counts = {part: max(1, int(share * n)) if share else 0 for part, share in zip(DEALT, shares)}
    counts["test"] = n - sum(counts.values()) + counts["test"]
    return np.repeat(list(counts), list(counts.values()))


def check_shares(shares: Shares) -> None:
    """Raise `UserError` unless they are shares of four parts, some of them labelled and some test."""
    whole = len(shares) == len(DEALT) and min(shares) >= 0 and abs(sum(shares) - 1) < 1e-6
    if not whole or not shares[0] or not shares[3]:
        raise UserError(
            f"shares: {'+'.join(map(str, shares))}; expected four that sum to 1, of {', '.join(DEALT)}, "
            "the first and the last above 0"
        )


def task_of_parts(
    samples: Samples, part: NDArray[np.str_], classes: tuple[str, ...], name: str, **options: Any
) -> Task:
    """A task from items and the name of each item's part, "" for those of no part.

    Raises
    ------
    UserError
        If a part's name is not one of labelled, shots, unlabelled, validation, test.
    """
    unknown = sorted(set(part.tolist()) - {*PARTS, ""})
    if unknown:
        raise UserError(f"split: '{unknown[0]}'; expected one of {', '.join(PARTS)}")
    parts: Mapping[str, Samples] = {known: samples[part == known] for known in PARTS}
    given = {**suited(samples, options.get("kind") or samples.kind), "findings": samples.findings, **options}
    return Task(name, classes, **parts, **given)  # type: ignore[arg-type]


def numbered(y: NDArray[np.int64]) -> tuple[str, ...]:
    """Class names 0 to the highest label, of which there cannot be more than items."""
    check_range("y", y, len(y), UNKNOWN)
    check_count(range(int(y.max(initial=UNKNOWN)) + 1))
    return tuple(str(label) for label in range(int(y.max(initial=UNKNOWN)) + 1))


def suited(samples: Samples, kind: Kind | None = None) -> dict[str, Kind | Normalise]:
    """How items of this shape are pictured and normalised unless the user says otherwise."""
    if kind is None:
        pictures = len(samples.shape) == 3 and samples.shape[0] in (1, 3)
        kind = "image" if pictures else "vector" if len(samples.shape) == 1 else "signal"
    return {"kind": kind, "normalise": NORMALISE[kind]}
