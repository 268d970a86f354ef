"""The parts of an assessment, beside what is found in the data."""

from __future__ import annotations

from collections.abc import Sequence

from assay.errors import UserError

PARTS = ("score", "comparison", "advice")
"""In the order in which they are made, the cheapest first."""


def checked_parts(parts: Sequence[str]) -> list[str]:
    """Parts in their order, each once.

    Raises
    ------
    UserError
        If one is unknown, or there is none.
    """
    for part in parts:
        if part not in PARTS:
            raise UserError(f"parts: '{part}'; known: {', '.join(PARTS)}")
    if not parts:
        raise UserError(f"parts: none; known: {', '.join(PARTS)}")
    return [part for part in PARTS if part in parts]
