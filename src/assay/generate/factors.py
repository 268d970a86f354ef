"""Factors: their ranges, how they are drawn, and how they are kept as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

Range = tuple[float, ...]
"""One value (fixed) or two, low first (drawn uniformly between them)."""
Limits = Mapping[str, tuple[float, float]]
"""Lowest and highest value of every factor."""

Part = TypeVar("Part")


def check_ranges(settings: Any, limits: Limits) -> None:
    """Raise `UserError` unless each range has one or two values, low first, within its limits."""
    for name, (lowest, highest) in limits.items():
        values: Range = getattr(settings, name)
        if len(values) not in (1, 2):
            raise UserError(f"{name}: {len(values)} values; expected one (fixed) or two (low and high)")
        if not all(lowest <= value <= highest for value in values):
            raise UserError(f"{name}: {values}; expected values from {lowest} to {highest}")
        if values[0] > values[-1]:
            raise UserError(f"{name}: low {values[0]} is above high {values[-1]}")


def uniform(rng: np.random.Generator, settings: Any, limits: Limits) -> dict[str, float]:
    """Each factor uniform in its range; one draw each, also for a fixed one."""
    ranges = [getattr(settings, name) for name in limits]
    drawn = zip(limits, ranges, rng.random(len(ranges)).tolist())
    return {name: float(r[0] + (r[-1] - r[0]) * share) for name, r, share in drawn}


def columns(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, type]) -> dict[str, NDArray[Any]]:
    """One array (n,) for every factor."""
    return {name: np.array([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()}


def part_of(kind: type[Part], row: Mapping[str, Any]) -> Part:
    """The dataclass whose fields a row of factors holds, among others."""
    return kind(**{field.name: row[field.name] for field in fields(kind)})  # type: ignore[arg-type]
