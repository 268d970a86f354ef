"""What took how long, by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
Seconds = dict[str, float]


class Stopwatch:
    """Adds up seconds by name: ``with watch("features"): ...``.

    Attributes
    ----------
    seconds : dict
        Wall seconds, in the order in which names came.
    """

    def __init__(self) -> None:
        self.seconds: Seconds = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Context whose time counts under `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def timed(function: Callable[..., T], *arguments: Any) -> tuple[T, float]:
    """What the function returns, and how many wall seconds it took."""
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start


def together(parts: Sequence[Seconds]) -> Seconds:
    """Sums by name."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}
