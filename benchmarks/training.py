"""Training throughput on the SignFi CNN, or a small ResNet on images; what the loop costs over bare steps.

Baseline: the plain form. fp32, contiguous memory, a DataLoader over numpy arrays with a z-score for every
item as it is loaded, and `.item()` after every step. Ours: the loop of `assay.train.one_run`.

    python benchmarks/training.py [--width 64] [--batch 16] [--steps 10] [--repeats 5] [--device cuda]
    python benchmarks/training.py --images --batch 64
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import torch
from timing import alternate, told
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from assay.methods.base import Classifier, Method
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.layers import initialise
from assay.models.signfi_cnn import SignFiCnn
from assay.models.table import BACKBONES
from assay.train.building import setup_of, to_device
from assay.train.loop import Loop
from assay.train.one_run import Run
from assay.types import Samples, Task

CSI, IMAGES = (3, 200, 30), (3, 64, 64)
CLASSES, ITEMS = 50, 1000


class Plain(Dataset):
    """Items as most scripts load them."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        x = self.samples.x[index]
        return torch.from_numpy((x - x.mean()) / x.std()), int(self.samples.y[index])


class PlainLoop:
    """The plain form."""

    def __init__(self, task: Task, run: Run) -> None:
        self.loader = DataLoader(Plain(task.labelled), run.training.batch, shuffle=True, drop_last=True)
        self.run = run
        noise = torch.Generator(run.device)
        network = Classifier(run.backbone.build(task.shape, noise), CLASSES)
        self.network = initialise(network, torch.Generator().manual_seed(0)).to(run.device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), run.training.learning_rate)

    def epoch(self) -> float:
        """One epoch; the sum of its losses."""
        total = 0.0
        for _, (x, y) in zip(range(self.run.training.steps), self.loader):
            loss = cross_entropy(self.network(x.to(self.run.device)), y.to(self.run.device))
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            total += loss.item()
        return total


def over(ours: float, floor: float) -> str:
    """How much longer, in percent."""
    return f"{100 * (ours / floor - 1):+.1f} %"


def bare(method: Method, batches: list[Any]) -> None:
    """Forward, backward, step and nothing else, in the method's own precision and layout."""
    network, optimiser = method.networks[0], method.optimisers[0]
    for x, y in batches:
        with method.setup.autocast():
            logits = network(x)
        loss = cross_entropy(logits.float(), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--images", action="store_true", help="resnet2d_fast on 64 x 64 pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    rng = np.random.default_rng(0)
    x = rng.normal(5, 2, (ITEMS, *(IMAGES if o.images else CSI))).astype(np.float32)
    samples = Samples(x, np.arange(ITEMS) % CLASSES)
    task = Task("benchmark", tuple(map(str, range(CLASSES))), samples, samples)
    training = Training(steps=o.steps, batch=o.batch, threads=o.threads)
    backbone = BACKBONES["resnet2d_fast"] if o.images else SignFiCnn(o.width)
    run = Run(METHODS["real_only"], backbone, training, 0, device=o.device)
    pools, _ = to_device(task, Samples.none_like(samples), o.device)
    method = run.method.build(setup_of(task, pools, run))
    loop, plain = Loop(method, run, None), PlainLoop(task, run)
    batches = [
        (pools.labelled.x[i : i + o.batch].clone(), pools.labelled.y[i : i + o.batch]) for i in range(o.steps)
    ]

    def settled(function: Any, *arguments: Any) -> None:
        function(*arguments)
        if o.device == "cuda":
            torch.cuda.synchronize()

    for network in (plain.network, *method.networks):
        network.train()
    slow, ours, floor = alternate(
        lambda: settled(plain.epoch),
        lambda: settled(loop.learn, 0),
        lambda: settled(bare, method, batches),
        repeats=o.repeats,
    )
    network = "resnet2d_fast" if o.images else f"SignFi CNN, width {o.width}"
    print(f"{network}, batch {o.batch}, {o.steps} steps, {o.threads} thread(s), {o.device}")
    print(told("training against the plain form", slow, ours))
    print(f"loop over bare steps: {over(ours[0], floor[0])} CPU, {over(ours[1], floor[1])} wall")


if __name__ == "__main__":
    main()
