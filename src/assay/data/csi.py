"""Complex CSI as the real items that networks learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.findings import Finding
from assay.types import Samples, Task

TIME = 2  # axis of items (antenna, time, subcarrier) in an array (n, ...)


def magnitude(csi: NDArray[Any], remove_mean: bool) -> NDArray[np.float32]:
    """|CSI|, if asked without each recording's mean over time: what does not move drops out.

    Parameters
    ----------
    csi : complex array, shape (n, antenna, time, subcarrier)
    remove_mean : bool
    """
    x: NDArray[np.float32] = np.abs(csi).astype(np.float32)
    if remove_mean:
        x -= x.mean(TIME, keepdims=True)
    return x


def relative_phase(csi: NDArray[Any]) -> NDArray[np.complex64]:
    """CSI with every phase counted from the first antenna's at the same packet and subcarrier.

    Carrier and sampling offsets, which turn the phase of all antennas of a card at random from packet to
    packet, drop out; magnitudes stay.
    """
    turn = np.exp(-1j * np.angle(csi[:, :1])).astype(np.complex64)
    return np.asarray(csi * turn, dtype=np.complex64)


def lacks_mean(task: Task) -> bool:
    """Whether the task's items are CSI without its mean over time."""
    x = task.labelled.x
    if len(task.shape) != 3 or x.dtype.kind != "f":
        return False
    return bool(np.abs(x.mean(TIME)).max() <= 1e-3 * x.std())


def like_task(samples: Samples, task: Task) -> Samples:
    """Complex items as magnitudes of the task's kind, where the task is of real ones; others as they are."""
    if samples.x.dtype.kind != "c" or task.labelled.x.dtype.kind == "c" or len(samples.shape) != 3:
        return samples
    taken = Finding("note", "complex", "synthetic: complex items: magnitudes, as the task's", "synthetic")
    return replace(samples, x=magnitude(samples.x, lacks_mean(task)), findings=(*samples.findings, taken))
