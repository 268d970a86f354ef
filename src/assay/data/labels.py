"""Labels as people store them (text, booleans, columns, one-hot, from 1, with gaps) to classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.class_names import ClassOptions, Matching, matched, own_classes
from assay.errors import UserError
from assay.findings import Finding
from assay.item_numbers import check_range, whole_numbers
from assay.types import UNKNOWN

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels as numbers.

    Attributes
    ----------
    y : int array, shape (n,)
        Place in `names`, or the numbers in the file if there are no names; -1 where unknown.
    names : tuple of str, optional
    findings : tuple of Finding
    """

    y: Ints
    names: tuple[str, ...] | None
    findings: tuple[Finding, ...] = ()

    def by(self, matching: Matching) -> tuple[Ints, NDArray[np.bool_]]:
        """Places in the classes of a matching, and which items are of a class that is not left out."""
        names = self.names or ()
        place = np.array([*(matching.place.get(name, UNKNOWN) for name in names), UNKNOWN])
        y = place[self.y]  # -1 finds the last
        return y, (y != UNKNOWN) | (self.y == UNKNOWN)


def read_labels(y: NDArray[Any], names: tuple[str, ...] | None, n: int, part: str = "") -> Labels:
    """Labels of any of the usual forms.

    Parameters
    ----------
    y : array, shape (n,), (n, 1) or (n, classes)
        Text, booleans or numbers; rows of one 1 and else 0.
    names : tuple of str, optional
        Class names in the file.
    n : int
        Items.
    part : str
        What the findings are about: "" for a whole task, or "synthetic".

    Raises
    ------
    UserError
        If it is none of these.
    """
    flat, said = _flattened(y, n)
    if flat.dtype.kind in "US":
        labels = _of_text(flat, names)
        said.append("text")
    elif flat.dtype.kind == "b":
        labels = Labels(flat.astype(np.int64), names or ("false", "true"))
        said.append("booleans")
    else:
        labels = Labels(whole_numbers("y", flat, n, UNKNOWN), names)
    where, known = f"{part}: " if part else "", ", ".join((labels.names or ())[:12])
    message = f"{where}labels stored as {' of '.join(said)}: read{f' as {known}' if known else ''}"
    return replace(labels, findings=(Finding("note", "labels", message, part),) if said else ())


def own_labels(labels: Labels, options: ClassOptions) -> tuple[Labels, Matching]:
    """Labels of a task with names for all of them, and its classes.

    Raises
    ------
    UserError
        If a label is negative, but for -1, or an option names a class that is not there.
    """
    named = _numbers_from_1(labels) if labels.names else _signed(labels) or _named_by_numbers(labels)
    return named, own_classes(named.names or (), options)


def matched_labels(
    labels: Labels, classes: Sequence[str], options: ClassOptions, file: str
) -> tuple[Labels, Matching]:
    """Labels of synthetic items with names for all of them, and which classes of the task these are.

    Raises
    ------
    UserError
        If a name or number is no class of the task.
    """
    if labels.names:
        named = _numbers_from_1(labels)
        return named, matched(named.names or (), classes, options, "synthetic")
    named = (_signed(labels) if "-1" in classes else None) or _named_by_numbers(labels)
    numbers = list(named.names or ())
    if set(numbers) <= set(classes) or not numbers:
        return named, matched(numbers, classes, options, "synthetic")
    implied, notes = _in_order(labels.y, classes, options, file)
    found = matched(numbers, classes, replace(options, rename=implied), "synthetic")
    return named, replace(found, findings=(*notes, *found.findings))


def _flattened(y: NDArray[Any], n: int) -> tuple[NDArray[Any], list[str]]:
    """Labels along one axis, and the words for what was done."""
    if y.ndim == 2 and y.shape == (n, 1):
        return y[:, 0], ["one column"]
    if y.ndim == 2 and len(y) == n and y.shape[1] > 1 and y.dtype.kind in "buif" and _one_hot(y):
        return np.where(y.any(1), y.argmax(1), UNKNOWN), ["one-hot rows"]
    if y.shape != (n,):
        raise UserError(
            f"y: shape {y.shape}; expected ({n},), one for each item of x, or one-hot rows (of probabilities "
            "give the argmax)"
        )
    return y, []


def _one_hot(y: NDArray[Any]) -> bool:
    return bool(((y == 0) | (y == 1)).all() and (y.sum(1) <= 1).all() and y.any())


def _of_text(y: NDArray[Any], names: tuple[str, ...] | None) -> Labels:
    """Text by its place in the names, or in those that are found; numerals in the order of numbers."""
    text = np.char.strip(decoded_text("y", y))
    found = sorted(set(text.tolist()) - {""}, key=_by_number)
    known = names or tuple(found)
    strange = [name for name in found if name not in known]
    if strange:
        raise UserError(f"y: '{strange[0]}' is none of classes ({', '.join(known)})")
    place = {name: place for place, name in enumerate(known)}
    return Labels(np.array([place.get(name, UNKNOWN) for name in text.tolist()], dtype=np.int64), known)


def _by_number(name: str) -> tuple[bool, int, str]:
    """Numerals come first, and 10 after 9; other names follow by the alphabet."""
    return not name.isdecimal(), len(name.lstrip("0")) if name.isdecimal() else 0, name


def decoded_text(key: str, array: NDArray[Any]) -> NDArray[np.str_]:
    """Text, of bytes if need be.

    Raises
    ------
    UserError
        If bytes are no UTF-8.
    """
    try:
        return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array.astype(np.str_)
    except UnicodeDecodeError:
        raise UserError(f"{key}: {array.dtype}: bytes that are no text in UTF-8") from None


def _values(y: Ints) -> list[int]:
    return [int(value) for value in np.unique(y[y != UNKNOWN])]


def _named_by_numbers(labels: Labels) -> Labels:
    """Labels whose classes are the numbers that occur."""
    if len(labels.y):
        check_range("y", labels.y, max(int(labels.y.max()), 0) + 1, UNKNOWN)
    values = _values(labels.y)
    names = tuple(str(value) for value in values)
    place = np.where(labels.y == UNKNOWN, UNKNOWN, np.searchsorted(values, labels.y))
    odd = values != list(range(len(values)))
    notes = [Finding("note", "labels", f"labels read as {len(values)} classes: {_shown(values)}")] * odd
    return Labels(place, names, labels.findings + tuple(notes))


def _signed(labels: Labels) -> Labels | None:
    """Labels whose classes are -1 and 1: a single class and unknown items would make no task."""
    if _values(labels.y) != [1] or not (labels.y == UNKNOWN).any():
        return None
    note = Finding("note", "labels", "labels -1 and 1 read as two classes, none of them unknown")
    return Labels((labels.y + 1) // 2, ("-1", "1"), (*labels.findings, note))


def _shown(values: Sequence[int]) -> str:
    if len(values) > 3 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]} to {values[-1]}"
    return ", ".join(map(str, values[:12])) + (" ..." if len(values) > 12 else "")


def _numbers_from_1(labels: Labels) -> Labels:
    """Labels with names, those of 1 to the number of names counted from 0."""
    names, known = labels.names or (), labels.y[labels.y != UNKNOWN]
    if len(known) and known.min() >= 1 and known.max() == len(names):
        note = Finding(
            "note", "labels", f"labels 1 to {len(names)} read as the {len(names)} names in their order"
        )
        y = np.where(labels.y == UNKNOWN, UNKNOWN, labels.y - 1)
        return Labels(y, names, (*labels.findings, note))
    check_range("y", labels.y, len(names), UNKNOWN)
    return labels


def _in_order(
    y: Ints, classes: Sequence[str], options: ClassOptions, file: str
) -> tuple[tuple[str, ...], list[Finding]]:
    """Renamings of numbers to the task's classes in their order; those that the user gives come first."""
    asked = {text.partition(":")[0].strip() for text in options.rename} | set(options.ignore)
    values = [value for value in _values(y) if str(value) not in asked]
    first = int(bool(values) and min(values) >= 1 and max(values) == len(classes))
    for value in values:
        if not 0 <= value - first < len(classes):
            place = int(np.flatnonzero(y == value)[0])
            raise UserError(f"y: label {value} of item {place}; expected {UNKNOWN} to {len(classes) - 1}")
    message = f"no class names in {file}: numbers are taken in the task's order"
    message += f", {first} is {classes[0]}" if values else ""
    doubtful = all(name.isdecimal() for name in classes)  # they are numbers too, and others
    way_out = f"rename={values[0]}:... says which class it is" if doubtful and values else ""
    found = Finding("warn" if doubtful else "note", "labels_in_order", message, "synthetic", way_out=way_out)
    implied = (f"{value}:{classes[value - first]}" for value in values)
    return (*options.rename, *implied), [found] * bool(values)
