"""A mover of 20 Hz under four clocks: Doppler pictures by the nearest packets, and by the packets' stamps.

    python examples/doppler_clocks.py --out doppler_clocks.png

Packets come evenly (1,000 a second), half of them lost, in bursts (50 ms on, 50 ms off), or jittered by up to
0.45 ms. The upper row takes them as even, at their mean rate, as the published pipeline does; the lower row
takes them by their stamps, or says why not. The line belongs at 20 Hz.
"""

from __future__ import annotations

import argparse
import io
import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from assay.errors import UserError
from assay.signal.clock import rate_of
from assay.signal.doppler import FREQUENCIES, HIGHEST, doppler_spectrum

HERTZ, SECONDS, RATE = 20.0, 1.5, 1000
LIGHT, CARRIER, SPACING = 299_792_458.0, 5.825e9, 1.25e6
MIDDLE = slice(128, 384)
Floats = NDArray[np.float64]


def clocks() -> dict[str, Floats]:
    """When packets came, s, under each clock."""
    rng = np.random.default_rng(0)
    even = np.arange(int(SECONDS * RATE)) / RATE
    return {
        "even": even,
        "half of them lost": even[rng.random(len(even)) < 0.5],
        "in bursts": even[even % 0.1 < 0.05],
        "jittered": even + rng.uniform(-0.45, 0.45, len(even)) / RATE,
    }


def mover(times: Floats) -> NDArray[np.complex128]:
    """CSI (packets, 90) of a standing path and one that grows shorter, each packet's phase its own."""
    rng = np.random.default_rng(1)
    frequency = CARRIER + SPACING * np.arange(-15, 15)
    columns = []
    for antenna in range(3):
        length = 6 + 0.017 * antenna - HERTZ * LIGHT / CARRIER * times[:, None]
        still = (1 + 0.3 * antenna) * np.exp(-2j * np.pi * frequency * (4 + 0.026 * antenna) / LIGHT)
        columns.append(still + 0.15 * (1 + antenna) * np.exp(-2j * np.pi * frequency * length / LIGHT))
    csi = np.concatenate(columns, 1) + 0.02 * rng.normal(size=(len(times), 180)).view(complex)
    return csi * np.exp(2j * np.pi * rng.random((len(times), 1)))


def draw(axes: Axes, name: str, csi: NDArray[np.complex128], times: Floats, by_stamps: bool) -> str:
    """One picture, or the reason why there is none; what was found, in words."""
    axes.set_title(name, fontsize=8)
    axes.tick_params(labelsize=7)
    try:
        spectrum = doppler_spectrum(csi, rate_of(times), times if by_stamps else None)
    except UserError as error:
        axes.text(0.5, 0.5, textwrap.fill(str(error), 34), ha="center", va="center", fontsize=7)
        axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
        return f"refused: {error}"
    shown = np.roll(spectrum, HIGHEST, axis=0)
    extent = (0, float(times[-1]), -HIGHEST, HIGHEST)
    axes.imshow(np.sqrt(shown), aspect="auto", origin="lower", extent=extent, interpolation="nearest")
    return f"line at {FREQUENCIES[spectrum[:, MIDDLE].mean(1).argmax()]} Hz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("doppler_clocks.png"))
    out = parser.parse_args().out
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    for row, by_stamps in zip(figure.subplots(2, 4), (False, True)):
        how = "by stamps" if by_stamps else "as even"
        for axes, (name, times) in zip(row, clocks().items()):
            print(f"{name}, {how}: {draw(axes, f'{name}, {how}', mover(times), times, by_stamps)}")
    figure.supxlabel("seconds", fontsize=9)
    figure.supylabel("Doppler shift (Hz)", fontsize=9)
    whole = io.BytesIO()
    figure.savefig(whole, dpi=90)
    Image.open(whole).convert("P", palette=Image.Palette.ADAPTIVE, colors=96).save(out, optimize=True)


if __name__ == "__main__":
    main()
