"""Where networks can be trained: the processor, a GPU of NVIDIA or AMD, one of Apple."""

from __future__ import annotations

DEVICES = ("cpu", "cuda", "mps")
"""Apple's `mps` is taken when it is asked for, never by default: nothing here was measured on one."""


def devices_here() -> tuple[str, ...]:
    """Those of this machine."""
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(device for device in DEVICES if usable[device])


def default_device() -> str:
    """A GPU of NVIDIA or AMD if there is one, else the processor."""
    return "cuda" if "cuda" in devices_here() else "cpu"
