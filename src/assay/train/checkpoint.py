"""Half-trained runs in a file: written at once, read back to the last bit."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from assay.errors import UserError
from assay.files import FORMAT, read_file, replace_file
from assay.strict import check_format
from assay.train.selection import Epoch

SECONDS = 60.0
"""At least so long between two checkpoints."""
HASH_BYTES = 32


@dataclass
class Checkpoint:
    """Where a run keeps its state between epochs.

    Parameters
    ----------
    path : Path
    run : str
        Names the run: settings and data.
    """

    path: Path
    run: str
    last: float = field(default_factory=time.monotonic)

    def due(self) -> bool:
        """Whether it is time for another."""
        return time.monotonic() - self.last >= SECONDS

    def save(self, state: Mapping[str, Any], epochs: Sequence[Epoch]) -> None:
        """Replace the file by one of this state."""
        content = {"run": self.run, "state": state, "epochs": [_plain(epoch) for epoch in epochs]}
        replace_file(self.path, pack({"format": FORMAT, **content}))
        self.last = time.monotonic()

    def load(self) -> tuple[Any, list[Epoch]]:
        """State of the method and epochs so far; None and no epochs if there is no file.

        Raises
        ------
        UserError
            If the file is damaged, of another run or of a later Assay.
        """
        if not self.path.is_file():
            return None, []
        remedy = f"remove {self.path} to begin anew"
        try:
            content = unpack(read_file(self.path, "a checkpoint"))
            check_format(content.get("format", FORMAT), str(self.path), remedy)
            run, state, epochs = content["run"], content["state"], [_epoch(e) for e in content["epochs"]]
        except UserError:
            raise
        except Exception as error:  # damaged files raise errors of a dozen kinds
            reason = str(error).partition("\n")[0]
            raise UserError(f"{self.path}: damaged checkpoint ({reason}); {remedy}") from None
        if run != self.run:
            raise UserError(f"{self.path}: checkpoint of another run, or of other data; {remedy}")
        return state, epochs


def pack(content: Mapping[str, Any]) -> bytes:
    """Nested dicts and lists of tensors, numbers and text as bytes, after a hash of them."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return _hash(buffer.getvalue()) + buffer.getvalue()


def unpack(content: bytes) -> Any:
    """The inverse of `pack`, tensors on the CPU; other objects (pickles) are refused, never loaded."""
    if _hash(content[HASH_BYTES:]) != content[:HASH_BYTES]:
        raise ValueError("not the bytes that were written")
    return torch.load(io.BytesIO(content[HASH_BYTES:]), map_location="cpu", weights_only=True)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _plain(epoch: Epoch) -> dict[str, Any]:
    # text keeps every digit of a number, and tells numpy's from Python's no more
    arrays = {"confusion": torch.from_numpy(epoch.confusion), "kept": torch.from_numpy(epoch.kept)}
    return {"record": json.dumps(epoch.record), **arrays}


def _epoch(plain: Mapping[str, Any]) -> Epoch:
    return Epoch(json.loads(plain["record"]), plain["confusion"].numpy(), plain["kept"].numpy())
