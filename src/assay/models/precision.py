"""How a processor is used: number format and threads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Literal

import torch

Precision = Literal["auto", "fp32", "bf16"]


def native_bf16() -> bool:
    """Whether this processor multiplies bf16 natively (emulated bf16 is slower than fp32)."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def uses_bf16(precision: Precision, device: str) -> bool:
    """What the setting means on `device`: "auto" takes bf16 where it is native."""
    if precision != "auto":
        return precision == "bf16"
    native = {"cuda": torch.cuda.is_bf16_supported, "cpu": native_bf16}
    return device in native and native[device]()


def autocast(precision: Precision, device: str) -> AbstractContextManager[Any]:
    """Context in which forward passes run in the format that `precision` means on `device`."""
    if uses_bf16(precision, device):
        return torch.autocast(device, torch.bfloat16)
    return contextlib.nullcontext()


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Context with so many threads on the CPU; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
