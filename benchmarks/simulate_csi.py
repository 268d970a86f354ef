"""Simulated CSI: recordings of 200 × 30 × 3 per CPU-second; the channel against a loop over packets.

python benchmarks/simulate_csi.py [--repeats 3] [--recordings 200]
"""

from __future__ import annotations

import argparse

import numpy as np
from timing import alternate, told

from assay.generate.simulate_csi.fit import SimulateCsi
from assay.generate.simulate_csi.radio import channel, frequencies
from assay.generate.simulate_csi.recording import Link, moving_paths
from assay.generate.simulate_csi.room import LIGHT
from assay.generate.simulate_csi.sampler import CsiSampler, records_rand
from assay.generate.simulate_csi.task import WIDAR_GESTURES

LINK, SHAPE = Link(receivers=1, packets=200, rate=100.0), (3, 200, 30)


def loop(lengths: np.ndarray, amplitudes: np.ndarray) -> np.ndarray:
    """The channel packet by packet, antenna by antenna: paths × subcarriers at once."""
    out = np.empty((*lengths.shape[1:], 30), np.complex64)
    turn = -2j * np.pi * frequencies() / LIGHT
    for antenna in range(lengths.shape[1]):
        for packet in range(lengths.shape[2]):
            d, a = lengths[:, antenna, packet, None], amplitudes[:, antenna, packet]
            out[antenna, packet] = a @ np.exp(turn * d)
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--recordings", type=int, default=200)
    o = parser.parse_args()
    settings = SimulateCsi(rate=100.0, remove_mean=True)
    sampler = CsiSampler(settings, WIDAR_GESTURES, LINK, SHAPE)
    [(cpu, wall)] = alternate(
        lambda: sampler.sample(o.recordings, np.random.default_rng(0)), repeats=o.repeats
    )
    print(
        f"recordings of 200×30×3, from draw to item: {o.recordings / cpu:.0f} a CPU-second, "
        f"{o.recordings / wall:.0f} a second"
    )
    rng, users = np.random.default_rng(0), np.zeros(20, np.int64)
    records = records_rand(rng, settings, ["clap"] * 20, users, LINK)
    paths = [moving_paths(record, np.arange(200) / 100) for record in records]
    slow, fast = alternate(
        lambda: [loop(*part) for part in paths], lambda: [channel(*part) for part in paths], repeats=o.repeats
    )
    scale = np.abs(loop(*paths[0])).max()
    worst = np.abs(loop(*paths[0]) - channel(*paths[0])).max() / scale
    print(
        told("channel of 20 recordings of 200×30×3", slow, fast)
        + f"; largest relative difference {worst:.1e}"
    )


if __name__ == "__main__":
    main()
