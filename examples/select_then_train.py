"""The synthetic items worth keeping, fed to a training loop of one's own."""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import nn

import assay


def train(x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, steps: int) -> nn.Module:
    """A plain loop: twenty lines that know nothing of Assay."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(steps):
        batch = torch.randint(len(x), (64,))
        losses = nn.functional.cross_entropy(network(x[batch]), y[batch], reduction="none")
        loss = (weight[batch] * losses).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def main(out: str = "kept.npz", steps: int = 400, seeds: int = 3, epochs: int = 15) -> None:
    """Digits rendered from fonts, a fifth of them under a wrong label."""
    task = assay.open_task("digits")
    made = assay.open_synthetic("digits-rendered", task)
    wrong = np.random.default_rng(0).random(len(made)) < 0.2
    claimed = assay.Samples(made.x, np.where(wrong, (made.y + 1) % 10, made.y))

    training = assay.Training(epochs=epochs, steps=40, batch=32)
    kept = assay.select(task, claimed, "agreement", seeds=seeds, training=training)
    print(f"{kept.kept.sum()} of {len(made)} kept; wrong labels: {wrong.mean():.1%} of all, ", end="")
    print(f"{wrong[kept.kept].mean():.1%} of those kept; {', '.join(map(str, kept.save(out)))}")

    def learnt_from(synthetic: assay.Samples, weights: np.ndarray) -> float:
        x = np.concatenate((task.labelled.x, synthetic.x)).astype(np.float32)
        y = torch.from_numpy(np.concatenate((task.labelled.y, synthetic.y)))
        weight = torch.from_numpy(np.concatenate((np.ones(len(task.labelled)), weights))).float()
        scale = float(x.max())
        network = train(torch.from_numpy(x / scale), y, weight, steps)
        with torch.no_grad():
            said = network(torch.from_numpy(task.test.x.astype(np.float32) / scale)).argmax(1)
        return float((said.numpy() == task.test.y).mean())

    print(
        f"your own loop, test accuracy: all of them {learnt_from(claimed, np.ones(len(made))):.1%}, ", end=""
    )
    print(f"those kept {learnt_from(kept.samples(), kept.weights):.1%}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
