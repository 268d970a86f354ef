"""What items are called below their pictures: the files they came from, or their places."""

from __future__ import annotations

from collections.abc import Sequence


def called(names: Sequence[str]) -> str:
    """Names in a row, what they have in common once: ``mug/: 1.jpg, 7.jpg`` or ``items 3, 17``."""
    if all(name.startswith("item ") for name in names):
        return f"item{'s' * (len(names) > 1)} {', '.join(name.removeprefix('item ') for name in names)}"
    folders = {name.rpartition("/")[0] for name in names}
    if len(folders) > 1 or "" in folders:
        return ", ".join(names)
    return f"{folders.pop()}/: {', '.join(name.rpartition('/')[2] for name in names)}"
