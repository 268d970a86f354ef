"""What a user brings to a task or synthetic items: labels matched, axes turned, items dealt out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from assay.data.arrange import Arranged, Arrangement, arranged
from assay.data.class_names import ClassOptions
from assay.data.labels import matched_labels, own_labels, read_labels
from assay.data.mapped import mapped
from assay.data.own import Own, numbered_groups
from assay.data.split import SHARES, Deal, Shares, split_task, task_of_parts
from assay.data.tabular.naming import Reading
from assay.errors import UserError
from assay.findings import Finding
from assay.lazy import lazy
from assay.settings import replaced
from assay.types import Kind, Normalise, Samples, Seed, Task


@dataclass(frozen=True, kw_only=True)
class OwnTask(ClassOptions, Arrangement, Reading):
    """What the content of real data would otherwise decide.

    Parameters
    ----------
    kind, normalise : str, optional
        As in `Task`; by default what the items look like, and what suits that.
    seed, shares, deal
        As in `assay.data.split.split_task`, where the data have no split.
    """

    kind: Kind | None = None
    normalise: Normalise | None = None
    seed: Seed = 0
    shares: Shares = SHARES
    deal: Deal | None = None

    def task(self, own: Own, name: str) -> Task:
        """The task in what a user brings; what is said there counts where the settings say nothing.

        Raises
        ------
        UserError
            If labels are missing or of no usual form, or options do not fit.
        """
        said = self.with_said(own, name)
        samples, split, kind = said.labelled(own)
        chosen = {"kind": kind, **({"normalise": said.normalise} if said.normalise else {})}
        classes = samples.classes or ()
        if split is not None:
            return task_of_parts(samples, split, classes, name, **chosen)
        return split_task(samples, classes, name, self.seed, self.shares, self.deal, **chosen)

    def with_said(self, own: Own, name: str) -> OwnTask:
        """The settings, with what the data say of themselves where they say nothing."""
        unsaid = {key: value for key, value in own.options.items() if not getattr(self, key)}
        return replaced(self, unsaid, name)

    def labelled(self, own: Own) -> tuple[Samples, NDArray[np.str_] | None, Kind]:
        """All items with their classes, the part of each if that is given, and what kind they are."""
        if own.y is None:
            raise UserError("y: missing; a task needs the class of its items")
        items = _arranged(own.x, self, self.kind)
        labels, matching = own_labels(read_labels(own.y, own.classes, len(own.x)), self)
        y, kept = labels.by(matching)
        found = (*own.findings, *items.findings, *labels.findings, *matching.findings)
        samples = replace(_samples(own, items.x, y, matching.classes, found), kind=items.kind)
        split = own.split if own.split is None or kept.all() else own.split[kept]
        return samples if kept.all() else samples[kept], split, items.kind


@dataclass(frozen=True, kw_only=True)
class OwnSynthetic(ClassOptions, Arrangement, Reading):
    """What the content of synthetic data would otherwise decide."""

    def of(
        self, own: Own, classes: tuple[str, ...], shape: tuple[int, ...], kind: Kind | None, name: str
    ) -> Samples:
        """The items, arranged to be of this shape and kind, labelled by their place in known classes.

        Raises
        ------
        UserError
            If a label is no known class.
        """
        items = self._like(own.x, shape, kind)
        if own.y is None:
            return _samples(own, items.x, None, classes, own.findings + items.findings)
        labels = read_labels(own.y, own.classes, len(own.x), "synthetic")
        named, matching = matched_labels(labels, classes, self, name)
        y, kept = named.by(matching)
        found = (*own.findings, *items.findings, *named.findings, *matching.findings)
        samples = _samples(own, items.x, y, classes, found)
        return samples if kept.all() else samples[kept]

    def _like(self, x: NDArray[Any], shape: tuple[int, ...], kind: Kind | None) -> Arranged:
        """Items of that shape as they are; others as they are probably meant, or as the options say."""
        says, stored = any((self.axes, self.shape, self.iq, self.part)), Arranged(x, kind or "signal", ())
        if x.shape[1:] == shape and not says:
            return _kept_in_file(stored)
        turned = _arranged(x, self, kind, "synthetic")
        return turned if says or turned.x.shape[1:] == shape else _kept_in_file(stored)


def _arranged(x: NDArray[Any], options: Arrangement, kind: Kind | None, part: str = "") -> Arranged:
    """Items as networks take them; those that are read when they are looked up already are."""
    if lazy(x) is None:
        return _kept_in_file(arranged(x, options, kind, part))
    pictures = len(x.shape) == 4 and x.shape[1] in (1, 3)
    return Arranged(x, kind or ("image" if pictures else "vector" if len(x.shape) == 2 else "signal"), ())


def _kept_in_file(found: Arranged) -> Arranged:
    """The same, its items looked up in their file where they were not copied."""
    return found._replace(x=cast(Any, mapped(found.x))) if isinstance(found.x, np.memmap) else found


def _samples(
    own: Own,
    x: NDArray[Any],
    y: NDArray[np.int64] | None,
    classes: tuple[str, ...],
    found: tuple[Finding, ...],
) -> Samples:
    group = None if own.group is None else numbered_groups(own.group)
    facts = {"classes": classes, "features": own.features, "origin": own.origin}
    return Samples(x, y, group, found, own.files, **facts)  # type: ignore[arg-type]
