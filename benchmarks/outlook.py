"""What `assay advise` expects of twice the data, against what twice the data then gave.

Four kinds of synthetic data for ten-dimensional blobs with overlapping classes (drawn from the same
distribution, shifted, half or all of the conditions drawn by chance), and digits rendered from fonts for
handwritten ones.

    python benchmarks/outlook.py [--seeds 5] [--out runs/outlook] [blobs digits]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

import assay
from assay.models.mlp import Mlp
from assay.runs.progress import Silent

CLASSES, FEATURES, SPREAD = 4, 10, 0.9
REAL, MADE = 40, 1024
Case = tuple[str, assay.Task, assay.Task, assay.Samples, assay.Samples]


def blobs(n: int, seed: int) -> assay.Samples:
    """Four classes around the corners of the first two axes."""
    rng, y = np.random.default_rng(seed), np.arange(n) % CLASSES
    x = rng.normal(0, SPREAD, (n, FEATURES))
    x[:, 0] += 2 * (y % 2) - 1
    x[:, 1] += 2 * (y // 2) - 1
    return assay.Samples(x.astype(np.float32), y)


def blob_task(labelled: int) -> assay.Task:
    """Blobs of which the first items are labelled."""
    names, parts = tuple("abcd"), {"test": blobs(2000, 1), "validation": blobs(200, 3)}
    real = blobs(2 * REAL, 0)[:labelled]
    return assay.Task("blobs", names, real, normalise="none", kind="vector", **parts)


def made(kind: str) -> assay.Samples:
    """Twice as many synthetic blobs as there are at first."""
    good, rng = blobs(2 * MADE, 9), np.random.default_rng(1)
    chance = rng.integers(0, CLASSES, len(good))
    wrong = rng.random(len(good)) < {"half of the conditions by chance": 0.5, "all by chance": 1.0}.get(
        kind, 0
    )
    shift = np.array([0.8, 0.5] + [0] * (FEATURES - 2), dtype=np.float32) * (kind == "shifted")
    return assay.Samples(good.x + shift, np.where(wrong, chance, good.y))


def cases(which: list[str]) -> Iterator[Case]:
    """Name, task, task with twice the real items, synthetic items, twice of them."""
    if "blobs" in which:
        for kind in ("same distribution", "shifted", "half of the conditions by chance", "all by chance"):
            full = made(kind)
            yield f"blobs, {kind}", blob_task(REAL), blob_task(2 * REAL), full[:MADE], full
    if "digits" in which:
        task, twice = assay.open_task("digits"), assay.open_task("digits:labelled=10")
        half, full = (assay.synthesise("digits-rendered", n, task)[0] for n in (1000, 2000))
        yield "digits-rendered for digits", task, twice, half, full


def report(case: Case, options: dict) -> None:
    """Lines of a table: twice the synthetic, twice the real, twice both."""
    name, task, twice, half, full = case
    outlook = assay.advise(task, half, **options).outlook
    assert outlook
    pairs = ((task, full), (twice, half), (twice, full))
    for expected, (real, synthetic) in zip(outlook.predictions[1:], pairs, strict=True):
        result = assay.compare(real, synthetic, methods=["mixed"], **options)
        rows = [r for r in result.rows() if (r["method"], r.get("selection")) == ("mixed", "last")]
        measured, a = np.mean([r["accuracy"] for r in rows]), expected.accuracy
        told = f"{100 * a.mean:.1f} [{100 * a.low:.1f}, {100 * a.high:.1f}] | {100 * measured:.1f}"
        inside = "yes" if a.low <= measured <= a.high else "no"
        print(
            f"| {name} | {expected.what} | {told} | {inside} | {'yes' if outlook.holds else 'no'} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=["blobs", "digits"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", default="runs/outlook")
    given = parser.parse_args()
    short = assay.Training(epochs=6, steps=40, learning_rate=3e-3)
    print("| synthetic data | more data | expected % | measured % | inside | check passed |")
    print("|---|---|---|---|---|---|")
    for case in cases(given.which):
        own = {"training": short, "backbone": Mlp(width=32)} if case[1].name == "blobs" else {}
        report(case, {"seeds": given.seeds, "out": given.out, "watcher": Silent(), **own})


if __name__ == "__main__":
    main()
