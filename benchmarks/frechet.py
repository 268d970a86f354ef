"""Fréchet distance against torch-fidelity's, and where that is not installed against the plain formula.

One thread. torch-fidelity needs nothing here that is not there already but torchvision:

    pip install --no-deps torch-fidelity==0.4.0
    python benchmarks/frechet.py [--items 5000] [--features 512] [--rank 512] [--repeats 9]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits
from timing import alternate, told

from assay.metrics.frechet import frechet_distance

Distance = Callable[[np.ndarray, np.ndarray], float]


def plain(real: np.ndarray, synthetic: np.ndarray) -> float:
    """The formula, the root's trace from the eigenvalues of the product."""
    difference = real.mean(0) - synthetic.mean(0)
    a, b = (np.cov(side, rowvar=False) for side in (real, synthetic))
    roots = np.sqrt(np.linalg.eigvals(a @ b).astype(complex)).real
    return float(difference @ difference + np.trace(a) + np.trace(b) - 2 * roots.sum())


def baseline() -> tuple[str, Distance]:
    try:
        import torch
        from torch_fidelity import metric_fid
    except ImportError:
        return "the plain formula (torch-fidelity is not installed)", plain

    def theirs(real: np.ndarray, synthetic: np.ndarray) -> float:
        sides = (metric_fid.fid_features_to_statistics(torch.from_numpy(side)) for side in (real, synthetic))
        return float(metric_fid.fid_statistics_to_metric(*sides, False)[metric_fid.KEY_METRIC_FID])

    return "torch-fidelity", theirs


def two_sets(items: int, features: int, rank: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, items, rank))
    mixing = np.eye(features) if rank == features else rng.standard_normal((rank, features)) / rank**0.5
    return x @ mixing, 0.97 * y @ mixing


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--rank", type=int, help="of both sets; default: as many as features")
    parser.add_argument("--repeats", type=int, default=9)
    o = parser.parse_args()
    name, theirs = baseline()
    sets = two_sets(o.items, o.features, o.rank or o.features)
    print(f"{o.items:,} + {o.items:,} items of {o.features} features; baseline: {name}")
    with threadpool_limits(1):
        print(f"values: baseline {theirs(*sets):.9g}, ours {frechet_distance(*sets):.9g}")
        times = alternate(partial(theirs, *sets), partial(frechet_distance, *sets), repeats=o.repeats)
    print(told("Fréchet distance", *times))


if __name__ == "__main__":
    main()
