"""The device that networks are trained on, once it is known to be here."""

from __future__ import annotations

import torch

from assay.errors import UserError
from assay.machine.devices import DEVICES


def chosen_device(device: str | None) -> str:
    """The device, once it is known to be here; by default the accelerator if there is one.

    Raises
    ------
    UserError
        If it is not here.
    """
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    here = [known for known in DEVICES if usable.get(known, True)]
    if device not in (None, *here):
        raise UserError(f"device: {device}; known: {', '.join(DEVICES)}; here: {', '.join(here)}")
    return device or ("cuda" if "cuda" in here else "cpu")
