"""Which part holds how many groups, and do some stand on both sides?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assay.data.examine.facts import Facts
from assay.findings import Finding


def groups(facts: Facts) -> Iterator[Finding]:
    """Groups by part; a warning where test groups are also labelled ones.

    Shots are labelled items of the target, and may be of the test's groups.
    """
    held = {part: np.unique(facts.samples(part).group) for part in facts.real}
    if len(np.unique(np.concatenate(list(held.values())))) < 2:
        return
    counted = ", ".join(
        f"{part} {len(found)} ({len(facts.real[part])} items)" for part, found in held.items()
    )
    both = np.intersect1d(held["test"], held["labelled"])
    apart = "" if len(both) else "; no test group is a labelled one"
    yield Finding("note", "groups", f"groups: {counted}{apart}")
    if len(both):
        yield _both_sides(facts, len(both), len(held["test"]))


def _both_sides(facts: Facts, both: int, of: int) -> Finding:
    alike = np.isin(facts.samples("test").group, facts.samples("labelled").group)
    message = (
        f"{both} of {of} test groups are also in labelled ({int(alike.sum())} of {len(alike)} test items): "
        "accuracy is that of new items of known groups"
    )
    way_out = "without split, or with deal=groups, whole groups are dealt out"
    touches = f"{both} of {of} test groups are also in labelled: new groups may fare worse"
    return Finding("warn", "groups_both_sides", message, "test", both, of, way_out=way_out, touches=touches)
