"""Features of items on disk, found by the content of the items.

CACHE/features/TRUNK/BLOCK.safetensors    keys (n, 16) uint8, features (n, d) float32

Each file holds the items of one block; none is ever changed, so that processes share the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from assay.files import replace_file

Key = bytes
Floats = NDArray[np.float32]
KEY_BYTES = 16


def key_of(item: NDArray[np.generic], *more: str) -> Key:
    """A name for an item's content, its shape and type, and `more`."""
    words = repr((item.dtype.str, item.shape, more)).encode()
    return hashlib.blake2b(np.ascontiguousarray(item).tobytes() + words, digest_size=KEY_BYTES).digest()


class FeatureStore:
    """What one trunk sees in items.

    Parameters
    ----------
    folder : Path
        Of the trunk. Where it cannot be written to, nothing is kept; damaged files are passed over.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[Key, tuple[Path, int]] = {}
        for path in sorted(folder.glob("*.safetensors")):
            self._index(path)

    def missing(self, keys: Sequence[Key]) -> list[int]:
        """Positions of keys that are not here, each key once."""
        first: dict[Key, int] = {}
        for position, key in enumerate(keys):
            if key not in self.rows:
                first.setdefault(key, position)
        return list(first.values())

    def add(self, keys: Sequence[Key], features: Floats) -> None:
        """Keep the features (n, d) of items."""
        raw = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), KEY_BYTES)
        tensors = {"keys": torch.from_numpy(raw.copy()), "features": torch.from_numpy(features)}
        path = self.folder / f"{hashlib.blake2b(raw.tobytes(), digest_size=10).hexdigest()}.safetensors"
        with suppress(OSError):
            replace_file(path, save(tensors))

    def found(self, keys: Sequence[Key]) -> dict[Key, Floats]:
        """The features of those items that are here, (d,) each."""
        wanted: dict[Path, list[Key]] = {}
        for key in set(keys) & self.rows.keys():
            wanted.setdefault(self.rows[key][0], []).append(key)
        return {key: x for path, some in wanted.items() for key, x in self._read(path, some).items()}

    def _read(self, path: Path, keys: list[Key]) -> dict[Key, Floats]:
        with safe_open(path, "pt") as file:
            features = file.get_tensor("features").numpy()
        return {key: features[self.rows[key][1]] for key in keys}

    def _index(self, path: Path) -> None:
        with suppress(SafetensorError, OSError), safe_open(path, "pt") as file:
            raw, features = file.get_tensor("keys"), file.get_slice("features")
            n, *width = features.get_shape()
            if (raw.dtype, raw.shape) != (torch.uint8, (n, KEY_BYTES)):
                return
            if features.get_dtype() == "F32" and len(width) == 1:
                self.rows |= {row.tobytes(): (path, i) for i, row in enumerate(raw.numpy())}
