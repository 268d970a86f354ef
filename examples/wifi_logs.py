"""What is in Intel 5300 logs: packets, rate, what was skipped, and a Doppler picture of each.

    python examples/wifi_logs.py FOLDER --out runs/wifi_logs

Writes wifi_logs.md and wifi_logs.png. Logs of a thousand packets a second get the spectrum that Widar3.0 and
SynCheck use (121 frequencies up to 60 Hz); slower ones a plain short-time spectrum up to half their rate.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.signal import ShortTimeFFT

from assay.errors import UserError
from assay.signal.doppler import doppler_spectrum, principal_component
from assay.signal.intel5300 import Log, read_log, scaled_csi

Floats = NDArray[np.floating]


def rate(log: Log) -> float:
    """Packets a second, from the card's clock (µs, 32 bits)."""
    steps = np.diff(log.timestamp.astype(np.int64)) % 2**32
    return 1e6 / float(steps.mean())


def picture(log: Log) -> tuple[Floats, float]:
    """Power by frequency (from -highest to +highest Hz) and time; and the highest frequency."""
    csi = scaled_csi(log).reshape(len(log), -1)
    try:
        return np.roll(doppler_spectrum(csi, rate(log)), 60, axis=0), 60.0
    except UserError:
        return slow_spectrum(csi, rate(log))


def slow_spectrum(csi: NDArray[np.complexfloating], packets_a_second: float) -> tuple[Floats, float]:
    """Short-time spectrum of the main component of antennas 2 and 3 times the conjugate of antenna 1."""
    first, others = csi[:, :30], csi[:, 30:]
    product = others * np.tile(first.conj(), 2)
    main = principal_component((product - product.mean(0))[None])[0]
    stft = ShortTimeFFT(np.hanning(32), 2, packets_a_second, fft_mode="centered", mfft=128)
    power = np.abs(stft.stft(main - main.mean())) ** 2
    return power / power.sum(0), packets_a_second / 2


def table(logs: dict[str, Log]) -> str:
    """A line for every log, as Markdown."""
    lines = ["| log | packets | packets a second | seconds | bytes skipped |", "|---|---|---|---|---|"]
    for name, log in logs.items():
        lost = sum(piece.size for piece in log.skipped)
        lines.append(f"| {name} | {len(log)} | {rate(log):.1f} | {len(log) / rate(log):.1f} | {lost} |")
    return "\n".join(lines) + "\n"


def draw(logs: dict[str, Log], path: Path) -> None:
    """All pictures on one sheet."""
    columns = 4
    figure = Figure(figsize=(13, 2.3 * -(-len(logs) // columns)), layout="constrained")
    for axes, (name, log) in zip(figure.subplots(-(-len(logs) // columns), columns).flat, logs.items()):
        power, highest = picture(log)
        extent = (0, len(log) / rate(log), -highest, highest)
        axes.imshow(np.sqrt(power), aspect="auto", origin="lower", extent=extent, interpolation="nearest")
        axes.set_title(name, fontsize=8)
        axes.tick_params(labelsize=7)
    figure.supxlabel("seconds", fontsize=9)
    figure.supylabel("Doppler shift (Hz)", fontsize=9)
    whole = io.BytesIO()
    figure.savefig(whole, dpi=80)
    Image.open(whole).convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/wifi_logs"))
    options = parser.parse_args()
    logs = {path.stem: read_log(path) for path in sorted(options.folder.rglob("*.dat"))}
    if not logs:
        raise SystemExit(f"{options.folder}: no .dat files")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "wifi_logs.md").write_text(table(logs))
    draw(logs, options.out / "wifi_logs.png")
    print(table(logs))


if __name__ == "__main__":
    main()
