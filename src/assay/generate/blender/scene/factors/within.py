"""Factors of one kind: a frozen dataclass of distributions, each with its limits beside it."""

from __future__ import annotations

import functools
import typing
from dataclasses import dataclass
from typing import Any

from assay.errors import UserError
from assay.generate.blender.scene.distribution import Distribution, Names


@dataclass(frozen=True)
class Within:
    """Lowest and highest value that a distribution may give."""

    low: float
    high: float


@dataclass(frozen=True)
class Among:
    """Words that a choice may hold."""

    words: tuple[str, ...]


def check_factors(settings: Any) -> None:
    """Raise `UserError`, naming the field, unless every distribution keeps to its limits."""
    for name, limits in _limits(type(settings)).items():  # type: ignore[arg-type]  # a type is hashable
        value = getattr(settings, name)
        if value is None and getattr(type(settings), name, "") is None:
            continue
        if isinstance(limits, Within):
            _check_within(name, value, limits)
        else:
            _check_among(name, value, limits)


def _check_within(name: str, value: Any, limits: Within) -> None:
    if not isinstance(value, Distribution):
        raise UserError(
            f"{name}: {value!r}; expected a distribution: fixed(1), uniform(1, 2) or one_of(1, 2)"
        )
    if value.lowest < limits.low or value.highest > limits.high:
        raise UserError(f"{name}: {value}; expected values from {limits.low:g} to {limits.high:g}")


def _check_among(name: str, value: Any, limits: Among) -> None:
    if not isinstance(value, Names):
        raise UserError(f'{name}: {value!r}; expected names("a", "b")')
    unknown = [word for word in value.words if word not in limits.words]
    if unknown:
        raise UserError(f"{name}: unknown '{unknown[0]}'; known: {', '.join(limits.words)}")


@functools.cache
def _limits(kind: Any) -> dict[str, Within | Among]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {
        name: limit
        for name, hint in hints.items()
        for option in (hint, *typing.get_args(hint))
        for limit in getattr(option, "__metadata__", ())
        if isinstance(limit, Within | Among)
    }
