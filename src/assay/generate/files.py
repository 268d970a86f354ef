"""Synthetic data as files: arrays, and the manifest of what made them."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np

from assay.generate.base import Factors, Generator
from assay.settings import as_dict
from assay.types import UNKNOWN, Samples, Task


def manifest(generator: Generator, task: Task, samples: Samples, seed: int, seconds: float) -> dict[str, Any]:
    """What made the items: settings, seed, hashes and time, as JSON values."""
    from assay.version import __version__

    return {
        "generator": as_dict(generator),
        "task": {"name": task.name, "digest": task.digest()},
        "seed": seed,
        "count": len(samples),
        "digest": samples.digest(),
        "assay": __version__,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(seconds, 2),
    }


def npz_bytes(samples: Samples, classes: tuple[str, ...], factors: Factors) -> bytes:
    """Items as an ``.npz`` file: x, y, group, classes, ``factor_<name>`` for every factor, known origins."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {"x": samples.x, "y": samples.y, "group": samples.group}
    if (samples.origin != UNKNOWN).any():
        arrays["origin"] = samples.origin
    named: dict[str, Any] = {f"factor_{name}": values for name, values in factors.items()}
    np.savez_compressed(buffer, **arrays, classes=np.array(classes, dtype=np.str_), **named)
    return buffer.getvalue()
