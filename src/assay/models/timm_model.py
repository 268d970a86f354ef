"""Any network of the timm library, trained from scratch (an extra: ``pip install 'assay[timm]'``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

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


def _create(name: str, shape: tuple[int, ...]) -> Any:
    try:
        import timm
    except ImportError as error:
        raise UserError(f"backbone timm: {error}; install it with: pip install 'assay[timm]'") from None
    if name not in timm.list_models():
        raise UserError(f"backbone timm: name={name}: no such network; timm.list_models() lists them")
    options: dict[str, Any] = {"in_chans": shape[0], "num_classes": 0}
    try:
        return timm.create_model(name, img_size=shape[1:], **options)
    except TypeError:  # convolutional networks take images of any size and no such argument
        return timm.create_model(name, **options)
