"""The methods that a comparison knows by name: the baseline, and the controls of filters."""

from __future__ import annotations

import re

BASELINE, CONTROL = "real_only", "random_filter"
AT = "@"
"""Between a method and the backbone that it trains, where that is its own."""


def controlled(name: str) -> str | None:
    """The filter that a random filter is the control of; None for other methods."""
    match = re.fullmatch(rf"{CONTROL} \((.+)\)", name)
    return match[1] if match else None


def backbone_of(name: str) -> str:
    """``@BACKBONE`` of a method that trains one of its own, nothing of others."""
    _, at, backbone = (controlled(name) or name).partition(AT)
    return at + backbone
