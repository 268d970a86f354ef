"""Whole groups dealt out to parts, stratified by class as far as groups allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.types import UNKNOWN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STARTS = 8
MOVED, SWAPPED, STARTED = 2000, 60, 400
"""So many groups or fewer are moved, swapped, started anew; more of them lie evenly as they fall."""
ROOM = 1 << 22
"""Numbers in tables that are compared at a time; with more classes, groups lie as they fall."""
WAYS_OUT = (
    "whole groups cannot be dealt out so: deal=items deals items (items of one group then stand on both "
    "sides), shares=0.5+0+0+0.5 asks for two parts alone, and split in the file is your own"
)
LACKING = 10.0
"""What a class costs that labelled or test lacks, beside squares of shares of at most 1."""


def deal_groups(
    y: Ints, group: Ints, classes: Sequence[str], shares: Mapping[str, float], seed: int
) -> NDArray[np.str_]:
    """The part of each item, the same for all items of a group.

    Groups are dealt from the largest to the smallest, each to the part where the shares of all classes then
    lie nearest to what is asked (least squares); then groups are moved and swapped while that helps. The
    best of a few random orders is taken.

    Parameters
    ----------
    y, group : int arrays, shape (n,)
        -1 in `y` is an unknown class; groups of nothing else are unlabelled.
    classes : sequence of str
    shares : mapping of str to float
        Of each part; "labelled" and "test" are among them.
    seed : int

    Raises
    ------
    UserError
        If there are fewer groups than parts, or a class stands in too few groups for labelled and test.
    """
    parts = [part for part, share in shares.items() if share > 0]
    group_names, of_item = np.unique(group, return_inverse=True)
    counts = np.zeros((len(group_names), len(classes)))
    np.add.at(counts, (of_item[y != UNKNOWN], y[y != UNKNOWN]), 1)
    labelled = np.flatnonzero(counts.sum(1))
    _check_groups(counts, classes, parts)
    dealing = _Dealing.of(counts[labelled], np.array([shares[part] for part in parts]), parts)
    place = dealing.best(np.random.default_rng(seed))
    _check_dealt(dealing.held(place), classes, parts)
    part = np.full(len(group_names), "unlabelled", dtype="U10")
    part[labelled] = np.array(parts)[place]
    return part[of_item]


@dataclass(frozen=True, eq=False)
class _Dealing:
    """Shares of each class in each group (groups, classes + 1), what is asked, who needs all classes."""

    content: Floats
    asked: Floats
    needy: NDArray[np.bool_]

    @staticmethod
    def of(counts: Floats, asked: Floats, parts: Sequence[str]) -> _Dealing:
        # the last column holds the share of all groups: as many groups as asked, where classes leave a choice
        shares = counts / np.maximum(counts.sum(0), 1)
        content = np.column_stack([shares, np.full(len(counts), 1 / len(counts))])
        return _Dealing(content, asked, np.isin(parts, ("labelled", "test")))

    def held(self, place: Ints) -> Floats:
        """Share of each class in each part, (parts, classes + 1)."""
        held = np.zeros((len(self.asked), self.content.shape[1]))
        np.add.at(held, place, self.content)
        return held

    def costs(self, held: Floats) -> Floats:
        """Of tables (..., parts, classes + 1): squares of too much or too little, and what is lacking."""
        off = np.square(held - self.asked[:, None]).sum((-1, -2))
        empty = held < 1e-12
        lacking = (empty & self.needy[:, None]).sum((-1, -2)) + empty[..., -1].sum(-1)
        return np.asarray(off + LACKING * lacking)

    def best(self, rng: np.random.Generator) -> Ints:
        """The cheapest of a few dealings."""
        starts = STARTS if len(self.content) <= STARTED else 1
        found = [self.improved(self.greedy(rng)) for _ in range(starts)]
        return min(found, key=lambda place: float(self.costs(self.held(place))))

    def greedy(self, rng: np.random.Generator) -> Ints:
        """Largest groups first, equal ones in a random order, each where it fits best."""
        order = rng.permutation(len(self.content))
        order = order[np.argsort(-self.content[order].sum(1), kind="stable")]
        place, held = np.zeros(len(order), dtype=np.int64), np.zeros((len(self.asked), self.content.shape[1]))
        steps = np.eye(len(self.asked))[:, :, None]
        for group in order:
            place[group] = np.argmin(self.costs(held + steps * self.content[group]))
            held[place[group]] += self.content[group]
        return place

    def improved(self, place: Ints) -> Ints:
        """Groups moved, and pairs of few groups swapped, while that makes it cheaper."""
        n, table = len(place), len(self.asked) * self.content.shape[1]
        movable = n <= MOVED and n * len(self.asked) * table <= ROOM
        swappable = n <= SWAPPED and n * n * table <= ROOM
        for _ in range(4 * n if movable else 0):
            held = self.held(place)
            changes = [self._move(place, held), *([self._swap(place, held)] if swappable else [])]
            cost, changed = min(changes, key=lambda change: change[0])
            if cost >= float(self.costs(held)) - 1e-12:
                break
            place = changed
        return place

    def _move(self, place: Ints, held: Floats) -> tuple[float, Ints]:
        """The cheapest dealing with one group in another part, and its cost."""
        own = np.eye(len(self.asked))
        without = held - own[place][:, :, None] * self.content[:, None]
        costs = self.costs(without[:, None] + own[None, :, :, None] * self.content[:, None, None])
        group, part = np.unravel_index(np.argmin(costs), costs.shape)
        changed = place.copy()
        changed[group] = part
        return float(costs[group, part]), changed

    def _swap(self, place: Ints, held: Floats) -> tuple[float, Ints]:
        """The cheapest dealing with two groups in each other's part, and its cost."""
        first, second = np.triu_indices(len(place), 1)
        pairs, gain = np.arange(len(first)), self.content[first] - self.content[second]
        tables = np.repeat(held[None], len(first), axis=0)
        tables[pairs, place[first]] -= gain
        tables[pairs, place[second]] += gain
        costs = self.costs(tables)
        best = int(np.argmin(costs))
        changed = place.copy()
        changed[[first[best], second[best]]] = place[[second[best], first[best]]]
        return float(costs[best]), changed


def _check_groups(counts: Floats, classes: Sequence[str], parts: Sequence[str]) -> None:
    known = int((counts.sum(1) > 0).sum())
    if known < len(parts):
        raise UserError(f"group: {known} groups for {len(parts)} parts ({', '.join(parts)}); {WAYS_OUT}")
    few = np.flatnonzero((counts > 0).sum(0) < 2)
    if len(few):
        n = int((counts[:, few[0]] > 0).sum())
        raise UserError(f"group: class '{classes[few[0]]}' stands in {n} of {known} groups; {WAYS_OUT}")


def _check_dealt(held: Floats, classes: Sequence[str], parts: Sequence[str]) -> None:
    empty = [part for part, row in zip(parts, held) if row[-1] < 1e-12]
    if empty:
        raise UserError(f"group: no whole group is left for {empty[0]}; {WAYS_OUT}")
    for part in ("labelled", "test"):
        lacking = np.flatnonzero(held[parts.index(part), :-1] < 1e-12)
        if len(lacking):
            raise UserError(f"group: no whole group of class '{classes[lacking[0]]}' for {part}; {WAYS_OUT}")
