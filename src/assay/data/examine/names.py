"""Which files the items are that findings speak of, where items were read from files."""

from __future__ import annotations

from dataclasses import replace

from assay.data.examine.facts import Facts
from assay.findings import Finding

TOLD = 5
"""Pairs of items that are named."""


def with_names(finding: Finding, facts: Facts) -> Finding:
    """The finding, its details with the file names of its first item and of its pairs."""
    first = [] if finding.first is None or not finding.count else [(finding.part, finding.first)]
    pairs = [
        place for pair in finding.pairs[:TOLD] for place in ((pair.part, pair.item), (pair.other, pair.twin))
    ]
    lines = [_line(facts, part, item) for part, item in dict.fromkeys([*first, *pairs])]
    return replace(finding, details=(*finding.details, *filter(None, lines)))


def _line(facts: Facts, part: str, item: int) -> str:
    """``test item 7 is test/mug/7.jpg``; nothing if it is of no file."""
    files = facts.samples(part).files if part in facts.surveys else None
    return f"{part} item {item} is {files.names[item]}" if files else ""
