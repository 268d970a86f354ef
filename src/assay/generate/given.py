"""A generator of the user's own: an object with `fit`, or a function of a task."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from assay.errors import UserError
from assay.generate.base import Factors, Generator, Workspace
from assay.own.source import told
from assay.settings import replaced
from assay.types import Samples, Task


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
        ``make(task, n, rng)`` gives `Samples`, or ``x, y``: `n` items and the class each was made for.
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
            If that is neither `Samples` nor a pair of arrays, or the function fails.
        """
        name = self.settings.name
        try:
            made = self.settings.make(self.task, n, rng, **dict(self.settings.options))
        except UserError:
            raise
        except Exception as error:  # the user's code, which may raise anything
            raise UserError(f"generator {name}: {type(error).__name__}: {error}") from error
        if isinstance(made, Samples):
            return made, {}
        if not (isinstance(made, tuple) and len(made) == 2):
            kind = type(made).__name__
            raise UserError(f"generator {name}: gives an object of type {kind}; expected Samples, or x and y")
        return Samples(np.asarray(made[0]), np.asarray(made[1])), {}


def generator(thing: Any, name: str | None = None, options: dict[str, Any] | None = None) -> Generator:
    """Settings of a generator of one's own; what has `fit` is one already.

    Raises
    ------
    UserError
        If it is no function of a task, a number and a source of random numbers, nor has `fit`.
    """
    if hasattr(thing, "fit"):
        made: Any = thing() if isinstance(thing, type) else thing
        return cast(Generator, replaced(made, options, f"generator {name}") if options else made)
    called = name or str(getattr(thing, "__name__", type(thing).__name__))
    if not callable(thing) or isinstance(thing, type):
        raise UserError(f"generator {called}: expected a function of (task, n, rng), or an object with fit")
    _check_arguments(thing, called, options or {})
    return GivenGenerator(called, told(thing).digest, tuple((options or {}).items()), thing)


def _check_arguments(make: Callable[..., Any], name: str, options: dict[str, Any]) -> None:
    try:
        inspect.signature(make).bind(None, 1, None, **options)
    except TypeError as error:
        raise UserError(f"generator {name}: {error}; expected a function of (task, n, rng)") from None
