"""A step of SynCheck after its warm-up, on the SignFi CNN with two pools, against the plain form.

Baseline: fp32, contiguous memory, two forward passes of which the second repeats the labelled views, items
looked up as arrays and z-scored one by one, and `.item()` for every loss. Ours: the steps of
`assay.train.loop`.

    python benchmarks/syncheck_step.py [--width 64] [--batch 16] [--steps 4] [--repeats 5] [--device cuda]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import torch
from timing import alternate, told
from torch import Tensor
from torch.nn.functional import cross_entropy

from assay.methods.syncheck import OpenClassifier, SynCheck, SynCheckMethod
from assay.methods.syncheck_losses import one_vs_all, open_entropy, pseudo_label_loss, soft_consistency
from assay.methods.training import Training
from assay.models.layers import initialise
from assay.models.signfi_cnn import SignFiCnn
from assay.train.building import setup_of, to_device
from assay.train.loop import Loop, set_training
from assay.train.one_run import Run
from assay.types import Samples, Task

SHAPE, CLASSES = (3, 200, 30), 50
SETTINGS = SynCheck()


def data(seed: int = 0) -> tuple[Task, Samples]:
    """Random items of the published shapes: 200 labelled, 50 unlabelled, 250 synthetic."""
    rng = np.random.default_rng(seed)

    def samples(n: int) -> Samples:
        return Samples(rng.standard_normal((n, *SHAPE)).astype(np.float32), np.arange(n) % CLASSES)

    names = tuple(map(str, range(CLASSES)))
    return Task("random", names, samples(200), samples(CLASSES), samples(50)), samples(250)


class Plain:
    """The plain form, with everything selected."""

    def __init__(self, task: Task, synthetic: Samples, run: Run) -> None:
        self.run, self.rng = run, np.random.default_rng(0)
        self.pools = [task.unlabelled, synthetic]
        self.labelled = task.labelled
        network = OpenClassifier(run.backbone.build(SHAPE, torch.Generator(run.device)), CLASSES)
        self.network = initialise(network, torch.Generator().manual_seed(0)).to(run.device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), run.training.learning_rate)

    def batch(self, samples: Samples) -> tuple[Tensor, Tensor]:
        """Items with a z-score each."""
        index = self.rng.integers(0, len(samples), self.run.training.batch)
        items = [(x - x.mean()) / x.std() for x in samples.x[index]]
        x = torch.from_numpy(np.stack(items)).to(self.run.device)
        return x, torch.from_numpy(samples.y[index]).to(self.run.device)

    def views(self, x: Tensor) -> list[Tensor]:
        """Weak and strong."""
        return [x, x + SETTINGS.sigma_strong * torch.randn_like(x)]

    def step(self) -> float:
        """One step of two passes; the loss."""
        x, y = self.batch(self.labelled)
        labelled, s = self.views(x), SETTINGS
        first = [*labelled, *(view for pool in self.pools for view in self.views(self.batch(pool)[0]))]
        second = [*labelled, *(view for pool in self.pools for view in self.views(self.batch(pool)[0]))]
        closed, opened = self.network(torch.cat(first))
        fixed, _ = self.network(torch.cat(second))
        size = self.run.training.batch
        o, f = opened.split(size), fixed.split(size)
        targets = y.repeat(2)
        losses = [
            s.lambda_x * cross_entropy(closed[: 2 * size], targets),
            s.lambda_ova * one_vs_all(opened[: 2 * size], targets),
            *(s.lambda_oem * (open_entropy(o[i]) + open_entropy(o[i + 1])) / 2 for i in (2, 4)),
            *(s.lambda_socr * soft_consistency(o[i], o[i + 1]) for i in (2, 4)),
            *(s.lambda_fix * pseudo_label_loss(f[i], f[i + 1], 1.0, 0.0) for i in (2, 4)),
        ]
        self.optimiser.zero_grad()
        torch.stack(losses).sum().backward()
        self.optimiser.step()
        return sum(loss.item() for loss in losses)


def ours(task: Task, synthetic: Samples, run: Run) -> SynCheckMethod:
    """The method after its warm-up, with everything selected."""
    pools, _ = to_device(task, synthetic, run.device)
    method = SynCheckMethod(setup_of(task, pools, run), SETTINGS)
    method.start_epoch(0)
    method.selected = method.full()
    set_training(method, True)
    return method


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("width", 64), ("batch", 16), ("steps", 4), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    task, synthetic = data()
    training = Training(epochs=100, steps=options.steps, batch=options.batch)
    run = Run(SETTINGS, SignFiCnn(options.width), training, 0, None, options.device)
    torch.set_num_threads(1)
    plain, loop = Plain(task, synthetic, run), Loop(ours(task, synthetic, run), run, None)

    def settled(function: Callable[[], object]) -> None:
        function()
        if options.device == "cuda":
            torch.cuda.synchronize()

    def plainly() -> None:
        for _ in range(options.steps):
            plain.step()

    plain.network.train()
    slow, fast = alternate(
        lambda: settled(plainly), lambda: settled(lambda: loop._steps(0)), repeats=options.repeats
    )
    print(
        f"width {options.width}, batch {options.batch}, {options.steps} steps, one thread, {options.device}"
    )
    print(told("SynCheck after its warm-up", slow, fast))


if __name__ == "__main__":
    main()
