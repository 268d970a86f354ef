"""Your own arrays in ten lines: is this synthetic data worth anything?"""

from __future__ import annotations

import sys

import numpy as np

import assay


def main(out: str = "runs/own", seeds: int = 3, epochs: int = 10, workers: int | None = None) -> None:
    """Two noisy classes, and synthetic data of which a third carries the wrong label."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    x = np.sin(np.linspace(0, 6, 64) * (1 + y[:, None, None])) + rng.normal(0, 1, (300, 1, 64))
    task = assay.split_task(assay.Samples(x, y), name="waves")

    claim = rng.integers(0, 2, 200)
    truth = np.where(rng.random(200) < 1 / 3, 1 - claim, claim)
    made = np.sin(np.linspace(0, 6, 64) * (1 + truth[:, None, None])) + rng.normal(0, 1, (200, 1, 64))

    training = assay.Training(epochs=epochs, steps=20)
    synthetic = assay.Samples(made, claim)
    result = assay.compare(task, synthetic, seeds=seeds, training=training, workers=workers, out=out)
    print(assay.table(result))
    print(assay.verdict(result))
    print(assay.write_report(result, f"{out}/report.html"))


if __name__ == "__main__":
    main(*sys.argv[1:2])
