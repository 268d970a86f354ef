"""Median CPU-seconds and wall seconds of alternating repetitions: fair on a machine that others use too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def alternate(*functions: Callable[[], object], repeats: int) -> list[tuple[float, float]]:
    """(CPU-seconds, wall seconds) of every function, medians over `repeats` rounds; one round to warm up."""
    for function in functions:
        function()
    rounds = [[_once(function) for function in functions] for _ in range(repeats)]
    return [
        (statistics.median(cpu for cpu, _ in column), statistics.median(wall for _, wall in column))
        for column in zip(*rounds)
    ]


def _once(function: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    function()
    return time.process_time() - cpu, time.perf_counter() - wall


def told(name: str, baseline: tuple[float, float], ours: tuple[float, float]) -> str:
    """One line: both times and their ratios."""
    return (
        f"{name}: baseline {baseline[0]:.3f} CPU-s, {baseline[1]:.3f} s; ours {ours[0]:.3f} CPU-s, "
        f"{ours[1]:.3f} s; ratio {baseline[0] / ours[0]:.2f} (CPU), {baseline[1] / ours[1]:.2f} (wall)"
    )
