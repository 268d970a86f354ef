"""Synthetic data as files: arrays, and the manifest of what made them."""

from __future__ import annotations

import io
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.npz import read_arrays
from assay.data.spellings import TABLE
from assay.errors import UserError
from assay.generate.base import Factors, Generator
from assay.settings import as_dict
from assay.strict import read_json
from assay.types import UNKNOWN, Samples, Task

CHANGING = ("created", "seconds")
"""What a manifest says of when, not of what."""


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


def is_made(path: Path, generator: Generator, task: Task, n: int, seed: int) -> bool:
    """Whether a file and its manifest hold what this would make, whole and by the same Assay."""
    if not path.is_file():
        return False
    with suppress(UserError, KeyError):  # others, which are written anew
        known = read_json(path.with_suffix(".json"), "remove it")
        found = read_arrays(path, ("x", "y", "group"))
        samples = Samples(found["x"], found["y"], found["group"])
        wanted = manifest(generator, task, samples, seed, 0) | {"count": n}
        same = json.loads(json.dumps(wanted))
        return all(known.get(name) == value for name, value in same.items() if name not in CHANGING)
    return False


def npz_bytes(samples: Samples, classes: tuple[str, ...], factors: Factors) -> bytes:
    """Items as ``.npz``: x, y, group, classes, ``factor_<name>`` for every factor, origin, columns."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {"x": samples.x, "y": samples.y, "group": samples.group}
    if (samples.origin != UNKNOWN).any():
        arrays["origin"] = samples.origin
    if samples.features:
        arrays[TABLE] = np.array(samples.features.numbers, dtype=np.str_)
    named: dict[str, Any] = {f"factor_{name}": values for name, values in factors.items()}
    np.savez_compressed(buffer, **arrays, classes=np.array(classes, dtype=np.str_), **named)
    return buffer.getvalue()
