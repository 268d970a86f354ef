"""Which axis of an item is which: said by the user, or guessed from the shape and a look at the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.types import Kind

Axis = Literal["channel", "height", "width", "antenna", "time", "subcarrier", "feature", "axis"]
Array = NDArray[Any]

PLURAL: dict[Axis, str] = {
    "channel": "channels",
    "height": "rows",
    "width": "columns",
    "antenna": "antennas",
    "time": "times",
    "subcarrier": "subcarriers",
    "feature": "features",
    "axis": "numbers",
}
CHANNELS = (1, 3, 4)
SUBCARRIERS = {30, 52, 56, 57, 90, 108, 114, 117, 122, 234, 242, 245, 484, 490, 996}
"""How many subcarriers the Wi-Fi tools in use report, at 20 to 160 MHz."""
ALSO_SUBCARRIERS = {64, 128, 192, 256, 512}
"""So many, too, but pictures and windows are often as large."""
LOOKED_AT = 256


@dataclass(frozen=True)
class Layout:
    """How items are read.

    Attributes
    ----------
    axes : tuple of str
        What each axis of an item as stored is.
    kind : {"image", "signal", "vector"}
    doubt : str
        Why it might be something else; empty where there is no doubt.
    """

    axes: tuple[Axis, ...]
    kind: Kind
    doubt: str = ""

    def spoken(self, shape: Sequence[int]) -> str:
        """``3 antennas × 114 subcarriers × 50 times``."""
        if "axis" in self.axes:
            return " × ".join(map(str, shape)) + " numbers"
        words = zip(shape, self.axes)
        return " × ".join(f"{n} {PLURAL[axis] if n != 1 else PLURAL[axis][:-1]}" for n, axis in words)


class Look(NamedTuple):
    """What some of the numbers say: the least and the greatest, and whether all are whole."""

    low: float
    high: float
    whole: bool

    @property
    def pictured(self) -> bool:
        """Whether they are on a scale that pictures are stored on."""
        if self.whole and self.low >= 0 and 1 < self.high <= 255:
            return True
        return self.high <= 1 and (self.low >= 0 or (-1 <= self.low < -0.5 and self.high > 0.5))

    @property
    def like_bytes(self) -> bool:
        """Whether they lie between 0 and 255, whole or not."""
        return self.low >= 0 and 1 < self.high <= 255


def look(x: Array) -> Look:
    """A look at some of the items, magnitudes of complex ones."""
    some = few(x)
    numbers = np.abs(some) if some.dtype.kind == "c" else some
    if not numbers.size:
        return Look(0, 0, False)
    with np.errstate(invalid="ignore"):  # a NaN is told of elsewhere
        whole = numbers.dtype.kind in "ui" or bool((numbers == np.floor(numbers)).all())
    return Look(float(numbers.min()), float(numbers.max()), whole)


def few(x: Array) -> Array:
    """At most `LOOKED_AT` items, evenly taken."""
    return np.asarray(x[:: max(1, -(-len(x) // LOOKED_AT))])


def guess(x: Array, kind: Kind | None = None) -> Layout:
    """How items are probably meant.

    Parameters
    ----------
    x : array, shape (n, *shape)
    kind : {"image", "signal", "vector"}, optional
        What the user says they are.
    """
    shape = x.shape[1:]
    guesses = {1: _one_axis, 2: _two_axes, 3: _three_axes}
    if len(shape) in guesses:
        return guesses[len(shape)](shape, look(x), kind)
    unnamed: list[Axis] = ["axis"] * len(shape)
    return Layout(tuple(unnamed), kind or "signal")


def _one_axis(shape: Sequence[int], seen: Look, kind: Kind | None) -> Layout:
    if kind == "signal":
        return Layout(("time",), "signal")
    side = picture_side(shape[0])
    flat = side and seen.pictured and (seen.whole or shape[0] >= 256)
    doubt = (
        f"look like pictures of {side[1]} × {side[2]}, laid flat" if flat and kind is None and side else ""
    )
    return Layout(("feature",), kind or "vector", doubt)


def picture_side(features: int) -> tuple[int, int, int] | None:
    """(channels, height, width) of a square picture of one or three channels with so many numbers."""
    for channels in (1, 3):
        side = math.isqrt(features // channels)
        if side >= 8 and channels * side**2 == features:
            return channels, side, side
    return None


def _two_axes(shape: Sequence[int], seen: Look, kind: Kind | None) -> Layout:
    a, b = shape
    if kind == "image" or (kind is None and _grey(a, b, seen)):
        return Layout(("height", "width"), "image")
    if b in SUBCARRIERS and a not in SUBCARRIERS and a > b:
        return Layout(("time", "subcarrier"), "signal", f"look like {b} subcarriers over {a} times")
    if b <= 16 and a >= 4 * b:
        return Layout(
            ("time", "channel"), "signal", f"look like {b} channels over {a} times" if b > 1 else ""
        )
    return Layout(("channel", "time"), kind or "signal")


def _grey(a: int, b: int, seen: Look) -> bool:
    if min(a, b) < 8 or not seen.pictured:
        return False
    return max(a, b) <= 2 * min(a, b) if seen.whole else a == b


def _three_axes(shape: Sequence[int], seen: Look, kind: Kind | None) -> Layout:
    csi = csi_axes(shape)
    if kind == "signal":
        return Layout(csi or ("antenna", "time", "subcarrier"), kind)
    first, last = shape[0] in CHANNELS, shape[2] in CHANNELS
    if kind is None and csi and not (seen.whole and seen.pictured):
        return Layout(csi, "signal", _csi_words(shape, csi))
    if first and (kind == "image" or shape[0] < 4 or (seen.pictured and min(shape[1:]) >= 8)):
        return Layout(
            ("channel", "height", "width"), "image", "" if kind else _not_pictured(shape, seen, csi)
        )
    large, usual = min(shape[:2]) >= 8, seen.pictured or seen.like_bytes or shape[0] == shape[1]
    if last and (kind == "image" or (large and usual)):
        return Layout(("height", "width", "channel"), "image")
    if kind == "image":
        return Layout(("channel", "height", "width"), kind)
    doubt = f"may be pictures of {shape[2]} channels" if last and large and kind is None else ""
    return Layout(("antenna", "time", "subcarrier"), kind or "signal", doubt)


def _not_pictured(shape: Sequence[int], seen: Look, csi: tuple[Axis, ...] | None) -> str:
    """Why items of one or three channels may be no pictures."""
    if csi:
        return _csi_words(shape, csi)
    if seen.pictured or shape[1] == shape[2] or min(shape[1:]) < 8:
        return ""
    return f"of numbers from {seen.low:.3g} to {seen.high:.3g} may be signals of {shape[0]} antennas"


def csi_axes(shape: Sequence[int]) -> tuple[Axis, ...] | None:
    """The axes of items that look like CSI of a few antennas, by their number of subcarriers."""
    few_of = [place for place, n in enumerate(shape) if n <= 4]
    rest = [place for place, n in enumerate(shape) if n > 4]
    if len(few_of) != 1 or shape[rest[0]] == shape[rest[1]]:
        return None
    for known in (SUBCARRIERS, ALSO_SUBCARRIERS):
        found = [place for place in rest if shape[place] in known]
        if len(found) == 1:
            axes: list[Axis] = ["time"] * 3
            axes[few_of[0]], axes[found[0]] = "antenna", "subcarrier"
            return tuple(axes)
        if found:
            return None
    return None


def _csi_words(shape: Sequence[int], axes: Sequence[Axis]) -> str:
    n = dict(zip(axes, shape))
    antennas = "one antenna" if n["antenna"] == 1 else f"{n['antenna']} antennas"
    return f"look like CSI of {antennas}, {n['subcarrier']} subcarriers and {n['time']} times"


def named_axes(axes: Sequence[str], shape: Sequence[int]) -> Layout:
    """The layout that the user names.

    Raises
    ------
    UserError
        If a name is unknown or stands twice, or there is not one for each axis of an item.
    """
    known = {axis: axis for axis in PLURAL if axis != "axis"}
    wrong = [axis for axis in axes if axis not in known]
    if wrong or len(set(axes)) < len(axes) or len(axes) != len(shape):
        expected = f"{len(shape)} different ones of {', '.join(known)}"
        raise UserError(f"axes: {'+'.join(axes)} for items of shape {tuple(shape)}; expected {expected}")
    names = tuple(known[axis] for axis in axes)  # type: ignore[index]
    return Layout(names, _kind_of(set(names)))


def _kind_of(axes: set[Axis]) -> Kind:
    if axes <= {"channel", "height", "width"} and {"height", "width"} <= axes:
        return "image"
    if axes == {"feature"}:
        return "vector"
    if "time" in axes and axes <= {"antenna", "time", "subcarrier", "channel"}:
        return "signal"
    raise UserError(
        f"axes: {', '.join(sorted(axes))}; expected channel, height, width of pictures, antenna, time, "
        "subcarrier of CSI, channel, time of other signals, or feature"
    )


def house_order(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The order in which networks want these axes, with the ones that must be added."""
    named = set(axes)
    if {"height", "width"} <= named:
        return ("channel", "height", "width")
    if "subcarrier" in named and "channel" not in named:
        return ("antenna", "time", "subcarrier")
    if "time" in named:
        others = [axis for axis in axes if axis != "time"] or ["channel"]
        return (others[0], "time", *others[1:])
    return tuple(axes)


def turned(x: Array, axes: Sequence[Axis]) -> Array:
    """Items in the order of `house_order`, axes that are missing added."""
    if "axis" in axes:
        return x
    order = house_order(axes)
    present = [axis for axis in order if axis in axes]
    moved = x.transpose(0, *(1 + axes.index(axis) for axis in present))
    added = [place + 1 for place, axis in enumerate(order) if axis not in axes]
    found: Array = np.expand_dims(moved, tuple(added))
    return found if isinstance(found, np.memmap) else np.ascontiguousarray(found)
