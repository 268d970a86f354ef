"""What is in Intel 5300 logs: packets, rate, what was skipped, and a Doppler picture of each.

    python examples/wifi_logs.py FOLDER --out runs/wifi_logs

Writes wifi_logs.md and wifi_logs.png. Logs of a thousand packets a second get the spectrum that Widar3.0 and
SynCheck use (121 frequencies up to 60 Hz); slower ones a plain short-time spectrum up to half their rate. A
log that gives none says why in the table: too few packets or antennas, gaps, nothing that moves.
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
from assay.signal.antennas import by_antenna
from assay.signal.clock import packet_rate, rate_of, seconds
from assay.signal.doppler import HIGHEST, doppler_spectrum, principal_component
from assay.signal.intel5300 import Log, read_log, scaled_csi
from assay.signal.resampling import at_rate, check_gaps

FEWEST = 64  # packets of a picture
SAFE = 0.5  # of half the packets' rate: clocks jitter
Floats = NDArray[np.floating]


def three_antennas(log: Log) -> tuple[NDArray[np.complexfloating], NDArray[np.float64]]:
    """CSI (packets, 90) of the packets that three antennas heard, their first stream, and their times."""
    csi, heard = by_antenna(log, scaled_csi(log))
    whole = heard.all(1)
    if whole.sum() < FEWEST:
        raise UserError(f"{whole.sum()} packets with three antennas; expected {FEWEST} or more")
    return csi[whole, 0].reshape(whole.sum(), -1), seconds(log)[whole]


def picture(log: Log) -> tuple[Floats, float]:
    """Power by frequency (from -highest to +highest Hz) and time; and the highest frequency."""
    csi, times = three_antennas(log)
    if rate_of(times) > 2 * HIGHEST:
        return np.roll(doppler_spectrum(csi, seconds=times), HIGHEST, axis=0), float(HIGHEST)
    return slow_spectrum(csi, times)


def slow_spectrum(csi: NDArray[np.complexfloating], times: NDArray[np.float64]) -> tuple[Floats, float]:
    """Short-time spectrum of the main component of antennas 2 and 3 times the conjugate of antenna 1."""
    rate = rate_of(times)
    check_gaps(times, SAFE * rate / 2)
    first, others = csi[:, :30], csi[:, 30:]
    product = at_rate(others * np.tile(first.conj(), 2), times, rate, 0.0, len(csi))
    main = principal_component((product - product.mean(0))[None])[0]
    stft = ShortTimeFFT(np.hanning(32), 2, rate, fft_mode="centered", mfft=128)
    power = np.abs(stft.stft(main - main.mean())) ** 2
    total = power.sum(0)
    if not total.all():
        raise UserError("nothing moves")
    return power / total, rate / 2


def examined(log: Log) -> tuple[str, tuple[Floats, float] | None]:
    """What is odd about a log, and its picture, if it gives one."""
    try:
        return log.told(), picture(log)
    except UserError as error:
        return f"{log.told()}; no picture: {error}", None


def table(logs: dict[str, Log], found: dict[str, str]) -> str:
    """A line for every log, as Markdown."""
    lines = ["| log | packets | packets a second | seconds | bytes skipped | |", "|---|---|---|---|---|---|"]
    for name, log in logs.items():
        lost, times = sum(piece.size for piece in log.skipped), seconds(log)
        length = times[-1] if len(times) else 0.0
        rate = f"{packet_rate(log):.1f}" if length else "-"
        odd = found[name].partition("; ")[2]
        lines.append(f"| {name} | {len(log)} | {rate} | {length:.1f} | {lost} | {odd} |")
    return "\n".join(lines) + "\n"


def draw(logs: dict[str, Log], pictures: dict[str, tuple[Floats, float]], path: Path) -> None:
    """All pictures on one sheet."""
    columns = 4
    figure = Figure(figsize=(13, 2.3 * -(-len(pictures) // columns)), layout="constrained")
    axes_of = figure.subplots(-(-len(pictures) // columns), columns, squeeze=False).flat
    for axes, (name, (power, highest)) in zip(axes_of, pictures.items()):
        extent = (0, seconds(logs[name])[-1], -highest, highest)
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
    results = {name: examined(log) for name, log in logs.items()}
    written = table(logs, {name: said for name, (said, _) in results.items()})
    (options.out / "wifi_logs.md").write_text(written)
    if pictures := {name: drawn for name, (_, drawn) in results.items() if drawn is not None}:
        draw(logs, pictures, options.out / "wifi_logs.png")
    print(written)


if __name__ == "__main__":
    main()
