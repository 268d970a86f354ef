"""What is left of a trained method: a backbone and a head of plain layers, behind normalisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn

from assay.errors import UserError
from assay.models.layers import Dropout

Described = tuple[str | int | bool, ...]
"""A layer as a file names it: its kind, and what it is made with."""


class First(nn.Module):
    """The first columns: of more logits than classes, those of the classes."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, count)."""
        return x[:, : self.count]


class Plain(nn.Module):
    """A backbone and a head of plain layers, in evaluation mode what a method's `predict` computes.

    Parameters
    ----------
    backbone : nn.Module
        From normalised items to features.
    *layers : nn.Module
        From features to logits, shape (n, classes); further columns are predictions of no class. Dropout,
        which does nothing here, is left out.
    full : bool
        Whether the head runs in float32 where the backbone runs in bf16.
    """

    def __init__(self, backbone: nn.Module, *layers: nn.Module, full: bool = False) -> None:
        super().__init__()
        self.backbone, self.full = backbone, full
        self.head = nn.Sequential(*(layer for part in layers for layer in _flat(part)))

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n, outputs)."""
        return cast(Tensor, self.head(self.backbone(x)))

    def logits(self, x: Tensor, autocast: Callable[[], AbstractContextManager[Any]]) -> Tensor:
        """Logits in float32, in the number formats of the method that was trained."""
        with autocast():
            features = self.backbone(x)
        with nullcontext() if self.full else autocast():
            return cast(Tensor, self.head(features.float() if self.full else features)).float()


def _flat(layer: nn.Module) -> Iterator[nn.Module]:
    if isinstance(layer, nn.Sequential):
        for part in layer:
            yield from _flat(part)
    elif not isinstance(layer, Dropout | nn.Dropout):
        yield layer


# -- heads in a file ----------------------------------------------------------------------------------

LAYERS: dict[str, tuple[type[nn.Module], tuple[str, ...]]] = {
    "linear": (nn.Linear, ("in_features", "out_features")),
    "batch_norm": (nn.BatchNorm1d, ("num_features",)),
    "relu": (nn.ReLU, ()),
    "first": (First, ("count",)),
}
"""The layers that a head may have, and the numbers that make them."""


def described(head: nn.Sequential) -> tuple[Described, ...]:
    """The layers of a head, so that `rebuilt` makes the same with other weights.

    Raises
    ------
    UserError
        If a layer is of no kind that a file can name.
    """
    return tuple(map(_described, head))


def _described(layer: nn.Module) -> Described:
    for name, (kind, numbers) in LAYERS.items():
        if type(layer) is kind:
            return (name, *(int(getattr(layer, number)) for number in numbers))
    raise UserError(f"head: {type(layer).__name__}: a file can hold {', '.join(LAYERS)} and no other layer")


def rebuilt(layers: Sequence[Described]) -> nn.Sequential:
    """The head that `described` described, its weights not yet those of the file.

    Raises
    ------
    UserError
        If a layer is unknown, or its numbers make none.
    """
    return nn.Sequential(*map(_rebuilt, layers))


def _rebuilt(layer: Described) -> nn.Module:
    kind, numbers = LAYERS.get(str(layer[0]) if layer else "", (None, ()))
    if kind is None or len(layer) != len(numbers) + 1 or not all(isinstance(n, int) for n in layer[1:]):
        raise UserError(f"head: {list(layer)}: no layer that a file can hold")
    return kind(*layer[1:])


# -- normalisation ------------------------------------------------------------------------------------


class StandardChannels(nn.Module):
    """(x - mean) / deviation of each channel, as of the items that a model learnt from.

    Parameters
    ----------
    mean, deviation : tensors, shape (1, channels, 1, ...)
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", 1 / deviation)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised items in float32."""
        return (x.float() - self.mean) * self.scale


class StandardItems(nn.Module):
    """(x - mean) / deviation over all elements of each item; an item without deviation becomes zeros."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalised items in float32."""
        rows = x.float().flatten(1)
        rows = rows - rows.mean(1, keepdim=True)
        deviation = rows.square().mean(1, keepdim=True).sqrt()
        return (rows / torch.where(deviation > 0, deviation, 1)).reshape(x.shape)


class AsRecorded(nn.Module):
    """No normalisation."""

    def forward(self, x: Tensor) -> Tensor:
        """The items in float32."""
        return x.float()
