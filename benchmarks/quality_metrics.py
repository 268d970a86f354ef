"""Manifold scores and kernel distances in blocks against the plain dense forms: time and peak memory.

Peak memory is the rise of a fresh process's resident set above that after a call on few items.

    python benchmarks/quality_metrics.py [--items 10000] [--features 512] [--repeats 3]
"""

from __future__ import annotations

import argparse
import resource
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from timing import alternate, told

from assay.metrics.kernel_distance import kernel_distance
from assay.metrics.manifold import precision_recall_density_coverage
from assay.metrics.mmd import mmd

K, BANDWIDTH = 5, 32.0


def squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a_i - b_j|², the whole matrix."""
    products = a @ b.T
    products *= -2
    products += (a**2).sum(1)[:, None]
    products += (b**2).sum(1)
    return products


def dense_manifold(real: np.ndarray, synthetic: np.ndarray) -> tuple[float, ...]:
    x, y = real.astype(np.float64), synthetic.astype(np.float64)
    radius_x, radius_y = (np.partition(squares(s, s), K, axis=1)[:, K] for s in (x, y))
    between = squares(x, y)
    inside = between <= radius_x[:, None]
    recalled = (between <= radius_y).any(1)
    return inside.any(0).mean(), recalled.mean(), inside.sum() / (K * len(y)), inside.any(1).mean()


def unbiased(xx: np.ndarray, yy: np.ndarray, xy: np.ndarray) -> float:
    within = sum((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (xx, yy))
    return within - 2 * xy.mean()


def dense_kernel_distance(real: np.ndarray, synthetic: np.ndarray) -> float:
    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        base = a @ b.T / a.shape[1] + 1
        return base * base * base

    x, y = real.astype(np.float64), synthetic.astype(np.float64)
    return unbiased(kernel(x, x), kernel(y, y), kernel(x, y))


def dense_mmd(real: np.ndarray, synthetic: np.ndarray) -> float:
    x, y = real.astype(np.float64), synthetic.astype(np.float64)
    return unbiased(*(np.exp(squares(a, b) / (-2 * BANDWIDTH**2)) for a, b in ((x, x), (y, y), (x, y))))


def blocks_mmd(real: np.ndarray, synthetic: np.ndarray) -> float:
    return mmd(real, synthetic, BANDWIDTH)


FORMS = {
    "precision, recall, density, coverage": (dense_manifold, precision_recall_density_coverage),
    "kernel distance": (dense_kernel_distance, kernel_distance),
    "MMD": (dense_mmd, blocks_mmd),
}


def two_sets(items: int, features: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, items, features), dtype=np.float32)
    return x, y * np.float32(0.97)


def rise(name: str, ours: bool, items: int, features: int) -> float:
    """How much the peak resident set of this process grows with a call, MiB."""
    function = FORMS[name][ours]
    x, y = two_sets(items, features)
    function(x[:50], y[:50])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    function(x, y)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def peak(*arguments: object) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(rise, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    o = parser.parse_args()
    print(f"{o.items:,} × {o.items:,} items of {o.features} features")
    for name in FORMS:  # first: a process starts with the peak of its parent
        dense, ours = (peak(name, of_ours, o.items, o.features) for of_ours in (False, True))
        ratio = dense / max(ours, 0.1)  # few items may need none anew
        print(f"{name}: peak memory: baseline {dense:.0f} MiB, ours {ours:.0f} MiB; ratio {ratio:.1f}")
    sets = two_sets(o.items, o.features)
    for name, forms in FORMS.items():
        dense, ours = (partial(form, *sets) for form in forms)
        difference = np.abs(np.subtract(dense(), ours())).max()
        times = alternate(dense, ours, repeats=o.repeats)
        print(told(name, *times) + f"; largest difference {difference:.1e}", flush=True)


if __name__ == "__main__":
    main()
