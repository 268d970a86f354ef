"""A trained generator: conditions in, complex signals out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.rf_diffusion import sampling
from assay.generate.rf_diffusion.conditions import Encoder, encoder_of, without_class
from assay.generate.rf_diffusion.draws import frozen_noise
from assay.generate.rf_diffusion.preconditioning import denoised
from assay.generate.rf_diffusion.profiles import Profiles, axes_of
from assay.generate.rf_diffusion.schedule import Schedule, visited
from assay.generate.rf_diffusion.settings import LEVELS, RfDiffusionSettings
from assay.generate.rf_diffusion.training import Material, schedule_of, train
from assay.generate.rf_diffusion.units import Fixed, Learnt, Scale, entered, learnt_units
from assay.models.precision import autocast, threads

Complex = NDArray[np.complex64]
Ints = NDArray[np.int64]
SAMPLING_BATCH = 32


@dataclass(frozen=True)
class FittedRfDiffusion:
    """What training left; `synthesise` makes items.

    Parameters
    ----------
    settings : RfDiffusionSettings
    network : torch.nn.Module
    schedule : Schedule
    encoder : Encoder
    units : Fixed or Learnt
        To the network's units and back.
    shape : (time, columns)
        Of an item.
    columns : int
        Real numbers of a token.
    device : str
    profiles : Profiles, optional
        Of the real items.
    """

    settings: RfDiffusionSettings
    network: nn.Module
    schedule: Schedule
    encoder: Encoder
    units: Fixed | Learnt
    shape: tuple[int, int]
    columns: int
    device: str
    profiles: Profiles | None = None

    def synthesise(
        self,
        condition: Ints,
        rng: np.random.Generator,
        start: NDArray[Any] | None = None,
        start_condition: Ints | None = None,
    ) -> Complex:
        """One signal for every condition, in the units and of the length of the training data.

        An item that was started from a real one is as strong as it. Any other takes its strength (released:
        mean and deviation) from a real item drawn out of those with its condition, or its class, or all.

        Parameters
        ----------
        condition : int array, shape (m, k)
            In the corrected protocol, a value that training never saw leaves its column open.
        rng : numpy Generator
            Same state, same bytes. The released "native" does not look at it: its noise is always the same.
        start : complex array, shape (m, time, columns), optional
            Real items for "native" sampling; the others do not take any.
        start_condition : int array, shape (m, k), optional
            What these were recorded under, if that is another condition.

        Returns
        -------
        complex64 array, shape (m, time, columns)

        Raises
        ------
        UserError
            If `condition` or `start` is missing, superfluous or of the wrong shape.
        """
        condition = _checked_condition(condition, self.encoder.columns)
        begin, own = self._begin(condition if start_condition is None else start_condition, start)
        generator = Generator(self.device).manual_seed(int(rng.integers(2**63)))
        with threads(self.settings.threads), torch.no_grad():
            made = self._made(self._seen(condition, rng).to(self.device), begin, generator)
        return self.units.leave(made.cpu().numpy(), condition, cast(Any, own), rng)

    def _seen(self, condition: Ints, rng: np.random.Generator) -> Tensor:
        """What the network sees of conditions (m, k)."""
        encoded = self.encoder(condition)
        if self.profiles is None:
            return encoded
        return torch.cat([encoded, torch.from_numpy(self.profiles.drawn(condition, rng))], 1)

    def _begin(
        self, condition: Ints, start: NDArray[Any] | None
    ) -> tuple[Tensor | None, Scale | NDArray[np.float32] | None]:
        """What sampling starts from, if not noise alone, and what is to be given back to the items."""
        if (start is not None) != (self.settings.sampling == "native"):
            wanted = "needs" if start is None else "takes no"
            raise UserError(f"rf_diffusion: sampling={self.settings.sampling} {wanted} items to start from")
        if start is None:
            return None, None
        if start.shape != (len(condition), *self.shape):
            expected = (len(condition), *self.shape)
            raise UserError(f"rf_diffusion: start: shape {start.shape}; expected {expected}")
        x, own = self.units.enter(start, condition)
        return x.to(self.device), own

    def _made(self, condition: Tensor, begin: Tensor | None, generator: Generator) -> Tensor:
        size = self.settings.batch if self.settings.released else SAMPLING_BATCH
        none = [None] * len(condition)
        parts = zip(torch.split(condition, size), none if begin is None else torch.split(begin, size))
        batch = self._released_batch if self.settings.released else self._batch
        made = [batch(encoded, part, generator) for encoded, part in parts]
        return torch.cat([torch.zeros(self._shape(0), device=self.device), *made])

    def _shape(self, n: int) -> tuple[int, int, int]:
        return (n, self.settings.tokens, self.columns)

    def _batch(self, condition: Tensor, begin: Tensor | None, generator: Generator) -> Tensor:
        """Items in the network's units, (batch, tokens, 2 × numbers)."""
        s = self.settings
        steps = visited(LEVELS[1] if begin is None else s.start, s.sampling_steps, s.steps)
        noise = torch.randn(self._shape(len(condition)), generator=generator, device=self.device)
        x = float(self.schedule.noise[steps[0], 0]) * noise + (0 if begin is None else begin)
        return sampling.second_order(self._guided(condition), self.schedule, x, steps)

    def _guided(self, condition: Tensor) -> sampling.Predict:
        """D of items under their conditions, exaggerated where guidance is asked for."""
        guidance, open_ = self.settings.guidance, without_class(condition, self.encoder.sizes)
        if guidance == 1 or not self.settings.conditional:
            return lambda x, t: self._denoised(x, t, condition)

        def predict(x: Tensor, t: Tensor) -> Tensor:
            general = self._denoised(x, t, open_)
            return general + guidance * (self._denoised(x, t, condition) - general)

        return predict

    def _denoised(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        sigma = self.schedule.noise[t].unsqueeze(-1)
        return denoised(lambda scaled: self._said(scaled, t, condition), x, sigma)

    def _said(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        with autocast(self.settings.precision, self.device):
            return self.network(x, t, condition).float()  # type: ignore[no-any-return]

    def _released_batch(self, condition: Tensor, begin: Tensor | None, generator: Generator) -> Tensor:
        """Items in the network's units, (batch, packets, 2 × columns)."""
        shape = self._shape(len(condition))
        noise = torch.randn(shape, generator=generator, device=self.device)
        degrading = frozen_noise(shape, Generator(self.device))

        def predict(x: Tensor, t: Tensor) -> Tensor:
            return self._said(x, t, condition)

        if begin is not None:
            return sampling.native(predict, self.schedule, begin, degrading)
        if self.settings.sampling == "fast":
            return sampling.fast(predict, self.schedule, noise)
        return sampling.robust(predict, self.schedule, noise, degrading)


Items = tuple[NDArray[Any], Ints]
"""Items (n, time, columns) and their conditions (n, k)."""


def fit(
    settings: RfDiffusionSettings,
    x: NDArray[Any],
    condition: Ints,
    seed: int,
    workspace: Workspace,
    seen: Items | None = None,
    told: Items | None = None,
) -> FittedRfDiffusion:
    """Train on complex items (n, time, columns) with conditions (n, k); see `RfDiffusion.fit_arrays`.

    The channels of groups are estimated from what is `seen`, those that are learnt from by default. What is
    made takes profiles of what is `told` too.
    """
    if x.ndim != 3 or len(x) == 0:
        raise UserError(f"rf_diffusion: x: shape {x.shape}; expected (n, time, columns), n ≥ 1")
    condition = _checked_condition(condition, None)
    if len(condition) != len(x):
        raise UserError(f"rf_diffusion: condition: {len(condition)} rows for {len(x)} items")
    encoder = encoder_of(condition, settings.released, settings.profile > 0)
    units = units_of(settings, *(seen or (x, condition)))
    items, _ = units.enter(x, condition)
    profiles, known = _profiles(settings, units, (x, condition), told)
    device = workspace.device
    material = Material(items.to(device), encoder(condition).to(device), encoder.sizes, profiles)
    network = train(settings, material, seed, workspace)
    schedule = schedule_of(settings).to(device)
    shape = (x.shape[1], x.shape[2])
    columns = items.shape[2]
    return FittedRfDiffusion(settings, network, schedule, encoder, units, shape, columns, device, known)


def _profiles(
    settings: RfDiffusionSettings, units: Fixed | Learnt, learnt: Items, told: Items | None
) -> tuple[Profiles | None, Profiles | None]:
    """Profiles of what is learnt from, and those together with what is told."""
    if isinstance(units, Fixed) or not settings.profile:
        return None, None
    axes = axes_of(units.components(*learnt), settings.profile)
    own = Profiles(learnt[1], axes(units.components(*learnt)))
    return own, own.joined(Profiles(told[1], axes(units.components(*told)))) if told else own


def units_of(settings: RfDiffusionSettings, x: NDArray[Any], condition: Ints) -> Fixed | Learnt:
    """The units that the settings mean, measured on these items."""
    s = settings
    if s.released:
        return Fixed(s.packets, x.shape[1], condition, entered(x, s.packets)[1])
    return learnt_units(x, condition, s.packets, s.components, s.patch, s.whitening)


def _checked_condition(condition: Ints, columns: int | None) -> Ints:
    condition = np.asarray(condition)
    wrong = condition.ndim != 2 or condition.shape[1] != (columns or condition.shape[-1])
    if wrong or condition.dtype.kind not in "iu":
        raise UserError(
            f"rf_diffusion: condition: {condition.dtype} of shape {condition.shape}; "
            f"expected whole numbers of shape (n, {columns or 'k'})"
        )
    return condition.astype(np.int64)
