"""Generators make synthetic data. A new one is one file (or folder), one test, one line here."""

from __future__ import annotations

import io
import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from assay.data import read_synthetic, split_options
from assay.errors import UserError
from assay.generate.base import Factors, Generator, Workspace
from assay.generate.digits_rendered import DigitsRendered
from assay.settings import as_dict, parse
from assay.types import Samples, Task

GENERATORS: dict[str, Generator] = {"digits-rendered": DigitsRendered()}
DEFAULT_ITEMS = 1000


def generate(
    generator: str | Generator, n: int, task: Task, seed: int = 0, workspace: Workspace | None = None
) -> tuple[Samples, Factors]:
    """Fit a generator on a task and draw `n` items.

    Parameters
    ----------
    generator : str or settings
        As on the command line (``"digits-rendered:slant=0"``), or settings.
    n : int
    task : Task
    seed : int
        Same seed, same bytes.
    workspace : Workspace, optional
        Where checkpoints go, and on which device to learn.
    """
    if n < 1:
        raise UserError(f"n: {n}; expected one item or more")
    settings = parse(generator, GENERATORS, "generator") if isinstance(generator, str) else generator
    sampler = settings.fit(task, seed, workspace or Workspace())
    samples, factors = sampler.sample(n, np.random.default_rng(seed))
    task.check_synthetic(samples)
    return samples, factors


def open_synthetic(text: str, task: Task, ratio: float | None = None) -> Samples:
    """The synthetic items that ``FILE.npz``, ``FOLDER`` or ``GENERATOR:key=value`` names.

    A generator makes 1,000 items with seed 0, or as many more as `ratio` asks for.

    Raises
    ------
    UserError
        If there is no such file, folder or generator, or its items do not fit the task.
    """
    name, _ = split_options(text)
    if name in GENERATORS:
        return generate(text, max(DEFAULT_ITEMS, math.ceil((ratio or 0) * len(task.real))), task)[0]
    if not Path(text).exists():
        raise UserError(
            f"synthetic data '{text}': no such file or folder (known generators: {', '.join(GENERATORS)})"
        )
    return read_synthetic(Path(text), task)


def manifest(generator: Generator, task: Task, samples: Samples, seed: int, seconds: float) -> dict[str, Any]:
    """What made the items: settings, seed, hashes and time, as JSON values."""
    from assay import __version__

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
    """Items as an ``.npz`` file: x, y, group, classes, and ``factor_<name>`` for every factor."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {
        "x": samples.x,
        "y": samples.y,
        "group": samples.group,
        "classes": np.array(classes),
    }
    named: dict[str, Any] = {f"factor_{name}": values for name, values in factors.items()}
    np.savez_compressed(buffer, **arrays, **named)
    return buffer.getvalue()
