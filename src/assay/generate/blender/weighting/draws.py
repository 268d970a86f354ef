"""What every factor drew for every picture.

The scenes of a manifest do not tell it all: a camera's exposure there is what was drawn plus what was
metered, a material's colour is no longer hue, saturation and value. A stream is a function of its seed, so
the draws are had by going through the scenes again with distributions that write down what they give.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from assay.generate.blender.scene.distribution import Distribution, Names
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.stream import Stream


@dataclass(frozen=True)
class Draws:
    """All values that one factor drew: `picture[j]` is the place of the picture that `values[j]` is for.

    A factor may draw once for each picture, several times (every lamp has an energy), or not at all.
    """

    values: tuple[float | str, ...]
    picture: NDArray[np.int64]


@dataclass(frozen=True)
class _Told(Distribution):
    """A distribution that writes down what it gives."""

    values: list[float | str] = field(default_factory=list, compare=False)

    def at(self, share: float) -> float:
        """As the distribution has it."""
        self.values.append(value := super().at(share))
        return value


@dataclass(frozen=True)
class _ToldNames(Names):
    """A choice that writes down what it gives."""

    values: list[float | str] = field(default_factory=list, compare=False)

    def at(self, share: float) -> str:
        """As the choice has it."""
        self.values.append(value := super().at(share))
        return value


def random_factors(settings: BlenderSettings) -> tuple[str, ...]:
    """Names of the factors that may take more than one value, in the order of the settings."""
    return tuple(field.name for field in fields(settings) if _is_random(getattr(settings, field.name)))


def _is_random(value: object) -> bool:
    if isinstance(value, Distribution):
        return value.lowest < value.highest
    return isinstance(value, Names) and len(value.words) > 1


def draws_of(stream: Stream, indices: Iterable[int], factors: Sequence[str]) -> dict[str, Draws]:
    """What each of the factors drew for the pictures at these indices of a stream."""
    told = {name: _telling(getattr(stream.settings, name)) for name in factors}
    telling = replace(stream, settings=replace(stream.settings, **told))  # type: ignore[arg-type]
    owners: dict[str, list[int]] = {name: [] for name in factors}
    for place, index in enumerate(indices):
        telling.scene(index)
        for name, owner in owners.items():
            owner += [place] * (len(told[name].values) - len(owner))
    return {name: Draws(tuple(told[name].values), np.array(owners[name], dtype=np.int64)) for name in factors}


def _telling(factor: Distribution | Names) -> _Told | _ToldNames:
    if isinstance(factor, Names):
        return _ToldNames(factor.words, factor.weights)
    return _Told(factor.pieces, factor.weights)
