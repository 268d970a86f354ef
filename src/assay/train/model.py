"""A trained model to take home: raw items in, classes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assay.data.items import Sort, items_of
from assay.data.normalise import Statistics, normalising, statistics
from assay.errors import UserError
from assay.files import replace_file
from assay.models import precision
from assay.models.checkpoint import fill, read
from assay.models.plain import (
    AsRecorded,
    Plain,
    StandardChannels,
    StandardItems,
)
from assay.models.table import AnyBackbone
from assay.strict import decoded
from assay.train.about import About, about_of, built, content
from assay.train.loop import Run
from assay.train.pools import compact
from assay.types import UNKNOWN, Normalise, Samples, Task

BLOCK = 256
"""Items at a time, as in training."""


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A trained classifier.

    Attributes
    ----------
    plain : nn.Module
        Backbone and head, in evaluation mode: normalised items to logits.
    about : About
        Classes, shape, method, and how it was trained.
    statistics : tuple of arrays, optional
        Mean and deviation of each channel, where items are normalised by these.
    """

    plain: Plain
    about: About
    statistics: Statistics | None = None

    def __repr__(self) -> str:
        a = self.about
        return f"Model({a.method} on {a.task}, {len(a.classes)} classes, items of shape {a.shape})"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names; class i has the label i."""
        return self.about.classes

    @property
    def sort(self) -> Sort:
        """What items it takes."""
        a = self.about
        return Sort(a.classes, a.kind, a.shape, a.normalise, a.without_mean, a.features)

    @property
    def network(self) -> nn.Module:
        """Raw items, float32 (n, *shape), to logits in float32: normalisation, backbone and head.

        A plain ``nn.Module`` in evaluation mode that shares the model's weights. Logits beyond the classes,
        which only ``csigan:twins_count=true`` has, are predictions of no class.
        """
        return nn.Sequential(_normalisation(self.about.normalise, self.statistics), self.plain).eval()

    def predict(self, x: Any) -> NDArray[np.int64]:
        """The class of each raw item, shape (n,); -1 where the model says that it is none.

        Parameters
        ----------
        x : array, tensor, Samples, data frame or path, shape (n, *shape)
            As the task's items: nothing is to be normalised beforehand. Columns are taken by name where the
            model learnt from a table.

        Raises
        ------
        UserError
            If items are of another shape, complex, or not finite.
        """
        return self.decided(self.outputs(x))

    def predict_proba(self, x: Any) -> NDArray[np.float32]:
        """The probability of each class for each raw item, shape (n, classes).

        Rows sum to 1, or below it where the model can say that an item is of no class.

        Raises
        ------
        UserError
            If items are of another shape, complex, or not finite.
        """
        return self.outputs(x)[:, : len(self.classes)]

    def decided(self, outputs: NDArray[np.float32]) -> NDArray[np.int64]:
        """The class of each row of `outputs`, -1 where the greatest is of no class."""
        found = outputs.argmax(1)
        return np.where(found < len(self.classes), found, UNKNOWN)

    def save(self, path: str | Path) -> Path:
        """Write the model to a ``.safetensors`` file at once; equal models give equal bytes.

        Raises
        ------
        UserError
            If the name ends otherwise.
        """
        replace_file(checked_name(Path(path), ".safetensors"), self.to_bytes())
        return Path(path)

    def to_bytes(self) -> bytes:
        """The content of the file that `save` writes."""
        return content(self.plain.state_dict(), self.about, self.statistics)

    @staticmethod
    def load(path: str | Path, backbone: AnyBackbone | None = None, device: str = "cpu") -> Model:
        """The model in a file. No code that the file names is run: a network of your own is to be given.

        Parameters
        ----------
        path : path
        backbone : str, settings, network or callable, optional
            What was given to `compare`; needed where it was a network of your own.
        device : {"cpu", "cuda"}

        Raises
        ------
        UserError
            If there is no such file, it is damaged, or it holds no model.
        """
        path = Path(path)
        tensors, facts = read(path)
        if "head" not in facts:
            raise UserError(f"{path}: no model of Assay's; expected what save_models, save or train wrote")
        about = decoded(About, json.dumps(facts), str(path))
        known = tuple(tensors.pop(name).numpy() for name in ("mean", "deviation") if name in tensors)
        if len(known) != 2 * (about.normalise == "channel"):
            raise UserError(f"{path}: mean, deviation: do not fit normalise={about.normalise}")
        plain = built(about, backbone, path)
        fill(plain, tensors, path)
        return Model(plain.to(device).eval(), about, (known[0], known[1]) if known else None)

    def to_onnx(self, path: str | Path) -> Path:
        """Write `network` as an ONNX file, input ``x`` (n, *shape) in float32, output ``logits``.

        Needs ``pip install 'assay[onnx]'``.

        Raises
        ------
        UserError
            If the name does not end in .onnx, or a library is missing.
        """
        from assay.train.onnx import onnx_bytes

        replace_file(checked_name(Path(path), ".onnx"), onnx_bytes(self.network, self.about.shape))
        return Path(path)

    # -- predictions ----------------------------------------------------------------------------------

    def outputs(self, x: Any) -> NDArray[np.float32]:
        """Probabilities of the classes, then of what is no class, shape (n, outputs); rows sum to 1.

        Computed as in training, to the last bit on the same machine.
        """
        samples = self._items(x)
        normalise = normalising(self.about.normalise, self.statistics)
        starts = range(0, max(len(samples), 1), BLOCK)
        blocks = (normalise(np.asarray(samples.x[start : start + BLOCK])) for start in starts)
        with torch.no_grad():
            return torch.cat([self._logits(block) for block in blocks]).softmax(1).cpu().numpy()

    def _logits(self, block: NDArray[np.float32]) -> Tensor:
        device = next(self.plain.parameters()).device

        def autocast() -> AbstractContextManager[Any]:
            return precision.autocast(self.about.precision, device.type)

        return self.plain.logits(compact(torch.from_numpy(block).to(device)), autocast)

    def _items(self, x: Any) -> Samples:
        samples = items_of(x, self.sort)
        if samples.shape != self.about.shape:
            wanted = ", ".join(map(str, self.about.shape))
            raise UserError(f"x: shape {tuple(samples.x.shape)}; the model takes (n, {wanted})")
        if samples.x.dtype.kind == "c":
            raise UserError("x: complex numbers; the model takes real ones (the magnitude, say)")
        return samples


# -- making them --------------------------------------------------------------------------------------


def model_of(task: Task, run: Run, method: str, plain: Plain, trained: Mapping[str, Any]) -> Model:
    """A model that shares the weights of a trained method's plain part."""
    return Model(plain.eval(), about_of(task, run, method, plain, trained), statistics(task))


def checked_name(path: Path, suffix: str) -> Path:
    """`path`, once it is known to end as it should.

    Raises
    ------
    UserError
        If it does not.
    """
    if path.suffix != suffix:
        raise UserError(f"out: {path}: expected a name that ends in {suffix}")
    return path


def _normalisation(how: Normalise, known: Statistics | None) -> nn.Module:
    if how == "item":
        return StandardItems()
    return StandardChannels(*map(torch.from_numpy, known)) if known else AsRecorded()
