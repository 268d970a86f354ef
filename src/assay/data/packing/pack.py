"""A folder of recordings to one ``.npz`` file that every verb takes, and a manifest of what went in."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data import split as data_split
from assay.data.npz import naming
from assay.data.packing.labels import CLASS, Listed, by_list, by_pattern, numbered
from assay.data.packing.parts import finished, steady
from assay.data.packing.recordings import Recording, of_usual_shape, read
from assay.data.packing.settings import RECORDING, Packing
from assay.data.packing.split import split_recordings
from assay.data.packing.ut_har import is_ut_har, read_ut_har
from assay.data.packing.windows import Grid, cut, spectra
from assay.errors import UserError
from assay.files import FORMAT, replace_file
from assay.settings import as_dict, replaced
from assay.types import Samples
from assay.version import __version__

DIGITS = 3  # of the rate that is chosen where none is given
LONGEST_SPECTRUM = 4.0  # s: what 512 columns can hold at 60 Hz, nearly
ROUNDING = 1e-6  # of a number of values
Window = tuple[float, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Packed:
    """Items, and what went into them.

    Parameters
    ----------
    samples : Samples
    classes : tuple of str
    split : text array, shape (n,)
        The part of every item.
    columns : dict of str to array, shape (n,)
        ``start`` (s from the recording's first packet), ``recording`` and every name of the pattern.
    manifest : dict
        Settings, recordings and what was left out, as JSON values.
    """

    samples: Samples
    classes: tuple[str, ...]
    split: NDArray[np.str_]
    columns: dict[str, NDArray[Any]]
    manifest: dict[str, Any]

    def save(self, path: Path | str) -> None:
        """Write the items, and the manifest beside them under the same name with ``.json``."""
        buffer, path = io.BytesIO(), Path(path)
        arrays: dict[str, Any] = {"x": self.samples.x, "y": self.samples.y, "group": self.samples.group}
        arrays |= {"split": self.split, "classes": np.array(self.classes), "kind": np.array("signal")}
        np.savez_compressed(buffer, **(arrays | self.columns))
        text = json.dumps({"format": FORMAT, **self.manifest}, indent=1, ensure_ascii=False) + "\n"
        replace_file(path, buffer.getvalue())
        replace_file(path.with_suffix(".json"), text.encode("utf-8", "backslashreplace"))

    def told(self) -> str:
        """A few lines: items, and what was left out, by reason."""
        shape, recordings = " × ".join(map(str, self.samples.shape)), len(self.manifest["recordings"])
        head = f"{len(self.samples)} items of {shape}, {len(self.classes)} classes, {recordings} recordings"
        reasons = Counter(text.partition(": ")[2] for text in self.manifest["left_out"])
        first = {text.partition(": ")[2]: text.partition(": ")[0] for text in self.manifest["left_out"][::-1]}
        lines = [f"left out, {n} × {reason}; first: {first[reason]}" for reason, n in reasons.most_common()]
        return "\n".join([head, *lines])


def pack(
    folder: Path | str, out: Path | str | None = None, listing: Path | str | None = None, **options: Any
) -> Packed:
    """Pack a folder of Wi-Fi recordings, one a file, of any card that Assay reads.

    Parameters
    ----------
    folder : path
    out : path, optional
        The ``.npz`` file to write; the manifest goes beside it.
    listing : path, optional
        CSV with columns path, class and others, in place of `pattern`.
    **options
        Of `Packing`.

    Returns
    -------
    Packed

    Raises
    ------
    UserError
        If no recording gives an item, or settings and recordings do not fit together. A recording that cannot
        be read is left out and named.
    """
    settings, folder = replaced(Packing(), options, "pack"), Path(folder)
    if is_ut_har(folder):
        packed = _of_ut_har(folder, settings)
    else:
        listed = by_list(folder, Path(listing)) if listing else by_pattern(folder, settings.pattern)
        packed = _packed(folder, listed, settings)
    if out is not None:
        packed.save(out)
    return packed


def _packed(folder: Path, listed: Listed, settings: Packing) -> Packed:
    left_out = [f"{name}: does not fit the pattern" for name in listed.left_out]
    recordings = of_usual_shape(list(read(folder, listed, settings, left_out)), left_out)
    if not recordings:
        raise UserError(f"{folder}: no recording was read; first: {left_out[0]}")
    grid = _grid(recordings, settings)
    found = [_windows(recording, grid, settings, left_out) for recording in recordings]
    if not any(found):
        raise UserError(f"{folder}: no recording gives an item; first: {left_out[0]}")
    kept = [number for number, windows in enumerate(found) if windows]
    return _assembled([recordings[i] for i in kept], [found[i] for i in kept], grid, settings, left_out)


def _of_ut_har(folder: Path, settings: Packing) -> Packed:
    if settings.part != "magnitude":
        raise UserError(f"{folder}: UT-HAR holds magnitudes only; expected part=magnitude")
    samples, part = read_ut_har(folder)
    manifest = {"packing": as_dict(settings), "assay": __version__, "recordings": [], "left_out": []}
    return Packed(samples, data_split.numbered(samples.y), part, {}, manifest)


def _grid(recordings: list[Recording], settings: Packing) -> Grid:
    """Rate, and length of a window: as given, or the packets' own rate and the shortest recording."""
    usual = float(np.median([recording.rate for recording in recordings]))
    rate = settings.rate or float(f"{usual:.{DIGITS}g}")
    shortest = min(recording.span for recording in recordings)
    longest = LONGEST_SPECTRUM if settings.part == "doppler" else np.inf
    window = settings.window or min(shortest + 1 / rate, longest)
    length = max(1, int(window * rate + ROUNDING))
    return Grid(rate, length, max(1, round(settings.step * rate)) if settings.step else length)


def _windows(recording: Recording, grid: Grid, settings: Packing, left_out: list[str]) -> list[Window]:
    """The windows of a recording; why others give none is added to `left_out`."""
    capture, windows = recording.capture, list[Window]()
    with naming(recording.name):
        x = steady(capture, settings.part, settings.sanitation)
    heard = capture.heard[:, -x.shape[1] :]
    cutting = spectra if settings.part == "doppler" else cut
    for start, found in cutting(x, heard, recording.seconds, grid):
        if isinstance(found, str):
            left_out.append(f"{recording.name}, window at {start:.4g} s: {found}")
        else:
            windows.append((start, finished(found, settings.part, settings.remove_mean)))
    if not windows and not any(text.startswith(recording.name) for text in left_out):
        left_out.append(f"{recording.name}: {recording.span:.3g} s, shorter than a window")
    return windows


def _assembled(
    recordings: list[Recording],
    found: list[list[Window]],
    grid: Grid,
    settings: Packing,
    left_out: list[str],
) -> Packed:
    classes, y = numbered([recording.fields[CLASS] for recording in recordings])
    fields = [{RECORDING: recording.name, **recording.fields} for recording in recordings]
    if settings.group not in fields[0]:
        raise UserError(f"group={settings.group}: expected one of {', '.join(fields[0])}")
    groups, group = numbered([one[settings.group] for one in fields])
    part = split_recordings(y, fields, settings.target, settings.seed)
    of = np.repeat(np.arange(len(found)), [len(windows) for windows in found])
    x = np.stack([item for windows in found for _, item in windows])
    columns: dict[str, NDArray[Any]] = {
        name: np.array([one[name] for one in fields])[of] for name in fields[0]
    }
    columns["start"] = np.array([start for windows in found for start, _ in windows])
    manifest = {
        "packing": as_dict(settings),
        "assay": __version__,
        "rate": grid.rate,
        "window": grid.length / grid.rate,
        "classes": classes,
        "groups": groups,
        "recordings": [
            {**recording.about(), "items": len(windows), "split": str(name)}
            for recording, windows, name in zip(recordings, found, part)
        ],
        "left_out": left_out,
    }
    return Packed(Samples(x, np.array(y)[of], np.array(group)[of]), classes, part[of], columns, manifest)
