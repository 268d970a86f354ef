"""Reading and scaling an Intel 5300 log: whole arrays against a loop over packets and values.

python benchmarks/intel5300.py [--repeats 5]
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Iterator

import numpy as np
from timing import alternate, told

from assay.signal.intel5300 import log_bytes, read_log, scaled_csi
from assay.signal.simulated_log import make_log

PACKETS = 2000


def loop(content: bytes) -> np.ndarray:
    """Scaled CSI (n, 90), packet by packet and value by value."""
    return np.stack([scaled(*packet) for packet in packets(content)])


def packets(content: bytes) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Header and CSI (3, 30) of every packet with one transmit and three receive antennas."""
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from(">H", content, at)
        head = struct.unpack_from("<IHHBBBBBbBBHH", content, at + 3)
        payload, csi = content[at + 23 : at + 2 + length], np.zeros((3, 30), complex)
        for k in range(30):
            for rx in range(3):
                start = 51 * k + 3 + 16 * rx
                csi[rx, k] = complex(part(payload, start), part(payload, start + 8))
        order = [head[10] >> 2 * r & 3 for r in range(3)]
        csi[order] = csi.copy()
        yield head, csi
        at += 2 + length


def part(payload: bytes, start: int) -> int:
    """Eight bits from `start` on, as a signed number."""
    byte, shift = start >> 3, start & 7
    value = (payload[byte] >> shift | payload[byte + 1] << (8 - shift)) & 255
    return value - 256 if value > 127 else value


def scaled(head: tuple[int, ...], csi: np.ndarray) -> np.ndarray:
    """CSI relative to the noise, as a row of 90."""
    strength = sum(10 ** (rssi / 10) for rssi in head[5:8] if rssi) * 10 ** (-(44 + head[9]) / 10)
    scale = 30 * strength / (np.abs(csi) ** 2).sum()
    noise = 10 ** ((-92 if head[8] == -127 else head[8]) / 10) + 3 * scale
    return (csi * np.sqrt(scale / noise)).ravel().astype(np.complex64)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    o = parser.parse_args()
    rng = np.random.default_rng(0)
    iq = rng.integers(-60, 60, (PACKETS, 1, 3, 30, 2)).astype(np.int8)
    content = log_bytes(make_log(iq, 1000 * np.arange(PACKETS), antenna_sel=0b010010))
    log = read_log(content)
    difference = np.abs(loop(content) - scaled_csi(log).reshape(PACKETS, 90)).max()
    slow, fast = alternate(lambda: loop(content), lambda: scaled_csi(read_log(content)), repeats=o.repeats)
    print(told(f"read and scale {PACKETS} packets", slow, fast) + f"; largest difference {difference:.1e}")
    [reading, writing] = alternate(lambda: read_log(content), lambda: log_bytes(log), repeats=o.repeats)
    mib = len(content) / 2**20
    print(f"read alone {mib / reading[0]:.0f} MiB per CPU-second, write {mib / writing[0]:.0f}")


if __name__ == "__main__":
    main()
