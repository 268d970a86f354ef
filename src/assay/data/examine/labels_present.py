"""Do labels say anything: is there more than one class, are classes missing?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assay.data.examine.facts import SYNTHETIC, Facts
from assay.findings import Finding


def labels_present(facts: Facts) -> Iterator[Finding]:
    """Parts, and synthetic items, that hold one class alone, or lack some; test items are not looked at."""
    for part in facts.surveys:
        if part != "unlabelled" and not part.startswith("test"):
            yield from _of_part(facts, part)


def _of_part(facts: Facts, part: str) -> Iterator[Finding]:
    samples, classes = facts.samples(part), facts.task.classes
    counts = samples.counts(len(classes))
    missing = [name for name, n in zip(classes, counts) if not n]
    if not counts.any():
        message = f"{part}: no item has a {'condition' if part == SYNTHETIC else 'class'}"
        yield Finding("note", "no_labels", message, part, len(samples), len(samples))
    elif len(missing) == len(classes) - 1:
        only = classes[int(np.argmax(counts))]
        message = f"{part}: all {counts.sum()} labels are equal: '{only}'"
        yield Finding("warn", "one_class", message, part, int(counts.sum()), len(samples), touches=message)
    elif missing:
        shown = ", ".join(missing[:8]) + (" ..." if len(missing) > 8 else "")
        message = f"{part}: no item of {len(missing)} of {len(classes)} classes: {shown}"
        yield Finding("note", "classes_missing", message, part, len(missing), len(classes))
