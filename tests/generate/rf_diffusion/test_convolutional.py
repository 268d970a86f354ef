"""The convolutional network: its blocks written out by hand, value and gradient, and what a new one says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

from assay.generate.rf_diffusion.convolutional import GROUPS, Attention, Residual, Size, new

NUMBERS = torch.Generator().manual_seed(0)


def drawn(module: torch.nn.Module) -> torch.nn.Module:
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=NUMBERS)
    return module.double()


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=NUMBERS, dtype=torch.float64, requires_grad=True)


def normalised(x: Tensor, layer: torch.nn.GroupNorm) -> Tensor:
    groups = x.unflatten(1, (GROUPS, -1))
    centred = groups - groups.mean((2, 3), keepdim=True)
    unit = centred / (centred.square().mean((2, 3), keepdim=True) + layer.eps).sqrt()
    return unit.flatten(1, 2) * layer.weight[:, None] + layer.bias[:, None]


def convolved(x: Tensor, layer: torch.nn.Conv1d) -> Tensor:
    size = layer.weight.shape[2]
    wide, length = pad(x, (size // 2, size // 2)), x.shape[2]
    parts = [
        torch.einsum("oi,nit->not", layer.weight[:, :, k], wide[:, :, k : k + length]) for k in range(size)
    ]
    return sum(parts) + layer.bias[:, None]


def swish(x: Tensor) -> Tensor:
    return x / (1 + torch.exp(-x))


def residual(layer: Residual, x: Tensor, context: Tensor) -> Tensor:
    inner = normalised(convolved(swish(normalised(x, layer.norm1)), layer.conv1), layer.norm2)
    told = context @ layer.modulation.weight.T + layer.modulation.bias
    shift, scale = told[:, : inner.shape[1], None], told[:, inner.shape[1] :, None]
    return convolved(x, layer.same) + convolved(swish(inner * (1 + scale) + shift), layer.conv2)


def attended(layer: Attention, x: Tensor) -> Tensor:
    q, k, v = convolved(normalised(x, layer.norm), layer.parts).chunk(3, 1)
    heads = [
        torch.einsum("nqk,nck->ncq", (a.transpose(1, 2) @ b / a.shape[1] ** 0.5).softmax(2), c)
        for a, b, c in zip(*(part.chunk(layer.heads, 1) for part in (q, k, v)))
    ]
    return x + convolved(torch.cat(heads, 1), layer.output)


def check(layer: torch.nn.Module, ours: Tensor, theirs: Tensor, x: Tensor) -> None:
    torch.testing.assert_close(ours, theirs)
    pairs = [torch.autograd.grad((out * (1 + out)).sum(), [x, *layer.parameters()]) for out in (ours, theirs)]
    for mine, other in zip(*pairs, strict=True):
        torch.testing.assert_close(mine, other)


def test_a_residual_block_is_its_formula_and_so_is_its_gradient():
    layer, x, context = drawn(Residual(16, 8, 5)), normal(3, 16, 7), normal(3, 5)
    check(layer, layer(x, context), residual(layer, x, context), x)


def test_attention_is_its_formula_and_so_is_its_gradient():
    layer, x = drawn(Attention(16, 2)), normal(3, 16, 7)
    check(layer, layer(x), attended(layer, x), x)


def network(condition: int = 5):
    return new(Size(6, condition, 8, 2, 1), torch.logspace(-1, 1, 20), torch.Generator().manual_seed(0))


@pytest.mark.parametrize("tokens", [1, 2, 7, 16])
def test_a_new_network_says_zero_of_items_of_any_length(tokens):
    made = network()(torch.ones(2, tokens, 6), torch.tensor([0, 19]), torch.ones(2, 5))
    assert made.shape == (2, tokens, 6)
    assert not made.any()


@pytest.mark.parametrize("condition", [0, 5])
def test_what_it_says_depends_on_every_token_near_and_far_on_the_level_and_on_the_condition(condition):
    told = drawn(network(condition))
    x, t, other = normal(1, 16, 6), torch.tensor([3]), normal(1, 5)
    said = told(x, t, other)
    (slope,) = torch.autograd.grad(said[0, 0].sum(), x, retain_graph=True)
    assert (slope.abs().sum((0, 2)) > 0).all()
    assert not torch.allclose(said, told(x, t + 1, other))
    assert torch.allclose(said, told(x, t, other + 1)) == (condition == 0)
