"""The two types that walk through every room: `Samples` and `Task`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, cast

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from assay.errors import UserError
from assay.findings import Finding
from assay.item_files import ItemFiles
from assay.item_numbers import check_numbers, check_range, whole_numbers
from assay.lazy import lazy
from assay.markup import html_table
from assay.table_columns import Features

UNKNOWN, PER_ITEM = -1, ("y", "group", "origin")
Normalise = Literal["item", "channel", "none"]
Kind = Literal["image", "signal", "vector"]
Seed = Annotated[int, Ge(0)]


def _no_ints(n: int, fill: int) -> NDArray[np.int64]:
    return np.full(n, fill, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Samples:
    """Examples with their class and their group.

    Parameters
    ----------
    x : array or `Lazy` items, shape (n, *shape)
        Numbers, channels first: (channel, height, width) for images, (antenna, time, subcarrier) for CSI,
        (channel, time) for other signals, (feature,) for vectors. Real or complex, finite, 2^64 at most.
    y : int array, shape (n,), optional
        Class, or the condition a synthetic item was generated for; -1 where unknown (the default).
    group : int array, shape (n,), optional
        User, room or camera; 0 by default.
    findings : tuple of Finding
        What was found where the items were read. No part of the content: not in the digest.
    files : ItemFiles, optional
        The picture files that items in memory or streamed were read from. No part of the content either.
    origin : int array, shape (n,), optional
        Of synthetic items: the real item each was made from, by its place among the task's labelled items and
        then its shots; -1 where there is none, or it is unknown (the default).
    classes, features, kind : tuple of str, Features, str, optional
        Names of classes, of a table its columns, and what kind the items are (as in `Task`), where they are
        known. No part of the content either.

    Raises
    ------
    UserError
        If lengths differ, `x` is not numeric, not finite or too large, or `y`, `group` or `origin` are no
        whole numbers.
    """

    x: NDArray[Any]
    y: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    group: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    findings: tuple[Finding, ...] = ()
    files: ItemFiles | None = None
    origin: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    classes: tuple[str, ...] | None = None
    features: Features | None = None
    kind: Kind | None = None

    def __post_init__(self) -> None:
        x = self.x if lazy(self.x) is not None else np.asarray(self.x)
        check_numbers(x)
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", whole_numbers("y", self.y, len(x), UNKNOWN))
        object.__setattr__(self, "group", whole_numbers("group", self.group, len(x), 0))
        object.__setattr__(self, "origin", whole_numbers("origin", self.origin, len(x), UNKNOWN))

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: Any) -> Samples:
        """The items at `index` (a slice, a mask or an array of positions)."""
        items = lazy(self.x)
        x = self.x[index] if items is None else cast(NDArray[Any], items.subset(index))
        files = None if self.files is None else self.files[index]
        rows: Any = {k: getattr(self, k)[index] for k in PER_ITEM}
        return replace(self, x=x, files=files, **rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        return self.x.shape[1:]

    def without_labels(self) -> Samples:
        """The same items with their classes removed, not merely unused; files and origins name them too."""
        unknown = _no_ints(len(self), UNKNOWN)
        return replace(self, y=unknown, files=None, origin=unknown)

    def joined(self, other: Samples) -> Samples:
        """These items, then the others."""
        if len(other) == 0:
            return self
        rows: Any = {k: np.concatenate((getattr(self, k), getattr(other, k))) for k in PER_ITEM}
        found = tuple(dict.fromkeys(self.findings + other.findings))
        files = self.files.joined(other.files) if self.files and other.files else None
        return replace(self, x=_joined(self.x, other.x), findings=found, files=files, **rows)

    def counts(self, classes: int) -> NDArray[np.int64]:
        """Items of each class, shape (classes,); unknown ones are not counted."""
        return np.bincount(self.y[self.y >= 0], minlength=classes)

    def digest(self) -> str:
        """Hash of every byte of the content, of origins where any is known; of `Lazy` items their own."""
        sha = hashlib.sha256(repr((self.x.dtype.str, self.x.shape)).encode())
        items = lazy(self.x)
        x = self.x if items is None else np.frombuffer(items.digest().encode(), np.uint8)
        origin = (self.origin,) if (self.origin != UNKNOWN).any() else ()
        for array in (x, self.y, self.group, *origin):
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()[:20]

    @staticmethod
    def none_like(other: Samples) -> Samples:
        """No items, of the shape and type of another's."""
        return other[:0]


def _joined(x: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    first, second = lazy(x), lazy(other)
    if first is None or second is None:
        return np.concatenate((x, other))
    return cast(NDArray[Any], first.joined(second))


@dataclass(frozen=True, eq=False)
class Task:
    """Real data, split by what each part may be used for.

    Parameters
    ----------
    name : str
        Shown in tables.
    classes : tuple of str
        Class names; class i has the label i.
    labelled : Samples
        Labelled real items to train on (in adaptation: the source domain).
    test : Samples
        Labelled items that choose nothing and give the reported numbers.
    unlabelled : Samples, optional
        Real items of the place where the model will work. Their labels are removed here, by construction.
    validation : Samples, optional
        Labelled items that may choose the epoch.
    shots : Samples, optional
        A few labelled items of the target domain, where that differs from the source.
    further : mapping of str to Samples, optional
        More test sets by name (in and out of distribution, say); looked at, and nothing else, like `test`.
    normalise : {"item", "channel", "none"}
        Before training, real and synthetic alike: z-score of each item over all its elements; z-score of each
        channel by mean and deviation of the real items that are trained on, labelled or not; or nothing.
    kind : {"image", "signal", "vector"}
        How items are pictured and which backbones suit.
    findings : tuple of Finding
        What was found where the task was read or dealt out. No part of the content: not in the digest.

    Raises
    ------
    UserError
        If shapes differ, labels are missing or out of range, or a class has no labelled or no test item.
    """

    name: str
    classes: tuple[str, ...]
    labelled: Samples
    test: Samples
    unlabelled: Samples = field(default=None)  # type: ignore[assignment]
    validation: Samples = field(default=None)  # type: ignore[assignment]
    shots: Samples = field(default=None)  # type: ignore[assignment]
    further: Mapping[str, Samples] = field(default_factory=dict)
    normalise: Normalise = "item"
    kind: Kind = "signal"
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        empty = Samples.none_like(self.labelled)
        for part in ("unlabelled", "validation", "shots"):
            if getattr(self, part) is None:
                object.__setattr__(self, part, empty)
        object.__setattr__(self, "unlabelled", self.unlabelled.without_labels())
        _check_task(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        return self.labelled.shape

    @property
    def real(self) -> Samples:
        """All labelled real items that may be trained on: `labelled`, then `shots`."""
        return self.labelled.joined(self.shots)

    def parts(self) -> Iterator[tuple[str, Samples]]:
        """Each part by name."""
        for part in ("labelled", "shots", "unlabelled", "validation", "test"):
            yield part, getattr(self, part)
        yield from ((f"test {name}", samples) for name, samples in self.further.items())

    def _repr_html_(self) -> str:
        rows = [
            {"part": name, "items": str(len(part)), **self._by_class(name, part)}
            for name, part in self.parts()
        ]
        shape = " × ".join(map(str, self.shape))
        return html_table(f"{self.name}: {self.kind} items of {shape}, normalise={self.normalise}", rows)

    def _by_class(self, name: str, part: Samples) -> dict[str, str]:
        counts = part.counts(len(self.classes))
        return {c: "" if name == "unlabelled" else str(k) for c, k in zip(self.classes, counts)}

    def digest(self) -> str:
        """Hash of every byte of the content and of what decides its use."""
        content = [self.classes, self.normalise, self.kind, *(part.digest() for _, part in self.parts())]
        content += self.further
        return hashlib.sha256(repr(content).encode()).hexdigest()[:20]

    def check_synthetic(self, synthetic: Samples) -> None:
        """Raise `UserError` unless synthetic items fit this task: shape, number type, conditions, origins."""
        if len(synthetic) == 0:
            raise UserError("synthetic: no items")
        if synthetic.shape != self.shape:
            raise UserError(f"synthetic x: items of shape {synthetic.shape}; the task's have {self.shape}")
        if synthetic.x.dtype.kind == "c" and self.labelled.x.dtype.kind != "c":
            raise UserError("synthetic x: complex numbers; the task's are real (give the magnitude, say)")
        check_range("synthetic y", synthetic.y, len(self.classes), UNKNOWN)
        check_range("synthetic origin", synthetic.origin, len(self.labelled) + len(self.shots), UNKNOWN)


def _check_text(names: tuple[str, ...]) -> None:
    """Names of folders need not be text, but nothing that is written of them could be read again."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UserError(f"classes: {name!a} is no text (UTF-8); give it another name") from None


def _check_task(task: Task) -> None:
    if len(task.classes) < 2:
        raise UserError(f"classes: {len(task.classes)} of them; a task needs at least two")
    _check_text(task.classes)
    if len(set(task.classes)) < len(task.classes):
        raise UserError(f"classes: {', '.join(task.classes)}; expected different names")
    for part, samples in task.parts():
        if samples.shape != task.shape:
            raise UserError(f"{part} x: items of shape {samples.shape}; the labelled ones have {task.shape}")
        if (samples.x.dtype.kind == "c") != (task.labelled.x.dtype.kind == "c"):
            raise UserError(f"{part} x: {samples.x.dtype}; the labelled items are {task.labelled.x.dtype}")
        if part != "unlabelled":
            check_range(f"{part} y", samples.y, len(task.classes), 0)
    for part in ("labelled", "test"):
        missing = np.flatnonzero(getattr(task, part).counts(len(task.classes)) == 0)
        if len(missing):
            raise UserError(f"{part} y: no item of class '{task.classes[missing[0]]}'")


def check_ratio(ratio: float) -> None:
    """Raise `UserError` unless `ratio` is a finite number above 0."""
    if not 0 < ratio < np.inf:
        raise UserError(f"ratio: {ratio}; expected a number above 0")
