"""Methods that see few real items: one pot in which they drown, or less than one pass over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.comparison.summary import Line

LEAST = 1 / 3
"""Share of what is drawn below which real items are said to drown."""


def drowned(lines: Sequence[Line], info: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for the methods that draw few real items, another if none sees all of them once."""
    methods, training = info.get("methods", {}), info.get("training", {})
    shares = {line.method: _share(line, methods.get(line.method, {})) for line in lines if line.counts}
    few = {name: share for name, share in shares.items() if share < LEAST}
    if few:
        told = ", ".join(f"{name} {share:.0%}" for name, share in few.items())
        way_out = " With real_share=0.5 half of each batch is real."
        yield (
            f"Of what these methods draw from one pot so much is real, and the rest synthetic: {told}."
            + way_out * any("real_share" in methods[name] for name in few)
        )
    most = max((line.counts["real"] for line in lines if line.counts), default=0)
    drawn = training.get("epochs", 0) * training.get("steps", 0) * training.get("batch", 0)
    if 1 < drawn < most:  # 1: a forest and the like, which learn from all items at once
        yield (
            f"Training draws {drawn} items, and there are {most} labelled real ones: less than one pass. "
            "--training epochs=...,steps=... makes it longer."
        )


def _share(line: Line, settings: Mapping[str, Any]) -> float:
    """Real items in a pot of real and synthetic ones; 1 where they are drawn apart, or there are none."""
    pot = settings.get("real_share") == "pool" or settings.get("source") == "both"
    real = line.counts["real"]
    return real / (real + line.used) if pot and real + line.used else 1.0
