"""Samples to the pools that methods learn from: normalised and on the device, or streamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from assay.data.normalise import channel_statistics, normaliser
from assay.lazy import lazy
from assay.methods.base import Pool
from assay.methods.streamed import Reader
from assay.types import Samples, Task


def to_pool(task: Task, samples: Samples, device: str) -> Pool:
    """Items as networks see them, all at hand: normalised as the task says, on the device."""
    x = torch.from_numpy(normaliser(task)(samples.x)).to(device)
    return Pool(compact(x), _labels(samples, device))


def to_pools(task: Task, parts: Sequence[Samples], device: str, decoders: int) -> list[Pool]:
    """A pool of each part; if the items of one are lazy, all are read when they are looked up.

    Batches of streamed items are normalised on the device, to the same numbers.
    """
    if not any(lazy(part.x) is not None for part in parts):
        return [to_pool(task, part, device) for part in parts]
    place = torch.empty(0, device=device).device
    reader = Reader([part.x for part in parts], _preparation(task, place), place, decoders)
    return [Pool(cast(Tensor, x), _labels(part, device)) for x, part in zip(reader.pools(), parts)]


def _labels(samples: Samples, device: str) -> Tensor:
    return torch.from_numpy(samples.y.copy()).to(device)


def _preparation(task: Task, device: torch.device) -> Callable[[Tensor], Tensor]:
    """As `normaliser`, for items as recorded, on the CPU: they travel before they are widened."""
    if task.normalise != "channel":
        on_cpu = normaliser(task)
        return lambda raw: compact(torch.from_numpy(on_cpu(raw.numpy())).to(device))
    mean, deviation = channel_statistics(task)
    shift, scale = (torch.from_numpy(part).to(device) for part in (mean, np.float32(1) / deviation))
    return lambda raw: compact((raw.to(device, non_blocking=True).float() - shift) * scale)


def compact(x: Tensor) -> Tensor:
    """Images channels-last, so that batches looked up by index are too."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x
