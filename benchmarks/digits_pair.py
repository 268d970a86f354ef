"""Adaptation between two sources of handwritten digits: MNIST to USPS and back, 16 x 16 pixels.

    python benchmarks/digits_pair.py OUT

Needs ``digits_pair/digits_pair.npz`` under ``ASSAY_DATA``: uint8 arrays ``mnist``, ``usps`` and ``usps_test``
(n, 16, 16), each with its ``*_label`` (n,). Prints tables in Markdown; runs in OUT are not repeated.
``-n SEEDS`` (5), ``-m METHOD`` (repeatable), ``-w WAY`` (``mnist-usps``, ``usps-mnist``; both by default).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

import assay
from assay.types import Samples, Task

TRAINING = assay.Training(epochs=6, steps=100, batch=32)
WAYS = ("mnist-usps", "usps-mnist")
METHODS = (
    "no_adaptation",
    "adabn",
    "self_training",
    "dann",
    "mcd:width=128",
    "mcd:width=128,equal_steps=true",
    "rca",
    "srdc",
    "disclusterda",
    "mcc",
)


def task(way: str) -> Task:
    """All of the source with labels; MNIST as a target is half unlabelled, half test."""
    with np.load(Path(os.environ["ASSAY_DATA"]) / "digits_pair/digits_pair.npz") as file:
        mnist, usps, test = (digits(file, name) for name in ("mnist", "usps", "usps_test"))
    parts = (mnist, usps, test) if way == "mnist-usps" else (usps, mnist[::2], mnist[1::2])
    labelled, unlabelled, test = parts
    title, classes = way.replace("-", " to "), tuple("0123456789")
    return Task(
        title,
        classes,
        labelled,
        test,
        unlabelled=unlabelled.without_labels(),
        kind="image",
        normalise="channel",
    )


def digits(file: np.lib.npyio.NpzFile, name: str) -> Samples:
    return Samples(file[name][:, None].astype(np.float32) / 255, file[f"{name}_label"].astype(np.int64))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("-n", "--seeds", type=int, default=5)
    parser.add_argument("-m", "--method", action="append", default=[])
    parser.add_argument("-w", "--way", action="append", choices=WAYS)
    asked = parser.parse_args()
    for way in asked.way or WAYS:
        result = assay.compare(
            task(way),
            methods=asked.method or METHODS,
            seeds=asked.seeds,
            backbone="cnn2d:width=16",
            training=TRAINING,
            out=asked.out / way,
        )
        print(f"\n## {way.replace('-', ' to ')}\n\n{assay.table(result, 'last')}", flush=True)


if __name__ == "__main__":
    main()
