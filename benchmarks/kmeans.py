"""SRDC's k-means from given centres.

Baseline: scikit-learn's KMeans from the same centres, as many rounds of Lloyd's algorithm, float32.

    python benchmarks/kmeans.py [--items 20000] [--features 2048] [--clusters 49] [--iterations 2]
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from timing import alternate, told

from assay.methods.clustering import kmeans


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--clusters", type=int, default=49)
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    rng = np.random.default_rng(0)
    means = rng.normal(size=(o.clusters, o.features)).astype(np.float32)
    truth = rng.integers(o.clusters, size=o.items)
    items = means[truth] + 4 * rng.normal(size=(o.items, o.features)).astype(np.float32)
    start = items[rng.permutation(o.items)[: o.clusters]].copy()
    features, centres = torch.from_numpy(items), torch.from_numpy(start)
    found = {}

    def plain() -> None:
        model = KMeans(o.clusters, init=start, n_init=1, max_iter=o.iterations, tol=0.0, algorithm="lloyd")
        found["plain"] = model.fit(items).cluster_centers_

    def ours() -> None:
        found["ours"] = kmeans(features, centres, o.iterations)[1].numpy()

    torch.set_num_threads(o.threads)
    with threadpool_limits(o.threads):
        slow, quick = alternate(plain, ours, repeats=o.repeats)
    print(f"{o.items} × {o.features}, {o.clusters} clusters, {o.iterations} rounds, {o.threads} thread(s)")
    print(told("k-means against scikit-learn", slow, quick))
    print(f"largest difference of a centre's coordinate: {np.abs(found['plain'] - found['ours']).max():.1e}")


if __name__ == "__main__":
    main()
