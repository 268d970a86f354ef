"""The vision transformer (Dosovitskiy et al., ICLR 2021), in the form that Tang & Jia (CVPR 2023) trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from assay.errors import UserError
from assay.models.layers import Dropout, Positive, Share, feed_forward
from assay.models.patches import as_patches, patch_grid


@dataclass(frozen=True)
class Vit:
    """Settings of the vision transformer; the defaults are ViT-B/16.

    Parameters
    ----------
    patch : int
        Side of a patch in pixels; both sides of an image are multiples of it.
    dim : int
        Length of a token, a multiple of `heads`, and number of features.
    depth, heads : int
        Blocks, and attention heads of each.
    mlp : int
        Hidden neurons of each block's perceptron.
    dropout : float
        After the embedding, each block's attention, and both layers of its perceptron.
    """

    patch: Positive = 16
    dim: Positive = 768
    depth: Positive = 12
    heads: Positive = 12
    mlp: Positive = 3072
    dropout: Share = 0.1

    def build(self, shape: tuple[int, ...], generator: Generator) -> VisionTransformer:
        """Network for items (channel, height, width).

        Raises
        ------
        UserError
            If the patches do not fill the image, or the heads do not share out a token.
        """
        if self.dim % self.heads:
            raise UserError(f"backbone vit: dim={self.dim}: is not a multiple of heads={self.heads}")
        grid = patch_grid(shape, self.patch, "vit")
        return VisionTransformer(self, shape[0], grid, Dropout(self.dropout, generator))


class VisionTransformer(nn.Module):
    """Patches and a class token through pre-norm blocks; the features are the class token, normalised.

    Dropout is where the paper names it (appendix B.1): after the embedding and after every dense layer but
    those of Q, K and V. So attention weights have none, and fused kernels, which would draw its masks from
    the global random state, may compute them.
    """

    initial_deviation = 1.0  # of class token and position embedding, as published

    def __init__(self, settings: Vit, channels: int, grid: tuple[int, int], dropout: Dropout) -> None:
        super().__init__()
        dim, self.patch, self.grid, self.out_features = settings.dim, settings.patch, grid, settings.dim
        self.embedding = nn.Linear(channels * settings.patch**2, dim)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.position = nn.Parameter(torch.zeros(1, 1 + math.prod(grid), dim))
        self.dropout = dropout
        blocks = [Block(dim, settings.heads, settings.mlp, dropout) for _ in range(settings.depth)]
        self.blocks, self.norm = nn.Sequential(*blocks), nn.LayerNorm(dim)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        return cast(Tensor, self.norm(self.blocks(self.tokens(x))[:, 0]))

    def tokens(self, x: Tensor) -> Tensor:
        """Class token, then patches row by row, with their positions, shape (n, 1 + rows · columns, dim)."""
        patches = self.embedding(as_patches(x, self.patch))
        tokens = torch.cat((self.class_token.expand(x.shape[0], -1, -1), patches), 1)
        return cast(Tensor, self.dropout(tokens + self.position))

    def attention(self, x: Tensor, block: int = -1) -> Tensor:
        """How much the class token attends to each patch in a block, by default in the last.

        Parameters
        ----------
        x : Tensor, shape (n, channel, height, width)
        block : int
            From -depth to depth - 1.

        Returns
        -------
        Tensor, shape (n, heads, rows, columns)
            In [0, 1]; what a head's patches lack to a sum of 1, the class token pays to itself.
        """
        reached = cast(Block, self.blocks[block])
        weights = reached.attention.weights(reached.norm(self.blocks[:block](self.tokens(x))))
        return weights[:, :, 0, 1:].reshape(*weights.shape[:2], *self.grid)


class Block(nn.Module):
    """Attention, then a perceptron for each token, each normalised before and added to what it read."""

    def __init__(self, dim: int, heads: int, mlp: int, dropout: Dropout) -> None:
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(dim), Attention(dim, heads, dropout)
        self.mlp = nn.Sequential(nn.LayerNorm(dim), feed_forward(dim, mlp, dropout))

    def forward(self, x: Tensor) -> Tensor:
        """Tokens, shape (n, token, dim)."""
        x = x + self.attention(self.norm(x))
        return cast(Tensor, x + self.mlp(x))


class Attention(nn.Module):
    """softmax(Q Kᵀ / √d) V by heads of width d (Vaswani et al., NeurIPS 2017, eq. 1); no bias in Q, K, V."""

    def __init__(self, dim: int, heads: int, dropout: Dropout) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv, self.out = nn.Linear(dim, 3 * dim, bias=False), nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens, shape (n, token, dim)."""
        query, key, value = self._projected(x)
        if x.is_cuda:
            mixed = scaled_dot_product_attention(query, key, value)
        else:  # its backward pass is half as fast on a CPU in bf16
            mixed = self._weights(query, key) @ value
        return cast(Tensor, self.dropout(self.out(mixed.transpose(1, 2).flatten(2))))

    def weights(self, x: Tensor) -> Tensor:
        """What each token (third axis) takes from each (fourth), shape (n, heads, token, token)."""
        query, key, _ = self._projected(x)
        return self._weights(query, key)

    def _weights(self, query: Tensor, key: Tensor) -> Tensor:
        return (query @ key.mT / math.sqrt(query.shape[3])).softmax(3)

    def _projected(self, x: Tensor) -> tuple[Tensor, ...]:
        """Q, K and V, each of shape (n, heads, token, d)."""
        projected: Tensor = self.qkv(x).reshape(*x.shape[:2], 3, self.heads, -1)
        return projected.permute(2, 0, 3, 1, 4).unbind(0)
