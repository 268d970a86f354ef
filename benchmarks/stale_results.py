"""Which pages of results are older than the code that they measure.

    python benchmarks/stale_results.py

The front matter of a page says of each part (a heading of it) the commit that brought its numbers and the
code that they are of. Listed is how many commits have touched that code since: what to measure again is for
a person to say.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ENTRY = re.compile(r'^  - \{of: "(.+)", commit: ([0-9a-f]{7,40}), code: "(.+)"\}$', re.MULTILINE)


class Measured(NamedTuple):
    """A part of a page, the commit that brought its numbers, and what they are of."""

    page: Path
    of: str
    commit: str
    code: tuple[str, ...]


def measured(page: Path) -> list[Measured]:
    """What the front matter of a page says; nothing without one."""
    front = re.match(r"---\nmeasured:\n(.*?)---\n", page.read_text(encoding="utf-8"), re.DOTALL)
    entries = ENTRY.findall(front[1]) if front else []
    return [Measured(page, of, commit, tuple(code.split())) for of, commit, code in entries]


def since(entry: Measured) -> int:
    """Commits that have touched the code since."""
    words = ["git", "rev-list", "--count", f"{entry.commit}..HEAD", "--", *entry.code]
    return int(subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def rows() -> Iterator[tuple[str, ...]]:
    """A line for each part of each page."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for entry in measured(page):
            yield str(page.relative_to(ROOT)), entry.of, entry.commit, str(since(entry))


def main() -> None:
    """Print a table of all that was measured."""
    for row in [("page", "part", "commit", "commits to its code since"), ("---",) * 4, *rows()]:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
