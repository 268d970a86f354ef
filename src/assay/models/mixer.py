"""The MLP-Mixer (Tolstikhin et al., NeurIPS 2021), in the form that Tang & Jia (CVPR 2023) trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, cast

from annotated_types import Ge
from torch import Generator, Tensor, nn

from assay.models.layers import Dropout, Positive, Share, feed_forward
from assay.models.patches import as_patches, patch_grid


@dataclass(frozen=True)
class Mixer:
    """Settings of the mixer; the defaults are Mixer-B/16.

    Parameters
    ----------
    patch : int
        Side of a patch in pixels; both sides of an image are multiples of it.
    dim : int
        Length of a token and number of features. Hidden neurons are `dim` / 2 where tokens are mixed,
        4 · `dim` where channels are.
    depth : int
        Blocks.
    dropout : float
        After both layers of every perceptron; none in the published study.
    """

    patch: Positive = 16
    dim: Annotated[int, Ge(2)] = 768
    depth: Positive = 12
    dropout: Share = 0.0

    def build(self, shape: tuple[int, ...], generator: Generator) -> MlpMixer:
        """Network for items (channel, height, width).

        Raises
        ------
        UserError
            If the patches do not fill the image.
        """
        grid = patch_grid(shape, self.patch, "mixer")
        return MlpMixer(self, shape[0], math.prod(grid), Dropout(self.dropout, generator))


class MlpMixer(nn.Module):
    """Patches through blocks of two perceptrons; the features are the tokens' mean, normalised before."""

    def __init__(self, settings: Mixer, channels: int, tokens: int, dropout: Dropout) -> None:
        super().__init__()
        dim, self.patch, self.out_features = settings.dim, settings.patch, settings.dim
        self.embedding = nn.Linear(channels * settings.patch**2, dim)
        blocks = [MixerBlock(tokens, dim, dropout) for _ in range(settings.depth)]
        self.blocks, self.norm = nn.Sequential(*blocks), nn.LayerNorm(dim)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        return cast(Tensor, self.norm(self.blocks(self.embedding(as_patches(x, self.patch)))).mean(1))


class MixerBlock(nn.Module):
    """One perceptron across tokens, the same for every channel, then one across channels (eq. 1)."""

    def __init__(self, tokens: int, dim: int, dropout: Dropout) -> None:
        super().__init__()
        self.norm, self.across_tokens = nn.LayerNorm(dim), feed_forward(tokens, dim // 2, dropout)
        self.across_channels = nn.Sequential(nn.LayerNorm(dim), feed_forward(dim, 4 * dim, dropout))

    def forward(self, x: Tensor) -> Tensor:
        """Tokens, shape (n, token, dim)."""
        x = x + self.across_tokens(self.norm(x).mT).mT
        return cast(Tensor, x + self.across_channels(x))
