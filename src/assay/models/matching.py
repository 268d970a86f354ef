"""Tensors of a foreign file of weights under the names that a network has for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from assay.errors import UserError

Tensors = dict[str, Tensor]
HEADS = ("fc", "_fc", "classifier", "head", "heads", "aux", "pre_logits", "last_linear")
"""What classifiers are called: the parts of a file that a trunk does not want."""
COUNTS = "num_batches_tracked"
NAMED = 3


def matched(wanted: Tensors, found: Tensors, path: Path, ordered: bool) -> Tensors:
    """The tensors of a file for a network without a classifier.

    By their names where the file has them; else by their order, if every tensor is then of the same sort
    (weight, bias, running mean ...) and shape, and all that is left over is a classifier at the end.

    Parameters
    ----------
    wanted, found : dict of tensors
        Of the network, and of the file.
    path : Path
        Of the file, for messages.
    ordered : bool
        Whether the file keeps the order of the layers (safetensors sort names).

    Raises
    ------
    UserError
        With what the file lacks, or has beside it.
    """
    needed = {name: x for name, x in wanted.items() if not name.endswith(COUNTS)}
    named = _by_name(needed, found)
    chosen = named if len(named) == len(needed) else ordered and _by_order(needed, found)
    if not chosen:
        raise UserError(f"{path}: {_lacking(needed, named)}; the file is of another network")
    if chosen is named:
        _check_rest(wanted, found, path)
    return {name: found.get(name, x) for name, x in wanted.items() if name.endswith(COUNTS)} | chosen


def _by_name(needed: Tensors, found: Tensors) -> Tensors:
    return {n: found[n] for n, x in needed.items() if n in found and found[n].shape == x.shape}


def _by_order(needed: Tensors, found: Tensors) -> Tensors | None:
    """None unless everything fits."""
    theirs = [(name, x) for name, x in found.items() if not name.endswith(COUNTS)]
    pairs = list(zip(needed.items(), theirs))
    fits = all(_sort(a) == _sort(b) and _size(x) == _size(y) for (a, x), (b, y) in pairs)
    rest = theirs[len(needed) :]
    if len(pairs) < len(needed) or not fits or not all(_is_head(name) for name, _ in rest):
        return None
    return {a: y.reshape(x.shape) for (a, x), (_, y) in pairs}


def _sort(name: str) -> str:
    return name.rpartition(".")[2]


def _size(x: Tensor) -> list[int]:
    """The shape without axes of length one: a convolution of one pixel is a linear layer."""
    return [n for n in x.shape if n > 1]


def _is_head(name: str) -> bool:
    return name.partition(".")[0].partition("_dist")[0] in HEADS


def _lacking(needed: Tensors, named: Mapping[str, Tensor]) -> str:
    missing = [name for name in needed if name not in named]
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    return f"{', '.join(missing[:NAMED])}{more}: not in the file, or of another shape"


def _check_rest(wanted: Tensors, found: Tensors, path: Path) -> None:
    rest = [name for name in found if name not in wanted and not _is_head(name)]
    if rest:
        raise UserError(f"{path}: {rest[0]}: the network has no such tensor; the file is of another one")
