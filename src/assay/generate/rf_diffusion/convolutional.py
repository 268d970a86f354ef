"""The network of the corrected process: a U-Net of one axis, the packets.

After U-Net (Ronneberger et al., MICCAI 2015) as diffusion models use it (Ho et al., NeurIPS 2020): residual
blocks at falling, then rising numbers of packets, the level of noise and the condition as shift and scale of
every block, attention where packets are fewest. What a recording is of shows in textures some packets long,
which convolutions learn from few items.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.nn.functional import silu

from assay.models.layers import initialise

GROUPS = 8
WAVES = 32
WIDER = (2, 3, 4)
"""Channels at each number of packets, in halves of those of the first."""


@dataclass(frozen=True)
class Size:
    """Size of the network.

    Parameters
    ----------
    columns, condition : int
        Real numbers of a token and of the condition (0: unconditional).
    hidden, heads, blocks : int
        Channels where packets are most, attention heads, residual blocks before each halving.
    """

    columns: int
    condition: int
    hidden: int
    heads: int
    blocks: int


class ConvolutionalNetwork(nn.Module):
    """What preconditioning asks for, given degraded items, levels of noise and conditions.

    Parameters
    ----------
    size : Size
    sigma : Tensor, shape (steps,)
        Noise of every step.
    """

    table: Tensor

    def __init__(self, size: Size, sigma: Tensor) -> None:
        super().__init__()
        widths = tuple(GROUPS * math.ceil(size.hidden * times / 2 / GROUPS) for times in WIDER)
        context = 4 * widths[0]
        self.register_buffer("table", waves(sigma), persistent=False)
        self.step = nn.Linear(2 * WAVES, context)
        self.condition = nn.Linear(size.condition, context, bias=False) if size.condition else None
        self.context = nn.Linear(context, context)
        self.first = nn.Conv1d(size.columns, widths[0], 3, padding=1)
        self.level = Level(widths, size, context)
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.last = nn.Conv1d(widths[0], size.columns, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Numbers of the items' shape.

        Parameters
        ----------
        x : Tensor, shape (batch, tokens, columns)
        t : int Tensor, shape (batch,), range 0 to steps − 1
        condition : Tensor, shape (batch, condition)
            Not looked at by an unconditional network.
        """
        x = self.level(self.first(x.transpose(1, 2)), self._context(t, condition))
        return self.last(silu(self.norm(x))).transpose(1, 2)  # type: ignore[no-any-return]

    def _context(self, t: Tensor, condition: Tensor) -> Tensor:
        context = self.step(self.table[t])
        if self.condition is not None:
            context = context + self.condition(condition)
        return silu(self.context(silu(context)))


class Level(nn.Module):
    """Blocks, the levels of half as many packets below, and a block that sees what came before them too."""

    def __init__(self, widths: tuple[int, ...], size: Size, context: int) -> None:
        super().__init__()
        width, *less = widths
        self.before = nn.ModuleList(Residual(width, width, context) for _ in range(size.blocks))
        self.after = Residual(2 * width if less else width, width, context)
        self.attention = None if less else Attention(width, size.heads)
        self.below = Level(tuple(less), size, context) if less else None
        self.halved = nn.Conv1d(width, less[0], 3, stride=2, padding=1) if less else None
        self.doubled = nn.Conv1d(less[0], width, 3, padding=1) if less else None

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(batch, width, length) to the same shape, given (batch, context)."""
        for block in self.before:
            x = block(x, context)
        if self.below is None or self.halved is None or self.doubled is None:
            return self.after(self.attention(x), context)  # type: ignore[misc, no-any-return]
        below = F.interpolate(self.below(self.halved(x), context), size=x.shape[2])
        return self.after(torch.cat([x, self.doubled(below)], 1), context)  # type: ignore[no-any-return]


class Residual(nn.Module):
    """x + conv(SiLU(GN(conv(SiLU(GN(x))))·(1 + scale) + shift)), with x brought to the width."""

    def __init__(self, inputs: int, outputs: int, context: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(GROUPS, inputs), nn.GroupNorm(GROUPS, outputs)
        self.conv1 = nn.Conv1d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv1d(outputs, outputs, 3, padding=1)
        self.modulation = nn.Linear(context, 2 * outputs)
        self.same = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(batch, inputs, length) to (batch, outputs, length)."""
        shift, scale = self.modulation(context).unsqueeze(2).chunk(2, 1)
        inner = self.norm2(self.conv1(silu(self.norm1(x))))
        return self.same(x) + self.conv2(silu(torch.addcmul(shift, inner, 1 + scale)))  # type: ignore[no-any-return]


class Attention(nn.Module):
    """x + self-attention of GN(x)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm, self.heads = nn.GroupNorm(GROUPS, width), math.gcd(heads, width)
        self.parts, self.output = nn.Conv1d(width, 3 * width, 1), nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, width, length) to the same shape."""
        parts = torch.unflatten(self.parts(self.norm(x)), 1, (3, self.heads, -1)).transpose(-1, -2)
        q, k, v = parts.unbind(1)
        mixed = F.scaled_dot_product_attention(q, k, v)
        return x + self.output(mixed.transpose(-1, -2).flatten(1, 2))  # type: ignore[no-any-return]


def waves(sigma: Tensor) -> Tensor:
    """cos and sin of ln σ at frequencies that grow by equal factors, shape (steps, 2 × WAVES)."""
    rates = torch.logspace(-2.4, 3.6, WAVES, base=2, dtype=torch.float64)
    angles = sigma.double().log()[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], 1).float()


def new(size: Size, sigma: Tensor, generator: Generator) -> ConvolutionalNetwork:
    """A network whose output is zero and whose blocks change nothing: zeros in the last layer of each."""
    network = ConvolutionalNetwork(size, sigma)
    initialise(network, generator)
    branches = [layer for layer in network.modules() if isinstance(layer, Residual | Attention)]
    ends = [branch.conv2 if isinstance(branch, Residual) else branch.output for branch in branches]
    for layer in (network.last, *ends):
        nn.init.zeros_(layer.weight)
    return network
