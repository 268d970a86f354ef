"""Arrays as people store them to items as networks take them: complex parts, axes, transparency; all said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from assay.data.layout import Layout, few, guess, house_order, named_axes, picture_side, turned
from assay.errors import UserError
from assay.findings import Finding, accepting
from assay.types import Kind

Array = NDArray[Any]
ComplexPart = Literal["magnitude", "phase", "real", "imaginary", "complex"]
PARTS_OF_COMPLEX: dict[str, Callable[[Array], Array]] = {
    "magnitude": np.abs,
    "phase": np.angle,
    "real": np.real,
    "imaginary": np.imag,
    "complex": lambda x: x,
}


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Options that say how an array is meant, of a task and of synthetic data.

    Parameters
    ----------
    axes : tuple of str
        What each axis of an item is (`assay.data.layout.PLURAL`), as stored: ``height+width+channel``.
    shape : tuple of int
        Of items that are stored flat: ``1+28+28``.
    iq : {"first", "last"}, optional
        The axis of an item that holds real and imaginary part; magnitudes are taken, or what `part` says.
    part : {"magnitude", "phase", "real", "imaginary", "complex"}, optional
        Of complex items. ``complex`` leaves them as they are: for generators.
    background : str
        Colour (``white``, ``#808080``) that pictures are laid on whose fourth channel is transparency.
    """

    axes: tuple[str, ...] = ()
    shape: tuple[Annotated[int, Ge(1)], ...] = ()
    iq: Literal["first", "last"] | None = None
    part: ComplexPart | None = None
    background: str = "white"


class Arranged(NamedTuple):
    """Items in the house's order, what kind they are, and what was found and done."""

    x: Array
    kind: Kind
    findings: tuple[Finding, ...]


def arranged(x: Array, options: Arrangement, kind: Kind | None = None, part: str = "") -> Arranged:
    """Items as networks take them.

    Parameters
    ----------
    x : array, shape (n, *shape)
    options : Arrangement
    kind : {"image", "signal", "vector"}, optional
        What the user says they are.
    part : str
        What the findings are about: "" for a whole task, or "synthetic".

    Raises
    ------
    UserError
        If an option does not fit the shape.
    """
    if x.ndim < 2 or x.dtype.kind not in "buifc" or 0 in x.shape:
        return Arranged(x, kind or "signal", ())  # `Samples` says what is wrong
    x = reshaped(x, options.shape)
    x, of_parts = _real_parts(x, options, part)
    wanted = kind or ("signal" if options.iq else None)
    layout = named_axes(options.axes, x.shape[1:]) if options.axes else guess(x, wanted)
    findings = [*of_parts, _layout_finding(x, layout, sure=bool(options.axes or kind), part=part)]
    x = turned(x, layout.axes)
    if layout.kind == "image" and x.shape[1] == 4:
        x, of_alpha = composited(x, options.background, part)
        findings.append(of_alpha)
    return Arranged(x, kind or layout.kind, tuple(findings))


def reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    """Items of another shape with as many numbers."""
    if not shape:
        return x
    if math.prod(shape) != math.prod(x.shape[1:]):
        raise UserError(f"shape: {shape} for items of {math.prod(x.shape[1:])} numbers")
    return x.reshape(len(x), *shape)


def _real_parts(x: Array, options: Arrangement, part: str) -> tuple[Array, list[Finding]]:
    """Complex items made real as asked; what is complex, or looks like halves of it, is said."""
    where = f"{part}: " if part else ""
    if options.iq:
        axis = 1 if options.iq == "first" else -1
        x = _joined_halves(x, axis)
        chosen = options.part or "magnitude"
        said = Finding(
            "note", "iq", f"{where}the {options.iq} axis read as real and imaginary part: {chosen}", part
        )
        return PARTS_OF_COMPLEX[chosen](x), [said]
    if x.dtype.kind == "c":
        return _of_complex(x, options.part, where, part)
    if x.ndim > 2 and x.shape[-1] == 2:
        message = f"{where}a last axis of 2 looks like real and imaginary parts"
        way_out = (
            "iq=last takes magnitudes; part=phase, real or imaginary with it others; axes=... says what it is"
        )
        warning = Finding("warn", "iq", message, part, way_out=way_out, touches=message)
        return x, [] if options.axes else [warning]
    return x, []


def _joined_halves(x: Array, axis: int) -> Array:
    if x.ndim < 3 or x.shape[axis] != 2 or x.dtype.kind == "c":
        raise UserError(f"iq: {x.dtype} of shape {x.shape[1:]}; expected 2 real numbers along that axis")
    real, imaginary = np.moveaxis(x, axis, 0).astype(np.float32)
    return np.asarray(real + np.complex64(1j) * imaginary)


def _of_complex(x: Array, chosen: str | None, where: str, part: str) -> tuple[Array, list[Finding]]:
    if chosen == "complex":
        return x, list(accepting(["complex"]))
    if chosen:
        return PARTS_OF_COMPLEX[chosen](x), [
            Finding("note", "complex", f"{where}complex items: {chosen}", part)
        ]
    return x, []


def _layout_finding(x: Array, layout: Layout, sure: bool, part: str) -> Finding:
    """How each axis is read, and what was done so that networks can take it."""
    shape, order, where = x.shape[1:], house_order(layout.axes), f"{part}: " if part else ""
    kind = {"image": "pictures", "signal": "signals", "vector": "vectors"}[layout.kind]
    turned_to = "" if order == layout.axes else f", turned to ({', '.join(order)})"
    doubt = f" {layout.doubt};" if layout.doubt and not sure else ""
    items, spoken = " × ".join(map(str, shape)), layout.spoken(shape)
    message = f"{where}items of {items}{doubt} read as {spoken} ({kind}){turned_to}"
    if not doubt:
        return Finding("note", "layout", message, part)
    touches = f"items of shape {shape}{doubt} they are read as {spoken}"
    return Finding("warn", "layout", message, part, way_out=_other_reading(shape, layout), touches=touches)


def _other_reading(shape: tuple[int, ...], layout: Layout) -> str:
    """The options that say what was guessed, and what reads it otherwise."""
    if layout.kind == "vector":
        flat = picture_side(shape[0])
        assert flat is not None  # there is no other doubt about vectors
        return f"shape={'+'.join(map(str, flat))} reads pictures, kind=vector says that they are vectors"
    says = f"axes={'+'.join(layout.axes)} says so"
    if len(shape) == 2:
        return f"{says}, axes=channel+time reads it the other way"
    return f"{says}, " + (
        "kind=signal reads signals" if layout.kind == "image" else "kind=image reads pictures"
    )


def composited(x: Array, background: str, part: str = "") -> tuple[Array, Finding]:
    """Pictures of four channels laid on a background if the fourth looks like transparency, else as they are.

    Parameters
    ----------
    x : array, shape (n, 4, height, width)
        Whole numbers up to 255, or others up to 1.
    background : str
        A colour.
    part : str

    Raises
    ------
    UserError
        If there is no such colour.
    """
    where, top = f"{part}: " if part else "", 255 if x.dtype.kind in "ui" else 1.0
    if not _transparent(few(x[:, 3]), top):
        message = f"{where}four channels, the fourth not like transparency: all four are kept"
        return x, Finding("warn", "alpha", message, part)
    some = int((x[:, 3] < top).any((1, 2)).sum())
    colour = _colour(background)[:, None, None] * np.float32(top)
    out = np.empty((len(x), 3, *x.shape[2:]), x.dtype)
    for place in range(0, len(x), 1024):
        rgba = x[place : place + 1024].astype(np.float32)
        alpha = rgba[:, 3:] / top
        laid = rgba[:, :3] * alpha + colour * (1 - alpha)
        out[place : place + 1024] = laid if x.dtype.kind == "f" else np.rint(laid)
    message = f"{where}the fourth channel is transparency: {some} of {len(x)} pictures laid on {background}"
    return out, Finding("note", "alpha", message, part, some, len(x))


def _transparent(alpha: Array, top: float) -> bool:
    """Whether most of it is wholly transparent or wholly opaque, and nothing beyond."""
    return bool(((alpha == 0) | (alpha == top)).mean() >= 0.5 and alpha.min() >= 0 and alpha.max() == top)


def _colour(name: str) -> NDArray[np.float32]:
    """Red, green and blue of a colour, range [0, 1]."""
    from PIL import ImageColor

    try:
        return np.array(ImageColor.getrgb(name)[:3], np.float32) / np.float32(255)
    except ValueError:
        raise UserError(f"background={name}: no colour; white, say, or #808080") from None
