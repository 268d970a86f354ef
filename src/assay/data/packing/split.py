"""Which recording belongs to which part of a task: windows of one recording never stand on both sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.data.packing.labels import Fields
from assay.data.split import DEALT, SHARES, dealt
from assay.errors import UserError

FEW = {2: ("labelled", "test"), 3: ("labelled", "unlabelled", "test")}
Names = NDArray[np.str_]


def split_recordings(classes: list[int], fields: list[Fields], target: str, seed: int) -> Names:
    """The part of every recording, class by class.

    Parameters
    ----------
    classes : list of int
        Of every recording.
    fields : list of dict
        Of every recording.
    target : str
        ``user=2``: recordings of that person are the place where the model will work, a third of them
        unlabelled and the rest test; of the others, a tenth chooses the epoch. Without it, the shares of
        `assay.data.split`.
    seed : int
        Same seed, same split.

    Raises
    ------
    UserError
        If no recording has the target's value, all have, or a class has one recording only.
    """
    rng, part = np.random.default_rng(seed), np.full(len(classes), "labelled", "U10")
    is_target = _is_target(fields, target)
    for label in sorted(set(classes)):
        members = np.flatnonzero(np.array(classes) == label)
        if is_target is None:
            part[rng.permutation(members)] = _dealt(len(members))
            continue
        theirs, others = members[is_target[members]], members[~is_target[members]]
        part[rng.permutation(theirs)[: len(theirs) // 3]] = "unlabelled"
        part[theirs[part[theirs] == "labelled"]] = "test"
        part[rng.permutation(others)[: int(SHARES[DEALT.index("validation")] * len(others))]] = "validation"
    return part


def _dealt(n: int) -> Names:
    if n == 1:
        raise UserError(
            "a class of one recording, whose windows would be learnt and tested alike; give more recordings, "
            "or target=user=NAME"
        )
    return np.array(FEW[n]) if n in FEW else dealt(n)


def _is_target(fields: list[Fields], target: str) -> NDArray[np.bool_] | None:
    if not target:
        return None
    name, _, value = target.partition("=")
    known = sorted({recording.get(name, "") for recording in fields} - {""})
    if value not in known:
        raise UserError(f"target={target}: expected NAME=VALUE, of {name} {', '.join(known) or 'nothing'}")
    if len(known) == 1:
        raise UserError(f"target={target}: all recordings have that {name}; nobody is left to learn from")
    return np.array([recording.get(name) == value for recording in fields])
