"""Adversaries that were escaped: domain losses that stay far above what guessing costs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from assay.comparison.result import Comparison

FAR = 2 * math.log(2)
"""Nats; an adversary that guesses has a loss of ln 2."""
GREW = (
    "end far above the ln 2 of guessing: the features have grown to escape the domain head: the method says "
    "nothing of adaptation. A domain head with a hidden layer, or less strength, holds them."
)


def escaped(comparison: Comparison) -> Iterator[str]:
    """A sentence for the methods whose adversary ends far above guessing, mean over domains and seeds."""
    names = dict.fromkeys(run["label"] for run in comparison.runs)
    losses = {name: _domain_loss(comparison, name) for name in names}
    told = [f"{name} ({loss:.1f})" for name, loss in losses.items() if loss > FAR]
    if told:
        yield f"The domain losses of {', '.join(told)} {GREW}"


def _domain_loss(comparison: Comparison, name: str) -> float:
    """Mean domain loss of the last epoch; 0 without one."""
    ends = [run["history"][-1] for run in comparison.runs if run["label"] == name and not run["error"]]
    found = [
        value for end in ends for key, value in end.get("losses", {}).items() if key.startswith("domain_")
    ]
    return float(np.mean(found)) if found else 0.0
