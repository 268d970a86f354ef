"""Any network of the timm library, trained from scratch (an extra: ``pip install 'assay[timm]'``)."""

from __future__ import annotations

import functools
import importlib
import sys
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from assay.errors import UserError


@dataclass(frozen=True)
class Timm:
    """Settings: the name of the network in timm."""

    name: str = "test_resnet"

    def build(self, shape: tuple[int, ...], generator: Generator) -> TimmNetwork:
        """Network for items (channel, height, width)."""
        return TimmNetwork(_create(self.name, shape))


class TimmNetwork(nn.Module):
    """A timm network without its classifier."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network, self.out_features = network, int(network.num_features)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        return cast(Tensor, self.network.forward_head(self.network.forward_features(x), pre_logits=True))


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


def _create(name: str, shape: tuple[int, ...]) -> Any:
    timm = _timm()
    if name not in timm.list_models():
        raise UserError(f"backbone timm: name={name}: no such network; timm.list_models() lists them")
    options: dict[str, Any] = {"in_chans": shape[0], "num_classes": 0}
    try:
        return timm.create_model(name, img_size=shape[1:], **options)
    except TypeError:  # convolutional networks take images of any size and no such argument
        return timm.create_model(name, **options)
