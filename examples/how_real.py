"""How near are a generator's recordings to the new person's, and does a model trained on real data know them?

    assay generate csigan:source_group=2 TASK -n 720 -o made.npz
    python examples/how_real.py TASK made.npz --source 2

For TASK see docs/results/csigan_csi_har.md. Distances to the new person's test recordings are squared maximum
mean discrepancies, of the items as networks see them and of their spectra over time.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import assay
from assay.data.normalise import normaliser
from assay.metrics.mmd import mmd
from assay.report.statistics import estimate
from assay.report.summary import percent
from assay.types import Samples, Task

Floats = NDArray[np.floating]


def spectra(x: Floats) -> Floats:
    """Log power by frequency over time, mean over antennas and subcarriers, (n, frequencies)."""
    return np.log((np.abs(np.fft.rfft(x, axis=2)) ** 2).mean((1, 3)) + 1e-6)


def distances(task: Task, parts: dict[str, Samples]) -> str:
    """A line for every part: its distance to the test items, as Markdown."""
    normalise = normaliser(task)
    target = normalise(task.test.x)
    lines = ["| recordings | n | of the items | of their spectra |", "|---|---|---|---|"]
    for name, part in parts.items():
        x = normalise(part.x)
        found = mmd(target, x), mmd(spectra(target), spectra(x))
        lines.append(f"| {name} | {len(part)} | {found[0]:.4f} | {found[1]:.4f} |")
    return "\n".join(lines)


def trts(task: Task, synthetic: Samples, seeds: int, training: assay.Training, out: Path) -> str:
    """Accuracy on the synthetic items, and on real ones, of models trained on real data."""
    lines = ["| tested on | accuracy % |", "|---|---|"]
    for name, test in (("synthetic", synthetic), ("the new person's recordings", task.test)):
        examined = dataclasses.replace(task, test=test, name=f"trts {name}")
        result = assay.compare(
            examined, methods=["real_only"], seeds=seeds, training=training, out=out / name[:9]
        )
        accuracy = [row["accuracy"] for row in result.rows() if row.get("selection") == "last"]
        lines.append(f"| {name} | {percent(estimate(accuracy))} |")
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
        parts["the source person's"] = task.labelled[task.labelled.group == options.source]
    print(distances(task, parts), end="\n\n")
    training = assay.Training(epochs=options.epochs, steps=options.steps, batch=32)
    print(trts(task, synthetic, options.seeds, training, options.out))


if __name__ == "__main__":
    main()
