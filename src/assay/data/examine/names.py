"""Which files the items are that findings speak of, where items were read from files."""

from __future__ import annotations

import re
from dataclasses import replace

from assay.data.examine.facts import Facts
from assay.findings import Finding


def with_names(finding: Finding, facts: Facts) -> Finding:
    """The finding, every ``test item 7`` in it with its file; another first item of it among the details."""
    files = {part: found for part in facts.surveys if (found := facts.samples(part).files)}
    if not files:
        return finding
    item = re.compile(rf"\b({'|'.join(map(re.escape, files))}) item (\d+)\b")

    def named(text: str) -> str:
        return item.sub(lambda found: f"{found[0]} ({files[found[1]].names[int(found[2])]})", text)

    message, details = named(finding.message), [named(line) for line in finding.details]
    if finding.count and finding.first is not None and message == finding.message and finding.part in files:
        details.append(named(f"{finding.part} item {finding.first}"))
    return replace(finding, message=message, details=tuple(details))
