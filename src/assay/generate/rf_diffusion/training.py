"""Training: predict the item itself from its degraded form, by mean squared error.

The loss is mean |f(A_t x₀ + E_t ε, t, c) − x₀|² over all real numbers, after RF-Diffusion (MobiCom 2024); as
corrected, of a preconditioned f, weighted by level.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.rf_diffusion import convolutional, schedule
from assay.generate.rf_diffusion.checkpoint import Checkpoint
from assay.generate.rf_diffusion.conditions import hidden
from assay.generate.rf_diffusion.draws import Draws, FrozenDraws, reseed
from assay.generate.rf_diffusion.network import ComplexTransformer, Size, initialise
from assay.generate.rf_diffusion.preconditioning import denoised, weighted_error
from assay.generate.rf_diffusion.profiles import Profiles
from assay.generate.rf_diffusion.settings import RELEASED_DROPOUT, RfDiffusionSettings
from assay.models import optimisers
from assay.models.precision import autocast, threads
from assay.settings import as_dict, fingerprint

DECAY, DECAY_BATCHES = 0.9, 100


@dataclasses.dataclass(frozen=True)
class Material:
    """What is learnt from, on the device.

    Parameters
    ----------
    x : Tensor, shape (n, packets, 2 × columns)
        Items in the network's units.
    condition : Tensor, shape (n, 2 × sum of sizes)
        Encoded.
    sizes : tuple of int
        Complex numbers of each column of the condition.
    profiles : Profiles, optional
        The second condition.
    """

    x: Tensor
    condition: Tensor
    sizes: tuple[int, ...]
    profiles: Profiles | None = None

    @property
    def numbers(self) -> int:
        """Real numbers of what the network sees of a condition."""
        return self.condition.shape[1] + (self.profiles.numbers if self.profiles else 0)

    def digest(self) -> str:
        """Hash of every byte."""
        sha = hashlib.sha256(repr((tuple(self.x.shape), self.sizes)).encode())
        for tensor in (self.x, self.condition):
            sha.update(tensor.cpu().contiguous().numpy().data)
        return sha.hexdigest()[:20]


class Trainer:
    """Network, optimiser and draws of one training.

    Parameters
    ----------
    settings : RfDiffusionSettings
    material : Material
    seed : int
    device : str
    """

    def __init__(self, settings: RfDiffusionSettings, material: Material, seed: int, device: str) -> None:
        self.settings, self.material, self.seed, self.device = settings, material, seed, device
        self.draws = (FrozenDraws if settings.released else Draws)(seed, settings.steps, device)
        self.schedule = schedule_of(settings).to(device)
        self.network = _network(settings, material, seed, self.draws.noise).to(device)
        self.optimiser = optimisers.AdamW(
            self.network.parameters(),
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        weights = {} if settings.released else dict(self.network.named_parameters())
        self.averaged = {name: weight.detach().clone() for name, weight in weights.items()}

    def epoch(self, epoch: int) -> float:
        """One pass over the items; mean loss.

        Raises
        ------
        UserError
            If it is NaN or infinite.
        """
        self.network.train()
        self.draws.start_epoch(epoch)
        batches = torch.split(self.draws.order(len(self.material.x)), self.settings.batch)
        losses = [self._step(items, epoch, i, len(batches)) for i, items in enumerate(batches)]
        mean = float(torch.stack(losses).mean())
        if not math.isfinite(mean):
            raise UserError(
                f"rf_diffusion: the loss is {mean} in epoch {epoch}; take a smaller learning_rate"
            )
        return mean

    def _step(self, items: Tensor, epoch: int, batch: int, batches: int) -> Tensor:
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.settings, epoch, epoch * batches + batch)
        loss = self.loss(items.to(self.device))
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self._average(epoch * batches + batch)
        return loss.detach()

    def _average(self, step: int) -> None:
        share = 1 - min(self.settings.average, (1 + step) / (10 + step))
        for name, weight in self.network.named_parameters() if self.averaged else ():
            self.averaged[name].lerp_(weight.detach(), share)

    def loss(self, items: Tensor) -> Tensor:
        """Loss on the items at these positions, with the next steps and noise of the draws."""
        x, condition = self.material.x[items], self._condition(items)
        t, noise = self.draws.draw(tuple(x.shape))
        seen = self.schedule.degrade(x, t, noise)
        with autocast(self.settings.precision, self.device):
            if self.settings.released:
                return F.mse_loss(self.network(seen, t, condition).float(), x)
            sigma = self.schedule.noise[t].unsqueeze(-1)
            predicted = denoised(lambda scaled: self.network(scaled, t, condition), seen, sigma)
        return weighted_error(predicted, x, sigma)

    def _condition(self, items: Tensor) -> Tensor:
        condition, share = self.material.condition[items], self.settings.condition_dropout
        if self.settings.released:
            return condition
        seen = hidden(condition, self.material.sizes, share, self.draws.numbers)
        return seen if self.material.profiles is None else torch.cat([seen, self._profile(items, share)], 1)

    def _profile(self, items: Tensor, share: float) -> Tensor:
        """Profiles of other items that are alike, each hidden with probability `share`."""
        assert self.material.profiles is not None
        others = self.material.profiles.of_others(items.cpu().numpy(), self.draws.others)
        kept = torch.rand(len(items), 1, generator=self.draws.numbers) >= share
        return (torch.from_numpy(others) * kept).to(self.device)

    def identity(self) -> str:
        """Names data, settings and seed: all that decides the weights after a given epoch."""
        unused = {"sampling", "sampling_steps", "start", "guidance", "unlabelled", "shots"}
        if self.settings.released or self.settings.schedule == "constant":
            unused.add("epochs")
        settings = {key: value for key, value in as_dict(self.settings).items() if key not in unused}
        return fingerprint([settings, self.material.digest(), self.seed, self.device])


def train(settings: RfDiffusionSettings, material: Material, seed: int, workspace: Workspace) -> nn.Module:
    """The trained network, in evaluation mode; k epochs and k more resumed are 2k epochs, to the last bit.

    Raises
    ------
    UserError
        If the checkpoint to resume from is damaged or of another training.
    """
    with threads(settings.threads):
        trainer = Trainer(settings, material, seed, workspace.device)
        network, optimiser, averaged = trainer.network, trainer.optimiser, trainer.averaged
        checkpoint = Checkpoint(workspace.folder, trainer.identity())
        done = checkpoint.load(network, optimiser, averaged, settings.epochs) if workspace.resume else 0
        for epoch in range(done, settings.epochs):
            loss = trainer.epoch(epoch)
            checkpoint.save(network, optimiser, averaged, epoch + 1)
            workspace.report(epoch + 1, settings.epochs, {"loss": loss})
    if averaged:
        network.load_state_dict(averaged)
    return network.eval()


def rate(settings: RfDiffusionSettings, epoch: int, batch: int) -> float:
    """Learning rate in an epoch, or (released) at a batch counted from the start of training."""
    if settings.released:
        return settings.learning_rate * DECAY ** (batch // DECAY_BATCHES)
    if settings.schedule == "constant":
        return settings.learning_rate
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / settings.epochs))


def schedule_of(settings: RfDiffusionSettings) -> schedule.Schedule:
    """The forward process that the settings mean."""
    make = schedule.released if settings.released else schedule.corrected
    return make(settings.steps, settings.tokens)


def _network(settings: RfDiffusionSettings, material: Material, seed: int, noise: Generator) -> nn.Module:
    """A new network, of output zero."""
    generator = reseed(Generator(), seed, "init")
    if settings.released:
        return _transformer(settings, material, noise, generator)
    s, numbers = settings, material.numbers if settings.conditional else 0
    size = convolutional.Size(material.x.shape[2], numbers, s.hidden, s.heads, s.blocks)
    return convolutional.new(size, schedule_of(settings).noise[:, 0], generator)


def _transformer(
    settings: RfDiffusionSettings, material: Material, noise: Generator, generator: Generator
) -> ComplexTransformer:
    size = Size(
        columns=material.x.shape[2] // 2,
        packets=settings.tokens,
        condition=sum(material.sizes) if settings.conditional else 0,
        steps=settings.steps,
        hidden=settings.hidden,
        heads=settings.heads,
        blocks=settings.blocks,
        step_features=2 * settings.hidden,
    )
    return initialise(ComplexTransformer(size, RELEASED_DROPOUT, noise), generator)
