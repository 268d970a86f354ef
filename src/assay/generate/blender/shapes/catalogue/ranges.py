"""Ranges of an object's parameters, as its maker's signature declares them.

A number is declared `Annotated[float, low, high]` or `Annotated[int, low, high]` (both ends included), a
choice `Literal["one", "other"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, get_args, get_origin, get_type_hints

import numpy as np

from .mesh import Mesh

Value = float | int | str
Parameters = dict[str, Value]
Maker = Callable[..., Mesh]


@cache
def ranges(make: Maker) -> dict[str, tuple[Value, ...]]:
    """Lowest and highest value of every number, and every choice of a word, by the parameter's name."""
    hints = get_type_hints(make, include_extras=True)
    return {name: _range(hint) for name, hint in hints.items() if name != "return"}


def _range(hint: object) -> tuple[Value, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else get_args(hint)


def drawn(make: Maker, rng: np.random.Generator) -> Parameters:
    """Draw every parameter evenly from its range."""
    return {name: _one(within, rng) for name, within in ranges(make).items()}


def _one(within: tuple[Value, ...], rng: np.random.Generator) -> Value:
    low, high = within[0], within[-1]
    if isinstance(low, str) or isinstance(high, str):
        return within[int(rng.integers(len(within)))]
    if isinstance(low, int):
        return int(rng.integers(low, int(high) + 1))
    return float(rng.uniform(low, high))


def check(make: Maker, name: str, parameters: Mapping[str, Value]) -> None:
    """Raise a ValueError that names the first parameter that is unknown, missing or outside its range."""
    known = ranges(make)
    for key in [*parameters, *known]:
        if key not in known:
            raise ValueError(f"{name} has no parameter {key!r}; it has {', '.join(known)}")
        if key not in parameters:
            raise ValueError(f"{name} needs the parameter {key!r}")
        if not _inside(parameters[key], known[key]):
            raise ValueError(f"{name}: {key} = {parameters[key]!r} is not in {known[key]}")


def _inside(value: Value, within: tuple[Value, ...]) -> bool:
    low, high = within[0], within[-1]
    if isinstance(low, str) or isinstance(high, str):
        return value in within
    return isinstance(value, type(low) | int) and not isinstance(value, bool) and low <= value <= high
