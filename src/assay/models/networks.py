"""Every network under its name; a new one is one file, one test, one line here."""

from __future__ import annotations

from typing import Protocol

from torch import Generator, nn

from assay.models.cnn import Cnn1d, Cnn2d
from assay.models.mixer import Mixer
from assay.models.mlp import Mlp
from assay.models.resnet import ResNet1d, ResNet2d
from assay.models.signfi_cnn import SignFiCnn
from assay.models.timm_model import Timm
from assay.models.vit import Vit
from assay.types import Kind


class Backbone(Protocol):
    """Settings that build a network with an ``out_features`` attribute."""

    def build(self, shape: tuple[int, ...], generator: Generator) -> nn.Module:
        """Network from items of `shape` to features; `generator` serves its dropout."""
        ...


NETWORKS: dict[str, Backbone] = {
    "signfi_cnn": SignFiCnn(),
    "cnn1d": Cnn1d(),
    "cnn2d": Cnn2d(),
    "resnet1d": ResNet1d(),
    "resnet2d": ResNet2d(),
    "resnet2d_small": ResNet2d(depth=10, widths=(32, 64, 128, 256), small=True),
    "resnet2d_fast": ResNet2d(depth=18, widths=(32, 64, 128, 256)),
    "vit": Vit(),
    "vit_small": Vit(patch=8, dim=128, depth=4, heads=4, mlp=512),
    "mixer": Mixer(),
    "mixer_small": Mixer(patch=8, dim=128, depth=6),
    "mlp": Mlp(),
    "timm": Timm(),
}

DEFAULT: dict[Kind, str] = {"image": "cnn2d", "signal": "cnn1d", "vector": "mlp"}
