"""The settings of the loop, the same for every method of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from assay.errors import UserError
from assay.methods.augmentation import AnyAugmentation
from assay.models.layers import Positive
from assay.models.precision import Precision


@dataclass(frozen=True)
class Training:
    """Settings of the loop, the same for every method of a comparison.

    Parameters
    ----------
    epochs, steps, batch : int
        Optimiser steps are `epochs` × `steps`, whatever the size of the pools; each step draws `batch` items
        from each stream of the method.
    optimiser, learning_rate, weight_decay
        Of every network a method trains, unless the method says otherwise.
    schedule : {"constant", "cosine", "step", "every", "cosine_steps"}
        Learning rate over epochs; "step" divides by ten after two fifths and four fifths, "every" multiplies
        by `decay` after each `every` epochs. "cosine_steps" falls with every step, after a linear rise from 0
        over the first `warm_up` steps.
    every, decay : int, float
        Of "every" alone.
    warm_up : int
        Steps, of "cosine_steps" alone.
    clip : float, optional
        Gradients of an optimiser's step that are longer together (L2) are shortened to this.
    augment : {"none", "weak", "strong"}, callable or str
        What happens to every image of a batch before a method sees it (`assay.data.augment`); or, by a
        function of one's own, to items of any kind: of ``x`` (n, *shape), as networks see it, or of
        ``(x, generator)``; also as ``"FILE.py:NAME"`` (`assay.methods.augmentation`).
    reshuffle : {"epoch", "pass"}
        When the items of a stream are shuffled anew: before every epoch, or when all of them were seen, so
        that of epochs × steps × batch items or more none is seen twice.
    precision : {"auto", "fp32", "bf16"}
        "auto" takes bf16 where the processor multiplies it natively.
    trunk_rate : float
        Factor on the learning rate of pre-trained weights.
    threads : int
        Threads of one run on a CPU. Part of a run's identity: sums depend on it in the last bit.
    decoders : int
        Processes beside it that read images ahead where a set is streamed. No part of a run's identity:
        nothing depends on it.
    """

    epochs: Positive = 30
    steps: Positive = 50
    batch: Positive = 16
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    weight_decay: Annotated[float, Ge(0)] = 0.0
    schedule: Literal["constant", "cosine", "step", "every", "cosine_steps"] = "cosine"
    every: Positive = 40
    decay: Annotated[float, Gt(0)] = 0.1
    warm_up: Annotated[int, Ge(0), Le(1_000_000_000)] = 0
    clip: Annotated[float, Gt(0)] | None = None
    augment: AnyAugmentation = "none"
    reshuffle: Literal["epoch", "pass"] = "epoch"
    precision: Precision = "auto"
    trunk_rate: Annotated[float, Ge(0)] = 0.1
    threads: Annotated[int, Gt(0), Le(1024)] = 1
    decoders: Annotated[int, Ge(0), Le(1024)] = 2

    def __post_init__(self) -> None:
        if self.warm_up and self.schedule != "cosine_steps":
            raise UserError(
                f"warm_up={self.warm_up}: schedule={self.schedule} has none; "
                "give schedule=cosine_steps, or warm_up=0"
            )
