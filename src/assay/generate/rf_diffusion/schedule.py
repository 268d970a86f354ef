"""The forward process of RF-Diffusion (MobiCom 2024): how an item loses itself in noise, step by step.

At step t an item x₀ (packet n, column) has become x_t = A_t[n]·x₀ + E_t[n]·ε, with ε ~ N(0, 1) for every real
number. The process adds noise and blurs the spectrum: to convolve the spectrum of N packets with a Gaussian
of variance σ²/N (in squared radians a packet) is to multiply the signal in time by the window
g_v[n] = N·w[n] / Σ_n w[n], w[n] = e^{−(n−N/2)²/2v}, v = N/σ².
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.generate.rf_diffusion.settings import LEVELS

RELEASED_BETA = (1e-4, 3e-3)
RELEASED_VARIANCE = 1e-5**2
LIKELY = (0.2, 1.3)
"""Mean and deviation of the logarithm of the noise that training draws."""
SPACING = 7


@dataclass(frozen=True)
class Schedule:
    """Weights of what is left of the item and of the noise.

    Parameters
    ----------
    information, noise : Tensor, shape (steps, packets)
        A_t[n] and E_t[n]; row 0 is the first step.
    """

    information: Tensor
    noise: Tensor

    @property
    def steps(self) -> int:
        """Steps to the noisiest state."""
        return len(self.information)

    def degrade(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x_t = A_t x + E_t ε.

        Parameters
        ----------
        x, noise : Tensor, shape (batch, packets, numbers)
        t : int Tensor, shape (batch,), range 0 to steps − 1
        """
        return self.information[t].unsqueeze(-1) * x + self.noise[t].unsqueeze(-1) * noise

    def to(self, device: str) -> Schedule:
        """The same weights on a device."""
        return Schedule(self.information.to(device), self.noise.to(device))


def released(steps: int, packets: int) -> Schedule:
    """The published constants: β from 1e-4 to 3e-3, blur of variance 1e-10 a step, amplitudes added.

    The blur is inert (its window differs from one by less than 4e-7); the noise's amplitudes are summed
    instead of its variances, which makes the last noise weight 3.586 at 100 steps instead of 0.379.
    """
    beta = torch.linspace(*RELEASED_BETA, steps, dtype=torch.float64)
    return released_weights(beta, torch.full_like(beta, RELEASED_VARIANCE), packets)


def corrected(steps: int, packets: int) -> Schedule:
    """Noise alone, from a fiftieth of an item's deviation to eighty times: A = 1, E grows by equal factors.

    No blur, because its window would fade the ends of every recording, which differ in nothing from its
    middle.
    """
    least, greatest = (math.log(level) for level in LEVELS)
    noise = torch.linspace(least, greatest, steps, dtype=torch.float64).exp()
    return Schedule(torch.ones(steps, packets), noise[:, None].expand(-1, packets).float())


def likely(share: Tensor, steps: int) -> Tensor:
    """Steps of the corrected process below which a `share` of those drawn in training lie.

    ln σ is normal (Karras et al., NeurIPS 2022, sec. 5), with a greater mean than for single numbers: what an
    item is of shows over all its numbers, so that it is seen through noise of several deviations, and has to
    be learnt there.

    Parameters
    ----------
    share : float64 Tensor, shape (n,), range (0, 1)
    """
    mean, deviation = LIKELY
    return step_of(torch.exp(mean + deviation * torch.special.ndtri(share)), steps)


def step_of(noise: Tensor, steps: int) -> Tensor:
    """The step of the corrected process with the noise (in the sense of factors) that is nearest."""
    least, greatest = (math.log(level) for level in LEVELS)
    place = (noise.log() - least) / (greatest - least) * (steps - 1)
    return place.round().long().clamp(0, steps - 1)


def visited(start: float, visits: int, steps: int) -> list[int]:
    """Steps from the noise `start` down to the least, close together where noise is little.

    σ_i = (start^{1/7} + i/(visits - 1) (σ_min^{1/7} - start^{1/7}))⁷ (Karras et al., eq. 5), each step once.
    """
    ends = torch.tensor([start, LEVELS[0]], dtype=torch.float64) ** (1 / SPACING)
    noise = torch.lerp(ends[0], ends[1], torch.linspace(0, 1, visits, dtype=torch.float64)) ** SPACING
    return list(dict.fromkeys(step_of(noise, steps).tolist()))


def released_weights(beta: Tensor, variance: Tensor, packets: int) -> Schedule:
    """Weights of a process with noise `beta` and blur `variance` at every step, as they are coded.

    With α = 1 − β, ᾱ_t = Π_{s≤t} α_s and σ̄²_t = Σ_{s≤t} σ²_s: A_t = √ᾱ_t · g of σ̄²_t, and
    E_t = Σ_{s≤t} √(ᾱ_t/ᾱ_s · α_s/α_1) · g · √(1−α_s),
    where g is of σ̄²_t − σ̄²_s + σ²_s − σ²_1, and 1 for s = t.
    (The factor α_s/α_1 and the difference σ²_s − σ²_1 are an index that is off by one.)

    Parameters
    ----------
    beta, variance : float64 Tensor, shape (steps,)
        0 ≤ beta < 1; variance σ² ≥ 0, non-decreasing.
    packets : int
        Length N of an item.
    """
    alpha = (1 - beta.float()).double()  # rounded as it is there: 1 − α is small
    decay, spread = torch.cumprod(alpha, 0), torch.cumsum(variance, 0)
    information = decay.sqrt()[:, None] * window(spread, packets)
    noise = [_released_noise(alpha[:t], variance[:t], packets) for t in range(1, len(alpha) + 1)]
    return Schedule(information.float(), torch.stack(noise).float())


def _released_noise(alpha: Tensor, variance: Tensor, packets: int) -> Tensor:
    """E_t of a process that ends at step t, shape (packets,)."""
    after = alpha.flip(0).cumprod(0).flip(0) / alpha[0]
    blur = variance.flip(0).cumsum(0).flip(0) - variance[0]
    blur[-1] = 0
    return ((after * (1 - alpha)).sqrt()[:, None] * window(blur, packets)).sum(0)


def window(variance: Tensor, packets: int) -> Tensor:
    """g_{N/σ²} for every variance σ²: shape (variances, packets), mean one, all ones where σ² = 0."""
    n = torch.arange(packets, dtype=variance.dtype) - packets // 2
    shape = torch.exp(-n.square() * variance[:, None] / (2 * packets))
    return shape / shape.mean(1, keepdim=True)
