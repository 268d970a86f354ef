"""Recordings as arrays: ``.npy``, MATLAB files of both kinds, CSV of numbers.

Magnitudes or complex numbers. Which axis is time (t), antenna (a) and subcarrier (s) is said in the order of
the file, "tas" say; rows of a table are packets. A column of a CSV called time or timestamp is the clock, in
seconds; no other of these files has one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.files import content_of
from assay.machine.memory import check_fits, check_unpacked
from assay.signal.capture import Capture, all_heard
from assay.signal.clock import clock_of
from assay.signal.formats.mat5 import check_mat5

Numbers = NDArray[Any]
CLOCKS = ("time", "timestamp", "seconds")
NTU_FI = ("CSIamp", "CSIphase")  # 3 antennas × 114 subcarriers as 342 rows
SHOWN = 5


@dataclass(frozen=True)
class Layout:
    """What an array does not say about itself.

    Parameters
    ----------
    axes : str
        Its axes in order, of t, a, s; by default "ts" for two of them.
    variable : str
        The one to take of a MATLAB file with several.
    """

    axes: str = ""
    variable: str = ""


def capture_npy(path: Path, layout: Layout) -> Capture:
    """The recording in an ``.npy`` file; objects (pickles) are refused, never loaded."""
    try:
        x = np.load(path, allow_pickle=False)
    except Exception as error:  # damaged files raise errors of a dozen kinds
        reason = "holds objects, never loaded" if "pickle" in str(error) else f"damaged ({error})"
        raise UserError(f"an .npy file: {reason}") from None
    return _of_array(x, layout.axes)


def capture_mat(path: Path, layout: Layout) -> Capture:
    """The recording in a MATLAB file of version 5, 6, 7 or 7.3."""
    variables = read_mat(path, (layout.variable,) if layout.variable else ())
    name = layout.variable or _only(variables)
    if name not in variables:
        raise UserError(f"no variable '{name}' among {', '.join(variables) or 'none'}")
    x = variables[name]
    if name in NTU_FI and not layout.axes and x.ndim == 2 and x.shape[0] == 342:
        return _of_array(x.reshape(3, 114, -1), "ast")
    return _of_array(x, layout.axes)


def _only(variables: dict[str, Numbers]) -> str:
    large = [name for name, x in variables.items() if x.ndim >= 2 and x.dtype.kind in "iufc" and x.size > 1]
    if len(large) != 1:
        names = ", ".join(f"{name} {x.shape}" for name, x in variables.items())
        raise UserError(f"{len(large)} arrays ({names or 'none'}); say which with variable=")
    return large[0]


def read_mat(path: Path, names: tuple[str, ...] = ()) -> dict[str, Numbers]:
    """Arrays of a MATLAB file by name; all of them, if none is asked for.

    Raises
    ------
    UserError
        If the file is damaged, or its version takes h5py, which is not there.
    """
    newer = content_of(path, "a MATLAB file")[:10] == b"MATLAB 7.3"
    try:
        return (_read_v73 if newer else _read_v5)(path, names)
    except UserError:
        raise
    except Exception as error:  # damaged files raise errors of a dozen kinds
        raise UserError(f"damaged or no MATLAB file ({error})") from None


def _read_v5(path: Path, names: tuple[str, ...]) -> dict[str, Numbers]:
    from scipy.io import loadmat

    check_mat5(content_of(path, "a MATLAB file"))
    found = loadmat(path, variable_names=names or None)
    return {name: x for name, x in found.items() if not name.startswith("__") and isinstance(x, np.ndarray)}


def _read_v73(path: Path, names: tuple[str, ...]) -> dict[str, Numbers]:
    """Files of version 7.3 are HDF5, with the axes reversed and complex numbers as pairs of fields."""
    try:
        import h5py
    except ImportError:
        raise UserError("a MATLAB 7.3 file; install h5py: pip install 'assay[matlab]'") from None
    with h5py.File(path) as file:
        chosen = [name for name in names or file if file.get(name, getclass=True) is h5py.Dataset]
        sizes = [_own_size(file, name) for name in chosen]
        check_unpacked(sum(sizes), path.stat().st_size, "its variables")
        return {name: _complex(file[name][()]).transpose() for name in chosen}


def _own_size(file: Any, name: str) -> int:
    """Bytes of a variable, of which a file need store few; `UserError` if its numbers lie in other files."""
    stored = file[name]
    if stored.file.id != file.id or stored.external or stored.is_virtual:  # by whatever chain of links
        raise UserError(f"{name}: is in another file, which is not followed; store it here")
    size = int(stored.size * stored.dtype.itemsize)
    check_fits(size, name)
    return size


def _complex(stored: Numbers) -> Numbers:
    fields = stored.dtype.names
    return stored[fields[0]] + 1j * stored[fields[1]] if fields else stored


def capture_csv(path: Path, layout: Layout) -> Capture:
    """The recording in a table of numbers: a packet a row, a subcarrier a column, with a clock if it has one.

    Rows of another length than most, or that hold other than numbers, are named and left out.
    """
    text = content_of(path, "CSV of numbers").decode("utf-8-sig", "replace").splitlines()
    lines = [(number, line) for number, line in enumerate(text, 1) if line.strip()]
    if not lines:
        raise UserError("no rows")
    cut = _separator(lines[min(1, len(lines) - 1)][1])
    names = [name.strip().strip('"').lower() for name in lines[0][1].split(cut)]
    has_names = _numbers(names) is None
    x, bad = _table(lines[has_names:], cut)
    clock = next((names.index(name) for name in CLOCKS if has_names and name in names), None)
    told = f"{len(bad)} bad rows ({', '.join(bad[:SHOWN])}{' …' * (len(bad) > SHOWN)})" if bad else ""
    if clock is None:
        return _of_array(x, layout.axes, told)
    return _of_array(np.delete(x, clock, 1), layout.axes, told, x[:, clock].real)


def _separator(line: str) -> str | None:
    return next((mark for mark in ",;\t" if mark in line), None)


def _numbers(row: list[str]) -> list[complex] | None:
    try:
        return [complex(text.strip().strip('"').replace(" ", "").replace("i", "j")) for text in row]
    except ValueError:
        return None


def _table(lines: list[tuple[int, str]], cut: str | None) -> tuple[Numbers, list[str]]:
    try:
        return np.loadtxt([line for _, line in lines], np.float64, delimiter=cut, ndmin=2, comments=None), []
    except ValueError:  # complex numbers, quotes, bad rows: one row at a time
        pass
    rows = [(number, _numbers(line.split(cut))) for number, line in lines]
    width = Counter(len(row) for _, row in rows if row).most_common(1)
    kept = [row for _, row in rows if row and len(row) == width[0][0]]
    bad = [f"row {number}" for number, row in rows if not row or len(row) != width[0][0]]
    x = np.array(kept, np.complex128)
    if not len(x):
        raise UserError("no row of numbers")
    return (x if x.imag.any() else x.real), bad


def _of_array(x: Numbers, axes: str, told: str = "", stamps: Numbers | None = None) -> Capture:
    if x.dtype.kind not in "iufc" or x.size == 0:
        raise UserError(f"{x.dtype} of shape {x.shape}; expected numbers")
    if not np.isfinite(x).all():
        raise UserError(f"NaN or infinity, first at {tuple(np.argwhere(~np.isfinite(x))[0].tolist())}")
    order = axes or ("ts" if x.ndim == 2 else "")
    if sorted(order) not in (["s", "t"], ["a", "s", "t"]) or len(order) != x.ndim:
        raise UserError(
            f"shape {x.shape}; say which axis is time (t), antenna (a) and subcarrier (s), in the file's "
            f"order: axes={'tas' if x.ndim == 3 else 'ts'}, say"
        )
    x = x[:, None] if "a" not in order else x
    order = order[0] + "a" + order[1] if "a" not in order else order
    csi = x.transpose([order.index(axis) for axis in "tas"])
    csi = np.ascontiguousarray(csi, np.complex64 if x.dtype.kind == "c" else np.float32)
    clock = None if stamps is None else clock_of(stamps.astype(np.float64), unit=1.0)
    said = "; ".join(filter(None, [f"{len(csi)} packets", told, clock.told() if clock else ""]))
    return Capture(
        csi, all_heard(csi), None if clock is None else clock.seconds, np.arange(csi.shape[2]), None, said
    )
