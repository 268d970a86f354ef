"""ShapeNet's class folders are WordNet numbers; here are the names of its classes."""

from __future__ import annotations

from collections.abc import Collection

OTHERS = {
    "02691156": "airplane",
    "02834778": "bicycle",
    "02871439": "bookshelf",
    "02924116": "bus",
    "02946921": "can",
    "02958343": "car",
    "02992529": "cellphone",
    "03211117": "display",
    "03261776": "earphone",
    "03325088": "faucet",
    "03593526": "jar",
    "03624134": "knife",
    "03790512": "motorcycle",
    "03948459": "pistol",
    "04099429": "rocket",
    "04225987": "skateboard",
    "04468005": "train",
}
"""Classes that S2RDA does not list with a number; those that it shows have its names."""


def class_names(folders: Collection[str]) -> dict[str, str]:
    """The name of the class in every folder.

    Where all folders are WordNet numbers of eight digits, those of ShapeNet get their names, as S2RDA writes
    them; others keep their number. Any other folder is its own name.
    """
    if not all(len(name) == 8 and name.isdecimal() for name in folders):
        return {name: name for name in folders}
    from assay.data.s2rda_tree import class_table

    listed = {row["shapenet"]: row["class"] for row in class_table() if row["shapenet"]}
    return {name: (listed | OTHERS).get(name, name) for name in folders}
