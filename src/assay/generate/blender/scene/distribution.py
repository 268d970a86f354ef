"""What a factor may be: one value, a range, a choice, or a mixture of these, in Python and in text.

    1.5            fixed            fixed(1.5)
    1..2           uniform          uniform(1, 2)
    1+1.5+2        a choice         one_of(1, 1.5, 2)
    1..2@3+5       a mixture: from 1 to 2 in three cases, 5 in one
    metal@3+moss   names            names("metal", "moss", weights=(3, 1))

Every draw turns one number from 0 to 1 into a value, so that to fix one factor leaves all others as they
were.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar

from assay.errors import UserError

T = TypeVar("T")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE]-?\d+)?"
PIECE = re.compile(rf"({NUMBER})(?:\.\.({NUMBER}))?")


@dataclass(frozen=True)
class Distribution:
    """A mixture of points and uniform ranges.

    Parameters
    ----------
    pieces : tuple of (float, float)
        Low and high; equal for a point.
    weights : tuple of float
        How often each piece is taken, relative to the others; all alike where empty.

    Raises
    ------
    UserError
        If there is no piece, a low end lies above its high end, or weights are not one a piece, 0 or more,
        some above 0.
    """

    pieces: tuple[tuple[float, float], ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        numbers = [number for piece in self.pieces for number in piece]
        if not numbers or not all(math.isfinite(number) for number in numbers):
            raise UserError(f"{self.pieces}: expected one finite number or more")
        wrong = [piece for piece in self.pieces if piece[0] > piece[1]]
        if wrong:
            raise UserError(f"{wrong[0][0]:g}..{wrong[0][1]:g}: low is above high")
        _check_weights(self.weights, len(self.pieces))

    def at(self, share: float) -> float:
        """The value below which lies this share (0 to 1) of the pieces, taken in their order."""
        index, rest = _part(self.weights or (1.0,) * len(self.pieces), share)
        low, high = self.pieces[index]
        return min(low + (high - low) * rest, high)

    @property
    def lowest(self) -> float:
        """The smallest value that can come."""
        return min(low for low, _ in self.pieces)

    @property
    def highest(self) -> float:
        """The largest value that can come."""
        return max(high for _, high in self.pieces)

    def __str__(self) -> str:
        """The text that `distribution` reads."""
        texts = [f"{low!r}" if low == high else f"{low!r}..{high!r}" for low, high in self.pieces]
        return "+".join(_weighted(texts, self.weights))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let `assay.settings` read text and numbers."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(distribution)


@dataclass(frozen=True)
class Names:
    """A choice of words, some perhaps more often than others.

    Raises
    ------
    UserError
        If there is no word, or weights are not one a word, 0 or more, some above 0.
    """

    words: tuple[str, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.words:
            raise UserError("no name given; expected one or more")
        _check_weights(self.weights, len(self.words))

    def at(self, share: float) -> str:
        """The word at this share (0 to 1) of all, taken in their order."""
        return self.words[_part(self.weights or (1.0,) * len(self.words), share)[0]]

    def __str__(self) -> str:
        """The text that `choice` reads."""
        return "+".join(_weighted(self.words, self.weights))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let `assay.settings` read text."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(choice)


def fixed(value: float) -> Distribution:
    """Always the same."""
    return Distribution(((float(value), float(value)),))


def uniform(low: float, high: float) -> Distribution:
    """Anything between two values, equally likely."""
    return Distribution(((float(low), float(high)),))


def one_of(*values: float, weights: tuple[float, ...] = ()) -> Distribution:
    """One of some values."""
    return Distribution(tuple((float(value), float(value)) for value in values), weights)


def names(*words: str, weights: tuple[float, ...] = ()) -> Names:
    """One of some words."""
    return Names(words, weights)


def distribution(value: Any) -> Distribution:
    """A distribution from its text, a number, or itself.

    Raises
    ------
    UserError
        If the text is of no known form.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return fixed(value)
    if not isinstance(value, str):
        raise UserError("expected a number, low..high, or a+b+c")
    texts, weights = _split(value)
    return Distribution(tuple(_piece(text) for text in texts), weights)


def choice(value: Any) -> Names:
    """A choice from its text, some words, or itself.

    Raises
    ------
    UserError
        If a weight is no number.
    """
    if isinstance(value, Names):
        return value
    if isinstance(value, tuple | list):
        return Names(tuple(str(word) for word in value))
    return Names(*_split(str(value)))


def _piece(text: str) -> tuple[float, float]:
    found = PIECE.fullmatch(text)
    if not found:
        raise UserError(f"'{text}': expected a number, or low..high")
    return float(found[1]), float(found[2] or found[1])


def _split(text: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The parts of ``a@2+b`` and their weights, none if none is given."""
    pairs = [part.strip().partition("@") for part in text.split("+") if part.strip()]
    weights = tuple(_weight(weight) for _, _, weight in pairs)
    given = any(at for _, at, _ in pairs)
    return tuple(name for name, _, _ in pairs), weights if given else ()


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        raise UserError(f"weight '{text}': expected a number") from None


def _weighted(texts: Sequence[str], weights: tuple[float, ...]) -> list[str]:
    return [f"{t}@{_short(w)}" for t, w in zip(texts, weights)] if weights else list(texts)


def _short(weight: float) -> str:
    return repr(weight).replace("e+", "e")  # a plus would end the part


def _check_weights(weights: tuple[float, ...], count: int) -> None:
    if weights and len(weights) != count:
        raise UserError(f"{len(weights)} weights for {count} values; expected one each")
    if weights and not (all(0 <= w < math.inf for w in weights) and sum(weights) > 0):
        raise UserError(f"weights {weights}: expected finite numbers, 0 or more, some above 0")


@lru_cache(4096)
def _ends(weights: tuple[float, ...]) -> tuple[tuple[float, ...], int]:
    """Where each part ends, and which is the last that is ever taken."""
    return tuple(accumulate(weights)), max(i for i, weight in enumerate(weights) if weight > 0)


def _part(weights: tuple[float, ...], share: float) -> tuple[int, float]:
    """Which part a share of the whole falls into, and how far along in it (0 to 1)."""
    ends, last = _ends(weights)
    place = share * ends[-1]
    index = min(bisect_right(ends, place), last)
    return index, min(max((place - (ends[index] - weights[index])) / weights[index], 0.0), 1.0)
