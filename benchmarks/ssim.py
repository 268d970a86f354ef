"""The SSIM filter: one matrix product against the pairwise loop, and memory at 20,000 × 20,000.

python benchmarks/ssim.py [--repeats 3]
"""

from __future__ import annotations

import argparse
import tracemalloc

import numpy as np
from timing import alternate, told

from assay.data.normalise import z_score_items
from assay.metrics.ssim import C1, C2, nearest_ssim

ITEMS, LARGE = (250, 50), (5000, 10_000, 20_000)


def loop(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The best SSIM of every item of `a`, pair by pair."""
    best = np.full(len(a), -np.inf)
    for i, x in enumerate(a):
        for y in b:
            covariance = ((x - x.mean()) * (y - y.mean())).sum() / (x.size - 1)
            luminance = (2 * x.mean() * y.mean() + C1) / (x.mean() ** 2 + y.mean() ** 2 + C1)
            best[i] = max(best[i], luminance * (2 * covariance + C2) / (x.var() + y.var() + C2))
    return best


def peak(n: int) -> float:
    """Peak memory of a call on n × n items of 8 × 8, MiB."""
    items = np.random.default_rng(0).normal(size=(n, 8, 8)).astype(np.float32)
    tracemalloc.start()
    nearest_ssim(items, items)
    _, top = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return top / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    o = parser.parse_args()
    rng = np.random.default_rng(0)
    a, b = (z_score_items(rng.normal(size=(n, 3, 200, 30))) for n in ITEMS)
    difference = np.abs(loop(a, b) - nearest_ssim(a, b)[0]).max()
    slow, fast = alternate(lambda: loop(a, b), lambda: nearest_ssim(a, b), repeats=o.repeats)
    print(
        told(f"SSIM filter, {len(a)} × {len(b)} items of 200×30×3", slow, fast)
        + f"; largest difference {difference:.1e}"
    )
    print("peak memory: " + ", ".join(f"{n:,} × {n:,} items {peak(n):.0f} MiB" for n in LARGE))


if __name__ == "__main__":
    main()
