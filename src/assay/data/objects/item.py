"""One item as somebody's data set gives it: a tensor, an array or a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.picture import upright
from assay.errors import UserError

SIZE = 64
"""Side of pictures in pixels, unless they are smaller or something else is said."""


def is_picture(item: Any) -> bool:
    """Whether an object is a picture of Pillow."""
    return hasattr(item, "getbands") and hasattr(item, "convert")


def size_of(item: Any, size: int | None) -> int:
    """The side to which pictures like this one are brought: as given, else 64, or less if it is smaller."""
    return size or min(SIZE, *item.size)


def of_tensor(tensor: Any) -> NDArray[Any]:
    """A tensor of PyTorch as an array; numbers that numpy does not have (bfloat16) as float32."""
    try:
        return np.asarray(tensor.numpy(force=True))
    except TypeError:
        return np.asarray(tensor.float().numpy(force=True))


def item_of(item: Any, size: int) -> NDArray[Any]:
    """Numbers as networks take them; pictures as (3, size, size) in [0, 255].

    Raises
    ------
    UserError
        If it holds no numbers.
    """
    if is_picture(item):
        from PIL import Image, ImageOps

        square = ImageOps.fit(upright(item), (size, size), Image.Resampling.BICUBIC)
        return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))
    array = np.asarray(of_tensor(item) if hasattr(item, "detach") else item)
    if array.dtype.kind not in "biufc":
        raise UserError(f"items of type {type(item).__name__}; expected numbers, tensors or pictures")
    array = array.astype(np.uint8) if array.dtype.kind == "b" else array
    return array if array.ndim else array[None]
