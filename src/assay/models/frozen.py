"""A trunk that does not learn, and the perceptron behind it that does."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn.functional import layer_norm

from assay.models.layers import Dropout
from assay.models.mlp import MlpNetwork


class Frozen(nn.Module):
    """A perceptron on the features of a trunk; alone, on features that are known already.

    Features are standardised item by item: by feature over the items, the rarely active ones of a network of
    rectifiers would be blown up (3 points lost on photographs), and few items say little of them.

    Parameters
    ----------
    trunk : nn.Module, optional
        With `out_features`. Without it items are features: (n, inputs), or (n, inputs, views), of which the
        first view is taken.
    inputs, width : int
        Features of the trunk, and neurons of both hidden layers behind it.
    dropout : Dropout
    """

    def __init__(self, trunk: nn.Module | None, inputs: int, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.trunk = trunk.requires_grad_(False) if trunk else None
        self.behind = MlpNetwork(inputs, width, dropout)
        self.out_features = width

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, width)."""
        if self.trunk is not None:
            x = self.trunk(x)
        elif x.ndim == 3:
            x = x[..., 0]
        return cast(Tensor, self.behind(layer_norm(x.float(), x.shape[1:])))

    def train(self, mode: bool = True) -> Frozen:
        """As of any module, but for the trunk, which stays as it is used."""
        super().train(mode)
        if self.trunk is not None:
            self.trunk.eval()
        return self
