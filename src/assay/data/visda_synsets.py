"""Which folders of ImageNet make the ten classes of SubVisDA-10, as released and as they should be.

The released map (Tang and Jia, CVPR 2023, for the pre-training sets SubImageNet and ImageNet-990) was made by
matching names: its skateboards are scoreboards and mortarboards, and one of its cars is a railway carriage.
ImageNet has no skateboard at all.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Literal


def synset_table() -> list[dict[str, str]]:
    """A row for each synset of the released map, in its order.

    Columns: class (as in SubVisDA-10), synset, name (what the synset is), flag (``wrong``: not of the class;
    ``narrow``: the class's only synset, and one kind of it), correction (its class; empty if it is left out).
    """
    text = (files("assay.data") / "tables" / "synsets.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def synset_map(protocol: Literal["corrected", "released"] = "corrected") -> dict[str, tuple[str, ...]]:
    """Synsets of each class, the one first whose folder ImageNet-990 merges the others into.

    Parameters
    ----------
    protocol : {"corrected", "released"}
        ``corrected`` leaves out the synsets that are not of the class, after which ``skateboard`` has none.

    Returns
    -------
    dict of str to tuple of str
        Under the ten names of SubVisDA-10, in their order.
    """
    column = "correction" if protocol == "corrected" else "class"
    rows = synset_table()
    return {
        name: tuple(row["synset"] for row in rows if row[column] == name)
        for name in dict.fromkeys(row["class"] for row in rows)
    }


def merged_synsets(protocol: Literal["corrected", "released"] = "corrected") -> dict[str, str]:
    """Folders of ImageNet that ImageNet-990 empties, and into which folder each goes.

    ``released`` leaves 990 classes of the 1,000, ``corrected`` 992.
    """
    groups = synset_map(protocol).values()
    return {synset: group[0] for group in groups for synset in group[1:]}
