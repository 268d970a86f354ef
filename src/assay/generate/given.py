"""A generator of the user's own: an object with `fit`, or a function of a task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from assay.data.objects.arrays import array_of
from assay.data.objects.bring import synthetic_of_object, table_of
from assay.data.spellings import PARTS
from assay.data.tabular.naming import Naming
from assay.errors import UserError
from assay.generate.base import Factors, Generator, Workspace
from assay.lazy import lazy
from assay.own.source import told
from assay.settings import replaced
from assay.types import UNKNOWN, Samples, Task


@dataclass(frozen=True)
class GivenGenerator:
    """Settings of a function that makes items.

    Parameters
    ----------
    name : str
        As on the command line, or what Python calls it.
    digest : str
        Of its source text.
    options : tuple of (str, value)
        Further arguments of the function.
    make : callable
        ``make(task, n, rng)`` gives `Samples`, ``x, y`` or a table: `n` items with the class of each.
    """

    name: str
    digest: str
    options: tuple[tuple[str, Any], ...] = ()
    make: Callable[..., Any] = field(default=lambda: None, compare=False, repr=False)

    def fit(self, task: Task, seed: int, workspace: Workspace) -> GivenSampler:
        """Nothing is learnt before items are asked for."""
        del seed, workspace
        return GivenSampler(self, task)


@dataclass(frozen=True)
class GivenSampler:
    """A function and the task that it makes items for."""

    settings: GivenGenerator
    task: Task

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """What the function makes.

        Raises
        ------
        UserError
            If that is none of `Samples`, a pair of arrays and a table, or the function fails.
        """
        name = self.settings.name
        try:
            made = self.settings.make(_guarded(self.task), n, rng, **dict(self.settings.options))
        except UserError:
            raise
        except Exception as error:  # the user's code, which may raise anything
            raise UserError(f"generator {name}: {type(error).__name__}: {error}") from error
        try:
            return _samples(made, self.task), {}
        except UserError as error:
            raise UserError(f"generator {name}: {error}") from None


def _guarded(task: Task) -> Task:
    """The task, its items such that writing into them is an error: nobody's real data may change."""
    parts: dict[str, Any] = {name: _read_only(getattr(task, name)) for name in PARTS}
    further = {name: _read_only(part) for name, part in task.further.items()}
    return replace(task, **parts, further=further)


def _read_only(samples: Samples) -> Samples:
    if lazy(samples.x) is not None:
        return samples
    guarded = replace(samples, x=samples.x[:])  # a view: what it looks at stays as it is
    guarded.x.flags.writeable = False
    return guarded


def _samples(made: Any, task: Task) -> Samples:
    """What a function made: classes as numbers count from 0, as the task's do, as text they go by name."""
    if isinstance(made, Samples):
        return made
    if (table := table_of(made, Naming())) is not None:
        return synthetic_of_object(table, task)
    if isinstance(made, Mapping) and {"x", "y"} <= set(made):
        made = (made["x"], made["y"])
    if not (isinstance(made, tuple) and len(made) == 2):
        raise UserError(
            f"gives an object of type {type(made).__name__}; expected Samples, x and y, or a table"
        )
    x, y = made
    return Samples(array_of("x", x), None if y is None else _places(array_of("y", y), task.classes))  # type: ignore[arg-type]


def _places(y: NDArray[Any], classes: tuple[str, ...]) -> NDArray[Any]:
    if y.dtype.kind not in "US":
        return y
    strange = sorted(set(y.astype(np.str_).tolist()) - {*classes, ""})
    if strange:
        raise UserError(f"y: '{strange[0]}' is no class; known: {', '.join(classes)}")
    place = {name: place for place, name in enumerate(classes)}
    return np.array([place.get(name, UNKNOWN) for name in y.astype(np.str_).tolist()])


def generator(thing: Any, name: str | None = None, options: dict[str, Any] | None = None) -> Generator:
    """Settings of a generator of one's own; what has `fit` is one already.

    Raises
    ------
    UserError
        If it is no function of a task, a number and a source of random numbers, nor has `fit`.
    """
    if hasattr(thing, "fit"):
        made: Any = thing() if isinstance(thing, type) else thing
        _check_fit(made, name or type(made).__name__)
        return cast(Generator, replaced(made, options, f"generator {name}") if options else made)
    called = name or str(getattr(thing, "__name__", type(thing).__name__))
    if not callable(thing) or isinstance(thing, type):
        raise UserError(f"generator {called}: expected a function of (task, n, rng), or an object with fit")
    _check_arguments(thing, called, options or {})
    return GivenGenerator(called, told(thing).digest, tuple((options or {}).items()), thing)


def _check_fit(made: Any, name: str) -> None:
    try:
        inspect.signature(made.fit).bind(None, 0, None)
    except TypeError as error:
        raise UserError(
            f"generator {name}: fit: {error}; expected fit(task, seed, workspace), or a function of "
            "(task, n, rng) that fits it to task.labelled.x and gives x and y"
        ) from None


def _check_arguments(make: Callable[..., Any], name: str, options: dict[str, Any]) -> None:
    try:
        inspect.signature(make).bind(None, 1, None, **options)
    except TypeError as error:
        raise UserError(f"generator {name}: {error}; expected a function of (task, n, rng)") from None
