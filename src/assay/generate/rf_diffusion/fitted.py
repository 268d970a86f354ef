"""A trained generator: conditions in, complex signals out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.rf_diffusion import sampling
from assay.generate.rf_diffusion.conditions import Encoder, encoder_of
from assay.generate.rf_diffusion.draws import frozen_noise
from assay.generate.rf_diffusion.network import ComplexTransformer
from assay.generate.rf_diffusion.schedule import Schedule
from assay.generate.rf_diffusion.settings import RfDiffusionSettings
from assay.generate.rf_diffusion.training import Material, schedule_of, train
from assay.generate.rf_diffusion.units import Scale, complex_of, planes, resampled, scale_of, scale_rand
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
    network : ComplexTransformer
    schedule : Schedule
    encoder : Encoder
    known : int array, shape (n, k)
        Conditions of the training items.
    scale : Scale
        Their scales.
    shape : (time, columns)
        Of an item.
    device : str
    """

    settings: RfDiffusionSettings
    network: ComplexTransformer
    schedule: Schedule
    encoder: Encoder
    known: Ints
    scale: Scale
    shape: tuple[int, int]
    device: str

    def synthesise(
        self, condition: Ints, rng: np.random.Generator, start: NDArray[Any] | None = None
    ) -> Complex:
        """One signal for every condition, in the units and of the length of the training data.

        An item that was started from a real one takes its scale. Any other takes the scale of a real item
        drawn out of those with its condition, or its class, or all (see `units.scale_rand`).

        Parameters
        ----------
        condition : int array, shape (m, k)
            In the corrected protocol, a value that training never saw leaves its column open.
        rng : numpy Generator
            Same state, same bytes. The released "native" does not look at it: its noise is always the same.
        start : complex array, shape (m, time, columns), optional
            Real items for "native" sampling; the others do not take any.

        Returns
        -------
        complex64 array, shape (m, time, columns)

        Raises
        ------
        UserError
            If `condition` or `start` is missing, superfluous or of the wrong shape.
        """
        condition = _checked_condition(condition, self.encoder.columns)
        begin, scale = self._begin(condition, rng, start)
        generator = Generator(self.device).manual_seed(int(rng.integers(2**63)))
        with threads(self.settings.threads), torch.no_grad():
            made = self._made(self.encoder(condition).to(self.device), begin, generator)
        return resampled(complex_of(scale.restored(made.cpu().numpy())), self.shape[0])

    def _begin(
        self, condition: Ints, rng: np.random.Generator, start: NDArray[Any] | None
    ) -> tuple[Tensor | None, Scale]:
        """What sampling starts from, if not noise alone, and the scales of the items."""
        if (start is not None) != (self.settings.sampling == "native"):
            wanted = "needs" if start is None else "takes no"
            raise UserError(f"rf_diffusion: sampling={self.settings.sampling} {wanted} items to start from")
        if start is None:
            return None, scale_rand(self.scale, self.known, condition, rng)
        if start.shape != (len(condition), *self.shape):
            expected = (len(condition), *self.shape)
            raise UserError(f"rf_diffusion: start: shape {start.shape}; expected {expected}")
        x, scale = measured(start, self.settings)
        return x.to(self.device), scale

    def _made(self, condition: Tensor, begin: Tensor | None, generator: Generator) -> Tensor:
        size = self.settings.batch if self.settings.released else SAMPLING_BATCH
        none = [None] * len(condition)
        parts = zip(torch.split(condition, size), none if begin is None else torch.split(begin, size))
        shape = (0, self.settings.packets, 2 * self.shape[1])
        made = [self._batch(encoded, part, generator) for encoded, part in parts]
        return torch.cat([torch.zeros(shape, device=self.device), *made])

    def _batch(self, condition: Tensor, begin: Tensor | None, generator: Generator) -> Tensor:
        """Items in the network's units, (batch, packets, 2 × columns)."""
        shape = (len(condition), self.settings.packets, 2 * self.shape[1])
        noise = torch.randn(shape, generator=generator, device=self.device)
        degrading = frozen_noise(shape, Generator(self.device)) if self.settings.released else noise

        def predict(x: Tensor, t: Tensor) -> Tensor:
            with autocast(self.settings.precision, self.device):
                return self.network(x, t, condition).float()  # type: ignore[no-any-return]

        if begin is not None:
            return sampling.native(predict, self.schedule, begin, degrading)
        if self.settings.sampling == "fast":
            return sampling.fast(predict, self.schedule, noise)
        if self.settings.sampling == "robust":
            return sampling.robust(predict, self.schedule, noise, degrading)
        visits = self.settings.sampling_steps or self.settings.steps
        return sampling.from_noise(predict, self.schedule, noise, visits, generator)


def fit(
    settings: RfDiffusionSettings, x: NDArray[Any], condition: Ints, seed: int, workspace: Workspace
) -> FittedRfDiffusion:
    """Train on complex items (n, time, columns) with conditions (n, k); see `RfDiffusion.fit_arrays`."""
    if x.ndim != 3 or len(x) == 0:
        raise UserError(f"rf_diffusion: x: shape {x.shape}; expected (n, time, columns), n ≥ 1")
    condition = _checked_condition(condition, None)
    if len(condition) != len(x):
        raise UserError(f"rf_diffusion: condition: {len(condition)} rows for {len(x)} items")
    encoder = encoder_of(condition, settings.released)
    items, scale = measured(x, settings)
    encoded = encoder(condition).to(workspace.device)
    material = Material(items.to(workspace.device), encoded, encoder.sizes)
    network = train(settings, material, seed, workspace)
    schedule = schedule_of(settings).to(workspace.device)
    shape = (x.shape[1], x.shape[2])
    return FittedRfDiffusion(settings, network, schedule, encoder, condition, scale, shape, workspace.device)


def measured(x: NDArray[Any], settings: RfDiffusionSettings) -> tuple[Tensor, Scale]:
    """Items (n, time, columns) in the network's units, (n, packets, 2 × columns), and their scales."""
    real = planes(resampled(x, settings.packets))
    scale = scale_of(real, settings.released)
    return torch.from_numpy(scale.removed(real)), scale


def _checked_condition(condition: Ints, columns: int | None) -> Ints:
    condition = np.asarray(condition)
    wrong = condition.ndim != 2 or condition.shape[1] != (columns or condition.shape[-1])
    if wrong or condition.dtype.kind not in "iu":
        raise UserError(
            f"rf_diffusion: condition: {condition.dtype} of shape {condition.shape}; "
            f"expected whole numbers of shape (n, {columns or 'k'})"
        )
    return condition.astype(np.int64)
