"""The complex diffusion transformer of RF-Diffusion (MobiCom 2024), as its Wi-Fi model is coded.

Complex vectors are [real parts | imaginary parts] along the last axis (see `complex_layers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from assay.generate.rf_diffusion.complex_layers import ComplexAttention, ComplexLinear, modulated, modulations

WIDER = 4


@dataclass(frozen=True)
class Size:
    """Size of the network; the defaults are the published ones (19,473,844 parameters).

    Parameters
    ----------
    columns, packets : int
        Of an item.
    condition : int
        Complex numbers of the condition; 0: unconditional.
    steps : int
        Diffusion steps.
    hidden, heads, blocks : int
        Complex numbers of a vector, attention heads, transformer blocks.
    step_features : int
        Complex numbers of the step's table.
    """

    columns: int = 90
    packets: int = 512
    condition: int = 6
    steps: int = 100
    hidden: int = 128
    heads: int = 8
    blocks: int = 32
    step_features: int = 256


class ComplexTransformer(nn.Module):
    """Predicts the item x₀ from its degraded form x_t, the step t and the condition c.

    Parameters
    ----------
    size : Size
    dropout : float
        Of attention weights, in training.
    generator : torch.Generator
        Draws the masks of the dropout.
    """

    rotations: Tensor
    table: Tensor

    def __init__(self, size: Size, dropout: float, generator: Generator) -> None:
        super().__init__()
        width = size.hidden
        self.position = ComplexLinear(size.columns, width)
        self.step = _perceptron(size.step_features, width, width)
        self.condition = _perceptron(size.condition, width, WIDER * width, width) if size.condition else None
        self.blocks = nn.ModuleList(Block(size, dropout, generator) for _ in range(size.blocks))
        self.modulation = ComplexLinear(width, 2 * width)
        self.last = ComplexLinear(width, size.columns)
        self.register_buffer("rotations", phases(size.packets, width, size.packets), persistent=False)
        self.register_buffer("table", phases(size.steps, size.step_features, size.steps), persistent=False)

    def forward(self, x: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """Predicted x₀.

        Parameters
        ----------
        x : Tensor, shape (batch, packets, 2 × columns)
        t : int Tensor, shape (batch,), range 0 to steps − 1
        condition : Tensor, shape (batch, 2 × condition), optional
            Not looked at by an unconditional network.
        """
        context = self._context(t, condition)
        x = rotated(self.position(x), self.rotations)
        for block in self.blocks:
            x = block(x, context)
        shift, scale = modulations(self.modulation(context), 2)
        return self.last(modulated(x, shift, scale))  # type: ignore[no-any-return]

    def _context(self, t: Tensor, condition: Tensor | None) -> Tensor:
        """SiLU(step + condition), shape (batch, 2 × hidden)."""
        context = self.step(self.table[t])
        if self.condition is not None:
            context = context + self.condition(condition)
        return nn.functional.silu(context)


class Block(nn.Module):
    """x += gate₁·Attention(LN(x)(1+scale₁)+shift₁); x += gate₂·MLP(LN(x)(1+scale₂)+shift₂)."""

    def __init__(self, size: Size, dropout: float, generator: Generator) -> None:
        super().__init__()
        self.attention = ComplexAttention(size.hidden, size.heads, dropout, generator)
        self.mlp = _perceptron(size.hidden, WIDER * size.hidden, size.hidden)
        self.modulation = ComplexLinear(size.hidden, 6 * size.hidden)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(batch, packets, 2 × hidden) to the same shape, given (batch, 2 × hidden)."""
        shift1, scale1, gate1, shift2, scale2, gate2 = modulations(self.modulation(context), 6)
        x = torch.addcmul(x, gate1, self.attention(modulated(x, shift1, scale1)))
        return torch.addcmul(x, gate2, self.mlp(modulated(x, shift2, scale2)))


def _perceptron(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [ComplexLinear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


def phases(count: int, features: int, base: int) -> Tensor:
    """e^{i·p·base^{−d/features}} for p < count and d < features, shape (count, 2 × features)."""
    rates = float(base) ** (-torch.arange(features, dtype=torch.float64) / features)
    angles = torch.arange(count, dtype=torch.float64)[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], 1).float()


def rotated(x: Tensor, phase: Tensor) -> Tensor:
    """Complex product of (batch, length, 2F) and (length, 2F)."""
    (x_r, x_i), (p_r, p_i) = x.chunk(2, -1), phase.chunk(2, -1)
    return torch.cat([x_r * p_r - x_i * p_i, x_r * p_i + x_i * p_r], -1)


def initialise(network: ComplexTransformer, generator: Generator) -> ComplexTransformer:
    """Initial weights, drawn from `generator`: the output is zero.

    Step and condition N(0, 0.02²); modulations and the last layer zero; the others Xavier-uniform, real and
    imaginary matrix each by itself. Biases zero.
    """
    silent = {network.last, network.modulation, *(block.modulation for block in network.blocks)}
    small = {*network.step, *(network.condition or ())}
    for layer in network.modules():
        if isinstance(layer, ComplexLinear) and layer not in silent:
            _draw(layer, generator, layer in small)
    return network


def _draw(layer: ComplexLinear, generator: Generator, small: bool) -> None:
    for part in layer.weight.detach():
        if small:
            nn.init.normal_(part, std=0.02, generator=generator)
        else:
            nn.init.xavier_uniform_(part, generator=generator)


PUBLISHED = {
    "p_embed.projection": "position",
    "t_embed.projection": "step",
    "c_embed.projection": "condition",
    "attn.w_q": "attention.query",
    "attn.w_k": "attention.key",
    "attn.w_v": "attention.value",
    "attn.w_o": "attention.output",
    "final_layer.adaLN_modulation.1": "modulation",
    "final_layer.linear": "last",
    "adaLN_modulation.1": "modulation",
}
"""Published names of layers and ours, to be replaced in this order."""


def from_published(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights by their published names (``….l_r.weight``, ``….l_i.weight``, biases alike) as ours."""
    ours = {}
    for name, real in weights.items():
        if ".l_r." in name:
            pair = torch.stack([real, weights[name.replace(".l_r.", ".l_i.")]])
            ours[_our_name(name.replace(".l_r.", "."))] = pair
    return ours


def _our_name(name: str) -> str:
    for published, ours in PUBLISHED.items():
        name = name.replace(published, ours)
    return name
