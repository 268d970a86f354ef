"""A training step of RF-Diffusion: complex layers as real products against the interleaved form.

The baseline keeps complex numbers as (…, 2), real and imaginary part last, takes them apart and together
again in every layer, and writes out the attention matrices. Same weights, same result, same optimiser steps.
The width is the published one (128 complex numbers, 8 heads, 512 packets, 90 columns, batch of 4) but there
are fewer blocks, which are all alike: 2 instead of 32, so that it takes about a minute of processor time.

python benchmarks/rf_diffusion.py [--repeats 3] [--blocks 2]
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
import torch.nn.functional as F
from timing import alternate, told
from torch import Tensor, nn

from assay.generate.rf_diffusion.complex_layers import ComplexAttention, ComplexLinear
from assay.generate.rf_diffusion.network import Block, ComplexTransformer, Size, initialise
from assay.models.precision import native_bf16


class Interleaved(nn.Module):
    """The network's forward pass on (…, 2), with the parameters of ours."""

    def __init__(self, network: ComplexTransformer) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Predicted x₀, (batch, packets, columns, 2)."""
        network = self.network
        context = _through(network.step, last(network.table[t])) + _through(
            network.condition, last(condition)
        )
        context = F.silu(context)
        x = _product(_linear(network.position, x), last(network.rotations))
        for block in network.blocks:
            x = _block(block, x, context)
        shift, scale = _linear(network.modulation, context)[:, None].chunk(2, 2)
        return _linear(network.last, _norm(x) * (1 + scale) + shift)


def last(x: Tensor) -> Tensor:
    """Planes (…, 2F) to (…, F, 2)."""
    return torch.stack(x.chunk(2, -1), -1)


def _linear(layer: ComplexLinear, x: Tensor) -> Tensor:
    real, imaginary = zip(layer.weight, layer.bias)
    x_r, x_i = x[..., 0], x[..., 1]
    out_r = F.linear(x_r, *real) - F.linear(x_i, *imaginary)
    return torch.stack([out_r, F.linear(x_i, *real) + F.linear(x_r, *imaginary)], -1)


def _through(layers: nn.Sequential, x: Tensor) -> Tensor:
    for layer in layers:
        x = _linear(layer, x) if isinstance(layer, ComplexLinear) else F.silu(x)
    return x


def _product(a: Tensor, b: Tensor, times: Callable[[Tensor, Tensor], Tensor] = torch.mul) -> Tensor:
    real = times(a[..., 0], b[..., 0]) - times(a[..., 1], b[..., 1])
    return torch.stack([real, times(a[..., 0], b[..., 1]) + times(a[..., 1], b[..., 0])], -1)


def _norm(x: Tensor) -> Tensor:
    parts = [F.layer_norm(x[..., part], x.shape[-2:-1], eps=1e-6) for part in (0, 1)]
    return torch.stack(parts, -1)


def _block(block: Block, x: Tensor, context: Tensor) -> Tensor:
    shift1, scale1, gate1, shift2, scale2, gate2 = _linear(block.modulation, context)[:, None].chunk(6, 2)
    x = x + gate1 * _attention(block.attention, _norm(x) * (1 + scale1) + shift1)
    return x + gate2 * _through(block.mlp, _norm(x) * (1 + scale2) + shift2)


def _attention(layer: ComplexAttention, x: Tensor) -> Tensor:
    parts = (_linear(part, x) for part in (layer.query, layer.key, layer.value))
    q, k, v = (part.unflatten(2, (layer.heads, -1)).transpose(1, 2) for part in parts)
    scores = _product(q, k.transpose(2, 3), torch.matmul) / q.shape[3] ** 0.5
    weights = torch.stack([scores[..., 0].softmax(-1), scores[..., 1].softmax(-1)], -1)
    if layer.training and layer.dropout:
        weights = weights * layer._mask(q.shape[2], weights)[..., None]
    return _linear(layer.output, _product(weights, v, torch.matmul).transpose(1, 2).flatten(2, 3))


def networks(blocks: int, dropout: float) -> tuple[ComplexTransformer, ComplexTransformer]:
    """Two with the same weights; gates open, so that every layer takes part."""

    def network() -> ComplexTransformer:
        numbers = torch.Generator().manual_seed(0)
        made = initialise(ComplexTransformer(Size(blocks=blocks), dropout, numbers), numbers)
        for parameter in made.parameters():
            if not parameter.detach().any() and parameter.ndim == 3:
                nn.init.normal_(parameter, std=0.02, generator=numbers)
        return made

    return network(), network()


def stepper(
    network: nn.Module, x: Tensor, t: Tensor, condition: Tensor, context: Callable[[], AbstractContextManager]
) -> Callable[[], Tensor]:
    """A training step; gives the loss."""
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3, fused=True)

    def step() -> Tensor:
        with context():
            predicted = network(x, t, condition)
        loss = F.mse_loss(predicted.float(), x)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def bf16() -> AbstractContextManager:
    return torch.autocast("cpu", torch.bfloat16)


def compare(blocks: int, dropout: float, repeats: int) -> None:
    numbers = torch.Generator().manual_seed(1)
    x, condition = torch.randn(4, 512, 180, generator=numbers), torch.randn(4, 12, generator=numbers)
    t = torch.tensor([81, 16, 42, 47])
    formats = {"fp32": contextlib.nullcontext} | ({"bf16": bf16} if native_bf16() else {})
    for name, context in formats.items():
        theirs, ours = networks(blocks, dropout)
        baseline = stepper(Interleaved(theirs), last(x), t, condition, contextlib.nullcontext)
        step = stepper(ours, x, t, condition, context)
        print(f"losses of the first step: {baseline():.5f} and {step():.5f}")
        title = f"training step, {blocks} blocks, attention dropout {dropout}, ours in {name}, baseline fp32"
        print(told(title, *alternate(baseline, step, repeats=repeats)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--blocks", type=int, default=2)
    o = parser.parse_args()
    torch.set_num_threads(1)
    for dropout in (0.0, 0.5):
        compare(o.blocks, dropout, o.repeats)


if __name__ == "__main__":
    main()
