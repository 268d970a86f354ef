"""Every generator under its name, and how synthetic data are opened; a new one is one file, test and line."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.items import NamedItems, Sort, named_items, read_items
from assay.data.objects.bring import synthetic_of_object, task_of_object
from assay.data.split import split_task
from assay.data.table import DATA_SETS, DataSet, read_synthetic
from assay.data.table import open_task as open_real_task
from assay.errors import UserError
from assay.findings import accepting
from assay.generate.base import Factors, Generator, Workspace
from assay.generate.blender.fit import Blender
from assay.generate.csigan.fit import CsiGan
from assay.generate.digits_rendered import DigitsRendered
from assay.generate.gaussian_mixture import GaussianMixture
from assay.generate.given import generator as given
from assay.generate.jitter import Jitter
from assay.generate.rf_diffusion.fit import RfDiffusion
from assay.generate.simulate_csi.fit import SimulateCsi
from assay.generate.simulate_csi.task import SimulatedCsi
from assay.machine.memory import check_fits
from assay.own.installed import check_named, named, place_in
from assay.settings import split_options, with_text, without_option
from assay.types import Samples, Task, check_ratio

GENERATORS: dict[str, Generator] = {
    "blender": Blender(),
    "csigan": CsiGan(),
    "digits-rendered": DigitsRendered(),
    "gaussian-mixture": GaussianMixture(),
    "jitter": Jitter(),
    "rf-diffusion": RfDiffusion(),
    "simulate-csi": SimulateCsi(),
}
TASKS: dict[str, DataSet] = {**DATA_SETS, "simulated-csi": SimulatedCsi()}
AnyGenerator = str | Generator | Callable[..., Any]
"""A name as on the command line, settings, or a function of (task, n, rng) that gives x and y."""
DEFAULT_ITEMS, MOST_ITEMS = 1000, 10**7


def open_task(data: Any, **options: Any) -> Task:
    """A task from a name, a path, or whatever holds labelled real data in Python.

    Parameters
    ----------
    data : object
        ``NAME``, ``FILE`` or ``FOLDER``, each with ``:key=value,...`` if wanted; ``(x, y)``,
        ``(x, y, group)``, a DataFrame, a PyTorch or Hugging Face data set, a dict of arrays or of parts
        (`assay.samples`). A `Task` stays as it is.
    **options
        As of `assay.samples`, with ``seed``, ``shares``, ``deal`` and ``normalise``; of texts the same as
        after the colon.

    Raises
    ------
    UserError
        If there is no such task, or its data are missing or wrong.
    """
    if isinstance(data, Task) and not options:
        return data
    if isinstance(data, str | Path):
        return open_real_task(with_text(str(data), options), TASKS)
    if isinstance(data, Samples):
        return split_task(data, **options)
    return task_of_object(data, **options)


def synthesise(
    generator: AnyGenerator, n: int, task: Task, seed: int = 0, workspace: Workspace | None = None
) -> tuple[Samples, Factors]:
    """Fit a generator on a task and draw `n` items.

    Parameters
    ----------
    generator : str, settings or callable
        As on the command line (``"digits-rendered:slant=0"``, ``"mine.py:make"``), settings, or a function
        ``make(task, n, rng)`` that gives `Samples`, or x and y.
    n : int
    task : Task
    seed : int
        Same seed, same bytes.
    workspace : Workspace, optional
        Where checkpoints go, and on which device to learn.
    """
    if n < 1:
        raise UserError(f"n: {n}; expected one item or more")
    check_fits(4 * n * math.prod(task.shape), f"n: {n:,} items like those of {task.name}")
    settings = generator_of(generator)
    sampler = settings.fit(task, seed, workspace or Workspace())
    made = sampler.sample(n, np.random.default_rng(seed))
    if not (isinstance(made, tuple) and len(made) == 2 and isinstance(made[0], Samples)):
        raise UserError(f"generator {type(settings).__name__}: sample gives no pair of Samples and factors")
    samples, factors = made
    task.check_synthetic(samples)
    samples = replace(samples, features=samples.features or task.labelled.features)
    return samples, factors


def generator_of(generator: AnyGenerator) -> Generator:
    """The generator that a text names (here, of an installed package, at a place), or that is given.

    Raises
    ------
    UserError
        If there is none, or an option is wrong.
    """
    if isinstance(generator, str):
        return named(generator, GENERATORS, "generator", given)
    return given(generator)


def open_synthetic(data: Any, task: Task, ratio: float | None = None, **options: Any) -> Samples:
    """Synthetic items for a task from a path, a generator's name, or whatever holds them in Python.

    Parameters
    ----------
    data : object
        ``FILE``, ``FOLDER`` or ``GENERATOR``, each with ``:key=value,...`` if wanted; or as of `open_task`.
        `Samples` stay as they are, but for classes of their own. A function makes them (`synthesise`).
    task : Task
    ratio : float, optional
        A generator makes 1,000 items with seed 0, or as many more as this asks for.
    **options
        As of `assay.samples`; of texts the same as after the colon.

    Raises
    ------
    UserError
        If there is no such file, folder or generator, or its items do not fit the task.
    """
    if isinstance(data, Samples) and not data.classes and not options:
        return data
    if hasattr(data, "fit") or (callable(data) and not hasattr(data, "__getitem__")):
        return synthesise(data, _enough(task, ratio), task)[0]
    if not isinstance(data, str | Path):
        samples = synthetic_of_object(data, task, **options)
        task.check_synthetic(samples)
        return samples
    text = with_text(str(data), options)
    check_there(text)
    text, codes = without_option(text, "accept")
    samples = _opened(text, task, ratio)
    return replace(samples, findings=samples.findings + accepting(codes)) if codes else samples


def opened(task: Any, synthetic: Any, ratio: float | None = None) -> tuple[Task, Samples | None]:
    """Real and synthetic data as `open_task` and `open_synthetic` open them; the latter may be None."""
    real = open_task(task)
    return real, None if synthetic is None else open_synthetic(synthetic, real, ratio)


def _opened(text: str, task: Task, ratio: float | None) -> Samples:
    if makes(text):
        return synthesise(text, _enough(task, ratio), task)[0]
    return read_synthetic(text, task)


def open_items(text: str, sort: Sort) -> NamedItems:
    """The items of a file or folder (`read_items`), or the test items of the task that `text` names.

    Raises
    ------
    UserError
        If there are no such data, or the task has other classes.
    """
    if text.partition(":")[0] not in TASKS:
        return read_items(text, sort)
    task = open_task(text)
    if task.classes != sort.classes:
        raise UserError(f"{text}: classes {', '.join(task.classes)}; the model's: {', '.join(sort.classes)}")
    return named_items(task.test)


def check_there(text: str) -> None:
    """Raise `UserError` unless this is a generator with options that it has, or a path that is there."""
    text, _ = without_option(text, "accept")
    if makes(text):
        check_named(text, GENERATORS, "generator")
    elif not Path(split_options(text)[0]).exists():
        known = ", ".join(GENERATORS)
        raise UserError(f"synthetic data '{text}': no such file or folder (known generators: {known})")


def makes(text: str) -> bool:
    """Whether a text names a generator: here, of a package, at a place; a path that is there is none."""
    if text.partition(":")[0] in GENERATORS:
        return True
    return not Path(split_options(text)[0]).exists() and place_in(text, "generator") is not None


def _enough(task: Task, ratio: float | None) -> int:
    """How many items to make for a comparison."""
    if ratio is None:
        return DEFAULT_ITEMS
    check_ratio(ratio)
    if ratio * len(task.real) > MOST_ITEMS:
        raise UserError(f"ratio: {ratio} asks for more than {MOST_ITEMS:,} items")
    return max(DEFAULT_ITEMS, math.ceil(ratio * len(task.real)))
