"""The methods that a comparison knows by name: the baseline, and the controls of filters."""

from __future__ import annotations

import re

BASELINE, CONTROL = "real_only", "random_filter"


def controlled(name: str) -> str | None:
    """The filter that a random filter is the control of; None for other methods."""
    match = re.fullmatch(rf"{CONTROL} \((.+)\)", name)
    return match[1] if match else None
