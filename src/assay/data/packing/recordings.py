"""Recordings of a folder, read by whichever reader their first bytes ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.first_bytes import format_of
from assay.data.packing.labels import Fields, Listed
from assay.data.packing.settings import Packing
from assay.errors import UserError
from assay.signal.capture import Capture
from assay.signal.clock import Floats, rate_of
from assay.signal.formats.arrays import Layout

MOST = 0.5  # share of packets that must have an antenna


@dataclass(frozen=True, eq=False)
class Recording:
    """A file, what it shows and what it holds, on a clock.

    Parameters
    ----------
    name : str
        Path below the folder.
    fields : dict of str to str
        Class, person, room and the like.
    kind : str
        What the file is.
    capture : Capture
        Without null subcarriers, of the antennas that most packets have.
    antennas : tuple of int
        Which antennas those are.
    seconds : float array, shape (packets,)
    """

    name: str
    fields: Fields
    kind: str
    capture: Capture
    antennas: tuple[int, ...]
    seconds: Floats

    @property
    def rate(self) -> float:
        """Packets a second."""
        return rate_of(self.seconds)

    @property
    def span(self) -> float:
        """Seconds from the first packet to the last."""
        return float(self.seconds[-1] - self.seconds[0])

    def shape(self) -> tuple[Any, ...]:
        """What recordings must share to become items of one shape."""
        return self.antennas, tuple(self.capture.subcarriers.tolist()), self.capture.csi.dtype.kind == "c"

    def about(self) -> dict[str, Any]:
        """For the manifest."""
        numbers = {"packets": len(self.seconds), "rate": round(self.rate, 3), "seconds": round(self.span, 3)}
        return {"path": self.name, **self.fields, "file": self.kind, **numbers, "told": self.capture.told}


def read(folder: Path, listed: Listed, settings: Packing, left_out: list[str]) -> Iterator[Recording]:
    """Every recording that can be read; why the others cannot is added to `left_out`."""
    for path, fields in zip(listed.paths, listed.fields):
        name = path.relative_to(folder).as_posix()
        try:
            kind = format_of(path)
            if kind is None or kind.read is None:
                raise UserError(f"{kind.name}: {kind.way}" if kind else "of no kind that is read")
            capture = kind.read(path, Layout(settings.axes, settings.variable))
            yield _recording(name, fields, kind.name, capture, settings)
        except (UserError, OSError) as error:
            left_out.append(f"{name}: {error}")


def _recording(name: str, fields: Fields, kind: str, capture: Capture, settings: Packing) -> Recording:
    seconds = capture.seconds
    if seconds is None:
        if not settings.packet_rate:
            raise UserError("the file has no clock; give packet_rate=")
        seconds = np.arange(len(capture)) / settings.packet_rate
    rate_of(seconds)  # raises where there is none
    antennas = tuple(np.flatnonzero(capture.heard.mean(0) >= MOST).tolist())
    if not antennas:
        raise UserError("no antenna that most packets have")
    return Recording(
        name, fields, kind, capture.carrying(settings.pilots).of_antennas(antennas), antennas, seconds
    )


def of_usual_shape(recordings: list[Recording], left_out: list[str]) -> list[Recording]:
    """The recordings of the antennas and subcarriers that most have; the others are added to `left_out`."""
    counts = Counter(recording.shape() for recording in recordings)
    if len(counts) < 2:
        return recordings
    usual = counts.most_common(1)[0][0]
    for recording in recordings:
        if (shape := recording.shape()) != usual:
            left_out.append(f"{recording.name}: {_differs(shape, usual)}")
    return [recording for recording in recordings if recording.shape() == usual]


def _differs(shape: tuple[Any, ...], usual: tuple[Any, ...]) -> str:
    if shape[0] != usual[0]:
        return f"antennas {shape[0]}, most recordings have {usual[0]}"
    if shape[1] != usual[1]:
        return f"{len(shape[1])} subcarriers, most recordings have {len(usual[1])} or others"
    return "magnitudes alone and complex numbers do not mix"
