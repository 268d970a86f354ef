"""Images as rows of flattened patches, for networks that read them as tokens."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import unfold

from assay.errors import UserError


def as_patches(x: Tensor, patch: int) -> Tensor:
    """(n, channel, height, width) to (n, rows · columns, channel · patch · patch), patches row by row."""
    return unfold(x, patch, stride=patch).transpose(1, 2)


def patch_grid(shape: tuple[int, ...], patch: int, backbone: str) -> tuple[int, int]:
    """Rows and columns of patches in an image of `shape` (channel, height, width).

    Raises
    ------
    UserError
        If items are no images, or a side is not a multiple of `patch`.
    """
    if len(shape) != 3:
        raise UserError(f"backbone {backbone}: takes images (channel, height, width), not items of {shape}")
    _, height, width = shape
    if height % patch or width % patch:
        raise UserError(f"backbone {backbone}: patch={patch}: does not divide images of {height} × {width}")
    return height // patch, width // patch
