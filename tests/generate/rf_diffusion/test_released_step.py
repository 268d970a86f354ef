"""A whole training step of the released RF-Diffusion against the same written in complex numbers."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import silu

from assay.generate.rf_diffusion.fit import RfDiffusion
from assay.generate.rf_diffusion.training import Material, Trainer
from tests.generate.rf_diffusion.test_fit import as_complex, attention, linear

BATCH, PACKETS, COLUMNS, STEPS, HIDDEN = 4, 12, 3, 20, 8
SETTINGS = RfDiffusion(
    hidden=HIDDEN,
    heads=2,
    blocks=2,
    steps=STEPS,
    packets=PACKETS,
    batch=BATCH,
    learning_rate=1e-2,
    protocol="released",
    sampling="native",
    precision="fp32",
)


def trainer() -> Trainer:
    """A trainer whose network says something, and that has one batch behind it."""
    numbers = torch.Generator().manual_seed(1)
    x = torch.randn(9, PACKETS, 2 * COLUMNS, generator=numbers)
    condition = torch.cat([torch.randint(0, 5, (9, 2), generator=numbers), torch.zeros(9, 2)], 1)
    made = Trainer(SETTINGS, Material(x, condition, (1, 1)), 0, "cpu")
    for parameter in made.network.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=numbers)
    made.network.train()
    made.draws.start_epoch(0)
    made._step(torch.arange(4), 0, 99, 1000)
    return made


# -- the same in complex numbers ----------------------------------------------------------------------


def parts(function, *z):
    """A real function of real and of imaginary parts, each by itself."""
    return torch.complex(function(*(one.real for one in z)), function(*(one.imag for one in z)))


def normal(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt()


def moved(x, shift, scale):
    return parts(lambda x, shift, scale: normal(x) * (1 + scale) + shift, x, shift, scale)


def perceptron(layers, x):
    first, *others = layers[::2]
    x = linear(first, x)
    for layer in others:
        x = linear(layer, parts(silu, x))
    return x


def turns(count, features):
    rates = count ** -(torch.arange(features) / features)
    return torch.exp(1j * torch.arange(count)[:, None] * rates)


def network(n, x, t, condition, masks):
    context = perceptron(n.step, turns(STEPS, 2 * HIDDEN)[t]) + perceptron(n.condition, condition)
    context = parts(silu, context)[:, None]
    x = linear(n.position, x) * turns(PACKETS, HIDDEN)
    for block, mask in zip(n.blocks, masks):
        shift1, scale1, gate1, shift2, scale2, gate2 = linear(block.modulation, context).chunk(6, -1)
        mixed = attention(block.attention, moved(x, shift1, scale1), mask)
        x = x + parts(torch.mul, gate1, mixed)
        x = x + parts(torch.mul, gate2, perceptron(block.mlp, moved(x, shift2, scale2)))
    return linear(n.last, moved(x, *linear(n.modulation, context).chunk(2, -1)))


def loss(made: Trainer, items) -> torch.Tensor:
    """mean |f(A x + E ε, t, c) - x|², t from one stream of seed 420, ε and the masks from another."""
    chance = torch.Generator().manual_seed(420)
    noise = torch.view_as_complex(torch.randn(BATCH, PACKETS, COLUMNS, 2, generator=chance))
    masks = [2 * torch.empty(PACKETS, PACKETS).bernoulli_(0.5, generator=chance) for _ in made.network.blocks]
    t = torch.randint(0, STEPS, (BATCH,), generator=torch.Generator().manual_seed(420))
    x, condition = (as_complex(part[items]) for part in (made.material.x, made.material.condition))
    a, e = (weights[t][:, :, None] for weights in (made.schedule.information, made.schedule.noise))
    error = network(made.network, a * x + e * noise, t, condition, masks) - x
    return (error.real.square() + error.imag.square()).mean() / 2


def stepped(parameter, gradient, state, rate):
    """AdamW's second step, with decay 0.01."""
    mean = 0.9 * state["exp_avg"] + 0.1 * gradient
    square = 0.999 * state["exp_avg_sq"] + 0.001 * gradient**2
    change = mean / (1 - 0.9**2) / ((square / (1 - 0.999**2)).sqrt() + 1e-8)
    return parameter * (1 - 0.01 * rate) - rate * change


def test_a_released_step_is_that_of_complex_numbers_from_its_loss_to_its_weights():
    made, items = trainer(), torch.arange(4, 8)
    expected = loss(made, items)
    parameters = list(made.network.parameters())
    gradients = torch.autograd.grad(expected, parameters)
    states = [{k: v.clone() for k, v in made.optimiser.state[p].items()} for p in parameters]
    after = [stepped(p.detach(), g, s, 0.9e-2) for p, g, s in zip(parameters, gradients, states)]
    found = made._step(items, 0, 100, 1000)  # the hundredth batch: the rate has fallen once
    torch.testing.assert_close(found, expected.detach(), rtol=1e-5, atol=0)
    least = 1e-4 * max(float(gradient.abs().max()) for gradient in gradients)
    for parameter, gradient, value in zip(parameters, gradients, after):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=least / 10)
        told = gradient.abs() > least  # keys have biases that change nothing: there all is rounding
        torch.testing.assert_close(parameter.detach()[told], value[told], rtol=1e-4, atol=1e-5)
    assert sum(int((gradient.abs() > least).sum()) for gradient in gradients) > 1000


def test_masks_matter_to_the_step():
    made, items = trainer(), torch.arange(4, 8)
    for block in made.network.blocks:
        block.attention.dropout = 0.0
    found, masked = (float(value.detach()) for value in (made.loss(items), loss(made, items)))
    assert found != pytest.approx(masked, rel=1e-3)
