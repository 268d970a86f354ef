"""What becomes of every batch before a method sees it: looks of images, or by a function of one's own."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, get_args

import torch
from annotated_types import Predicate
from torch import Generator, Tensor

from assay.data.augment import Augmentation, augmenter
from assay.errors import UserError
from assay.models.given import drawing_from
from assay.own.installed import named, place_in
from assay.own.source import told
from assay.types import Task

LOG = logging.getLogger(__name__)
WHAT = "augmentation"
Looks = Callable[[Tensor, Generator], Tensor]
"""What becomes of the `x` of a batch before a method sees it."""


def is_own(value: Any) -> bool:
    """Whether this may be an augmentation of the user's own: a callable, a place or an installed name."""
    return callable(value) or (isinstance(value, str) and place_in(value, "augmentation") is not None)


AnyAugmentation = Augmentation | Annotated[Any, Predicate(is_own)]


@dataclass(frozen=True)
class GivenAugmentation:
    """A function of the user's own, from a batch to a batch.

    Parameters
    ----------
    name : str
        As on the command line, or what Python calls it.
    digest : str
        Of its source text: a run's identity.
    lasting : bool
        Whether another version of Python reads the same text.
    function : callable
        Of ``x`` or of ``(x, generator)``.
    """

    name: str
    digest: str
    lasting: bool = True
    function: Callable[..., Any] = field(default=lambda x: x, compare=False, repr=False)

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        """New looks of a batch, of its shape and type, on its device.

        Raises
        ------
        UserError
            If the function gives anything else.
        """
        more = (generator,) if _asks_for_luck(self.function) else ()
        with torch.no_grad(), drawing_from(generator):
            y = self.function(x, *more)
        if not isinstance(y, Tensor) or y.shape != x.shape:
            what = f"shape {tuple(y.shape)}" if isinstance(y, Tensor) else f"type {type(y).__name__}"
            raise UserError(
                f"augmentation {self.name}: of a batch of shape {tuple(x.shape)} it makes one of {what}; "
                "expected a tensor of the same shape"
            )
        return y.to(x)

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse a function that fails on two items of zeros, and say if it has no source text.

        Raises
        ------
        UserError
            If it does.
        """
        if not self.lasting:
            LOG.warning(
                "augmentation %s: has no source text of its own: finished runs are found again by this "
                "version of Python alone; a function with a name has no such limit",
                self.name,
            )
        try:
            self(torch.zeros(2, *shape), Generator())
        except UserError:
            raise
        except Exception as error:  # the user's code, which may raise anything
            raise UserError(f"augmentation {self.name}: {type(error).__name__}: {error}") from error


def settled(augment: Any) -> Augmentation | GivenAugmentation:
    """The augmentation that a setting means: one of the house, or the user's own with its source text told.

    Raises
    ------
    UserError
        If there is none at such a place.
    """
    if isinstance(augment, GivenAugmentation) or augment in get_args(Augmentation):
        return augment  # type: ignore[no-any-return]
    return named(augment, {}, WHAT, _given) if isinstance(augment, str) else _given(augment)


def reopened(known: Any) -> Any:
    """The augmentation that a finished run names; of the user's own as it is now.

    Raises
    ------
    UserError
        If it was a Python object, or is another by now.
    """
    if not isinstance(known, Mapping):
        return known
    found = settled(known["name"]) if is_own(known["name"]) else None
    if found is None or found.digest != known["digest"]:  # type: ignore[union-attr]
        changed = "is another by now" if found else "was a Python object"
        raise UserError(f"training: augment={known['name']}: {changed}; give the training again")
    return found


def looks_of(augment: Augmentation | GivenAugmentation, task: Task) -> Looks | None:
    """What a batch of a task's items becomes; None if it stays as it is.

    Raises
    ------
    UserError
        If the house's augmentations do not suit the items.
    """
    return augment if isinstance(augment, GivenAugmentation) else augmenter(augment, task)


def _given(thing: Any, name: str = "", options: Mapping[str, Any] | None = None) -> GivenAugmentation:
    called = name or str(getattr(thing, "__qualname__", type(thing).__name__)).rpartition("<locals>.")[2]
    if not callable(thing):
        raise UserError(f"augmentation {called}: {type(thing).__name__}; expected a function of a batch")
    text = told(thing)
    function = thing(**(options or {})) if isinstance(thing, type) else thing
    if options and not isinstance(thing, type):
        function = partial(thing, **options)
    return GivenAugmentation(called, text.digest, text.lasting, function)


def _asks_for_luck(function: Callable[..., Any]) -> bool:
    """Whether a function takes a source of random numbers beside the batch."""
    try:
        parameters = inspect.signature(getattr(function, "forward", function)).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(needed) > 1 and (needed[1].default is inspect.Parameter.empty or needed[1].name == "generator")
