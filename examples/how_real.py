"""How near are a generator's recordings to the new person's, and does a model trained on real data know them?

    assay generate csigan:source_group=2 TASK -n 720 -o made.npz
    python examples/how_real.py TASK made.npz --source 2

For TASK see docs/results/wifi_generators.md. Distances to the new person's test recordings are squared
maximum mean discrepancies: of the items as networks see them, and of features of two networks, one that
learnt to tell the source people's activities apart and one that learnt to tell these people apart. The
source person's recordings with noise are a control: a generator that does no better has only blurred who it
was. How near generated items are to the nearest of those that were learnt from is told beside how near
recordings of the same people that were held out are.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import assay
from assay.comparison.summary import percent
from assay.data.normalise import normaliser
from assay.metrics.mmd import mmd
from assay.metrics.statistics import SHARE, estimate
from assay.models.table import chosen
from assay.quality.model import trained
from assay.types import Samples, Task

Floats = NDArray[np.floating]


def spaces(task: Task, training: assay.Training) -> dict[str, Callable[[Samples], Floats]]:
    """What distances are measured in, by name."""
    normalise, backbone = normaliser(task), chosen(None, task.kind, task.shape)
    people, person = np.unique(task.labelled.group, return_inverse=True)
    labelled = Samples(task.labelled.x, person)
    told_apart = Task("people", tuple(map(str, people)), labelled, labelled, normalise=task.normalise)

    def features(of: Task) -> Callable[[Samples], Floats]:
        model = trained(of, of.labelled, backbone, training, seed=0, device="cpu")
        return lambda samples: model.examine(samples, None).features

    return {
        "of the items": lambda samples: normalise(samples.x),
        "of what tells activities": features(task),
        "of what tells people": features(told_apart),
    }


def distances(task: Task, parts: dict[str, Samples], training: assay.Training) -> str:
    """A line for every part: its distance to the test items, as Markdown."""
    views = spaces(task, training)
    target = {name: view(task.test) for name, view in views.items()}
    lines = ["| recordings | n | " + " | ".join(views) + " |", "|---|---|" + "---|" * len(views)]
    for name, part in parts.items():
        found = (f"{mmd(target[space], view(part)):.4f}" for space, view in views.items())
        lines.append(f"| {name} | {len(part)} | " + " | ".join(found) + " |")
    return "\n".join(lines)


def copies(task: Task, parts: dict[str, Samples]) -> str:
    """How near each part's items are to the nearest ones that were learnt from, as Markdown.

    Cosines of items as networks see them, either sign; the median and the 99 % quantile.
    """
    known = directions(task, task.real)
    lines = ["| recordings | cosine with the nearest learnt from: median | 99 % |", "|---|---|---|"]
    for name, part in parts.items():
        nearest = np.abs(directions(task, part) @ known.T).max(1)
        lines.append(f"| {name} | {np.median(nearest):.2f} | {np.quantile(nearest, 0.99):.2f} |")
    return "\n".join(lines)


def directions(task: Task, samples: Samples) -> Floats:
    """Items as networks see them, of unit length, (n, numbers)."""
    rows = normaliser(task)(samples.x).reshape(len(samples), -1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def noisy(task: Task, samples: Samples) -> Samples:
    """Items as networks see them plus white noise of their own deviation, and z-scored again later."""
    x = normaliser(task)(samples.x)
    noise = np.random.default_rng(0).normal(0, x.std(), x.shape)
    return dataclasses.replace(samples, x=(x + noise).astype(np.float32))


def trts(task: Task, synthetic: Samples, seeds: int, training: assay.Training, out: Path) -> str:
    """Accuracy on the synthetic items, and on real ones, of models trained on real data."""
    lines = ["| tested on | accuracy % |", "|---|---|"]
    for name, test in (("synthetic", synthetic), ("the new person's recordings", task.test)):
        examined = dataclasses.replace(task, test=test, name=f"trts {name}")
        result = assay.compare(
            examined, methods=["real_only"], seeds=seeds, training=training, out=out / name[:9]
        )
        accuracy = [row["accuracy"] for row in result.rows() if row.get("selection") == "last"]
        lines.append(f"| {name} | {percent(estimate(accuracy, SHARE))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("synthetic")
    parser.add_argument("--source", type=int, help="person whose recordings were translated")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--out", type=Path, default=Path("runs/trts"))
    options = parser.parse_args()
    task = assay.open_task(options.task)
    synthetic = assay.open_synthetic(options.synthetic, task)
    parts = {"the new person's, unlabelled": task.unlabelled, "generated": synthetic}
    if options.source is not None:
        source = task.labelled[task.labelled.group == options.source]
        parts |= {"the source person's": source, "the same with noise as strong": noisy(task, source)}
    training = assay.Training(epochs=options.epochs, steps=options.steps, batch=32)
    print(distances(task, parts | {"all that are labelled": task.labelled}, training), end="\n\n")
    if len(task.validation):
        parts = {"generated": synthetic, "validation recordings, of the same people": task.validation}
        print(copies(task, parts), end="\n\n")
    print(trts(task, synthetic, options.seeds, training, options.out))


if __name__ == "__main__":
    main()
