"""The training loop of the CycleGAN: every epoch draws from a seed of its own, so that resuming is exact."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.csigan import checkpoint, losses
from assay.generate.csigan.domains import Domains
from assay.generate.csigan.image_pool import ImagePool
from assay.generate.csigan.networks import CycleDiscriminator, CycleGan, CycleGenerator, Output
from assay.generate.csigan.settings import CsiGanSettings
from assay.models import optimisers
from assay.models.precision import autocast
from assay.settings import switched

FILE = "csigan.safetensors"
SECONDS_BETWEEN_CHECKPOINTS = 60.0

Batches = list[tuple[Tensor, Tensor]]


class CycleTraining:
    """Networks, optimisers and pools, and how far they have come.

    Parameters
    ----------
    settings : CsiGanSettings
    data : Domains
    seed : int
    device : str

    Attributes
    ----------
    epoch : int
        Epochs done.
    best : dict of tensors
        Weights of the A-to-B generator of the epoch with the least distance between pairs (`nearest_epoch`).
    """

    def __init__(self, settings: CsiGanSettings, data: Domains, seed: int, device: str) -> None:
        settings = switched(settings, settings.protocol == "released")
        self.settings, self.seed, self.device = settings, seed, device
        self.a, self.b = (torch.from_numpy(x).to(device) for x in (data.a, data.b))
        output: Output = "tanh" if settings.tanh_output else "added"
        self.networks = CycleGan(data.a.shape[1], settings.width, output, self._init()).to(device)
        unit = cast(Any, "batch" if settings.batch_pool else "item")
        self.pools = {"a": ImagePool(unit), "b": ImagePool(unit)}
        self.optimisers = {
            name: optimisers.Adam(getattr(self.networks, name).parameters(), betas=(0.5, 0.999))
            for name in ("generators", "judges")
        }
        self.epoch, self.least, self.best = 0, math.inf, checkpoint.Tensors()

    def _init(self) -> torch.Generator:
        return torch.Generator().manual_seed(int(random(self.seed, "init").integers(2**63)))

    def run(self, workspace: Workspace, identity: str) -> CycleGenerator:
        """Train until the settings' last epoch; the generator to translate with.

        Parameters
        ----------
        workspace : Workspace
        identity : str
            Names settings, data and seed; a checkpoint of another identity is refused.
        """
        path = workspace.folder / FILE if workspace.folder else None
        if path and workspace.resume and path.exists():
            self.restore(path, identity)
        saved = time.monotonic()
        while self.epoch < self.settings.epochs:
            means = self.train_epoch()
            due = time.monotonic() - saved >= SECONDS_BETWEEN_CHECKPOINTS
            if path and (due or self.epoch == self.settings.epochs):
                self.save(path, identity)
                saved = time.monotonic()
            workspace.report(self.epoch, self.settings.epochs, means)
        return self.chosen()

    def chosen(self) -> CycleGenerator:
        """The A-to-B generator of the last epoch, or (`nearest_epoch`) of the best one."""
        network = self.networks.a_to_b
        if self.best:
            network.load_state_dict(self.best)
        return network.eval().requires_grad_(False)

    # -- one epoch ------------------------------------------------------------------------------------

    def train_epoch(self) -> dict[str, float]:
        """Mean of each loss over the steps.

        Raises
        ------
        UserError
            When a loss is NaN or infinite.
        """
        rng = random(self.seed, "epoch", self.epoch)
        self._set_rate()
        batches = self._batches(rng)
        steps = [self.step(a, b, rng) for a, b in batches]
        means = {name: float(sum(step[name] for step in steps)) / len(steps) for name in steps[0]}
        if self.settings.nearest_epoch:
            means["distance"] = self._keep_best(batches)
        bad = [name for name, mean in means.items() if not math.isfinite(mean)]
        if bad:
            told = f"csigan: loss {bad[0]} is {means[bad[0]]} in epoch {self.epoch}"
            raise UserError(f"{told}; take a smaller learning_rate")
        self.epoch += 1
        return means

    def _set_rate(self) -> None:
        s = self.settings
        for optimiser in self.optimisers.values():
            optimiser.param_groups[0]["lr"] = s.learning_rate * 0.1 ** (self.epoch // s.decay_epochs)

    def _batches(self, rng: np.random.Generator) -> Batches:
        """All source items in random order, each with the target item that it meets in this epoch."""
        order = rng.permutation(len(self.a))
        met = partners(order, len(self.b), self.settings.pairing, rng)
        i, j = (self._in_batches(index) for index in (order, met))
        return [(self.a[rows], self.b[columns]) for rows, columns in zip(i, j)]

    def _in_batches(self, index: NDArray[np.int64]) -> tuple[Tensor, ...]:
        return torch.split(torch.from_numpy(index).to(self.device), self.settings.batch)

    def _keep_best(self, batches: Batches) -> float:
        with torch.no_grad(), self._autocast():
            each = [losses.cycle_loss(self.networks.a_to_b(a), b) for a, b in batches]
        distance = float(sum(each)) / len(each)
        if distance < self.least:
            self.least = distance
            self.best = {name: x.clone() for name, x in self.networks.a_to_b.state_dict().items()}
        return distance

    def _autocast(self) -> Any:
        return autocast(self.settings.precision, self.device)

    # -- one step -------------------------------------------------------------------------------------

    def step(self, a: Tensor, b: Tensor, rng: np.random.Generator) -> dict[str, Tensor]:
        """One step of the generators, then one of the discriminators; the losses, detached."""
        self.networks.judges.requires_grad_(False)
        terms, fake_a, fake_b = self._generator_losses(a, b)
        self._descend("generators", terms["generators"])
        self.networks.judges.requires_grad_(True)
        heads = bool(rng.random() >= 0.5) if self.settings.one_coin else None
        fakes = {"a": fake_a, "b": fake_b}
        old_a, old_b = (self.pools[name].exchange(fake, rng, heads) for name, fake in fakes.items())
        with self._autocast():
            terms["judge_a"] = judged(self.networks.judge_a, a, old_a)
            terms["judge_b"] = judged(self.networks.judge_b, b, old_b)
        self._descend("judges", terms["judge_a"] + terms["judge_b"])
        return {name: term.detach() for name, term in terms.items()}

    def _generator_losses(self, a: Tensor, b: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Each loss of the generators, their weighted sum, and what they made of `b` and of `a`."""
        s, n = self.settings, self.networks
        with self._autocast():
            fake_b, fake_a = n.a_to_b(a), n.b_to_a(b)
            back_a, back_b = n.b_to_a(fake_b), n.a_to_b(fake_a)
            deceit = losses.taken_for_real(n.judge_b(fake_b)) + losses.taken_for_real(n.judge_a(fake_a))
        terms = {"deceit": deceit, "cycle": losses.cycle_loss(back_a, a) + losses.cycle_loss(back_b, b)}
        total = deceit + s.cycle_weight * terms["cycle"]
        if s.lambda_similarity:
            similarity = losses.similarity_loss(fake_b, b) + losses.similarity_loss(fake_a, a)
            terms["similarity"], total = similarity, total + s.lambda_similarity * similarity
        return terms | {"generators": total}, fake_a, fake_b

    def _descend(self, name: str, loss: Tensor) -> None:
        self.optimisers[name].zero_grad()
        torch.autograd.backward(loss)
        self.optimisers[name].step()

    # -- checkpoints ----------------------------------------------------------------------------------

    def save(self, path: Path, identity: str) -> None:
        """Write all that the next epoch depends on."""
        tensors = checkpoint.named("networks", self.networks.state_dict())
        tensors |= checkpoint.named("best", self.best)
        for name, optimiser in self.optimisers.items():
            tensors |= checkpoint.named(name, checkpoint.optimiser_tensors(optimiser))
        for name, pool in self.pools.items():
            tensors |= checkpoint.named(f"pool_{name}", dict(enumerate(pool.stored)))
        least = self.least if self.best else None
        checkpoint.save(path, tensors, {"identity": identity, "epoch": self.epoch, "least": least})

    def restore(self, path: Path, identity: str) -> None:
        """Take up what `save` wrote.

        Raises
        ------
        UserError
            If the file is damaged, or belongs to other settings, data, seed or more epochs.
        """
        tensors, facts = checkpoint.load(path, self.device)
        if facts["identity"] != identity:
            raise UserError(f"{path}: of other settings, data or seed; take another folder, or do not resume")
        if facts["epoch"] > self.settings.epochs:
            raise UserError(f"{path}: after epoch {facts['epoch']}; epochs={self.settings.epochs} is over")
        with checkpoint.fitting(path):
            self._take(tensors, facts)

    def _take(self, tensors: checkpoint.Tensors, facts: Mapping[str, Any]) -> None:
        self.networks.load_state_dict(checkpoint.under("networks", tensors))
        self.best = checkpoint.under("best", tensors)
        self.epoch, self.least = facts["epoch"], facts["least"] if self.best else math.inf
        for name, optimiser in self.optimisers.items():
            checkpoint.restore_optimiser(optimiser, checkpoint.under(name, tensors))
        for name, pool in self.pools.items():
            stored = checkpoint.under(f"pool_{name}", tensors)
            pool.stored = [stored[str(place)] for place in range(len(stored))]


def judged(judge: CycleDiscriminator, real: Tensor, generated: Tensor) -> Tensor:
    """The loss of a discriminator; one pass over both, as no layer mixes items."""
    scores = judge(torch.cat((real, generated)))
    return losses.told_apart(scores[: len(real)], scores[len(real) :])


def partners(order: NDArray[np.int64], n: int, pairing: str, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the target items (of `n`) that source items in this `order` meet.

    "index": their own; "drawn": any, with replacement; "shuffled": permutations of all, as many as it takes.
    """
    if pairing == "index":
        return order
    if pairing == "drawn":
        return rng.integers(n, size=len(order))
    passes = -(-len(order) // n)
    return np.concatenate([rng.permutation(n) for _ in range(passes)])[: len(order)]


def random(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """A stream of random numbers of its own for every purpose and epoch."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), epoch])
