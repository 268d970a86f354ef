"""Reading logs of Wi-Fi cards: packets per CPU-second, beside csiread and CSIKit, all three to complex CSI.

python benchmarks/readers.py [--repeats 7]

The logs are simulated ones, written by Assay. csiread 1.4.1 and CSIKit 2.5 are timed where they are
installed; before that, their values are compared with Assay's.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from timing import _once, alternate

from assay.signal.formats.atheros import capture as capture_atheros
from assay.signal.formats.atheros import make_atheros, write_atheros
from assay.signal.formats.csi_tool import capture as capture_csi_tool
from assay.signal.formats.esp32 import capture as capture_esp32
from assay.signal.formats.esp32 import make_esp32, write_esp32
from assay.signal.formats.nexmon import capture as capture_nexmon
from assay.signal.formats.nexmon import make_nexmon, write_nexmon
from assay.signal.intel5300 import raw_csi, read_log, write_log
from assay.signal.simulated_log import make_log

PACKETS = 10_000
Read = tuple[Callable[[], np.ndarray], Callable[[np.ndarray], np.ndarray]]  # and to Assay's axes and order


def same(csi: np.ndarray) -> np.ndarray:
    return csi


def by_antenna(csi: np.ndarray) -> np.ndarray:
    return csi[..., 0].transpose(0, 2, 1)


def whole(shape: tuple[int, ...], bits: int, dtype: type) -> np.ndarray:
    half = 2 ** (bits - 1)
    return np.random.default_rng(0).integers(-half, half, shape).astype(dtype)


def intel(folder: Path) -> dict[str, Read]:
    path, times = folder / "intel.dat", 1000 * np.arange(PACKETS)
    write_log(path, make_log(whole((PACKETS, 1, 3, 30, 2), 8, np.int8), times))
    return {
        "Assay": (lambda: raw_csi(read_log(path))[:, 0], same),
        "Assay, scaled": (lambda: capture_csi_tool(path).csi, same),
        "csiread": (lambda: _csiread("Intel", path, nrxnum=3, ntxnum=1).csi, by_antenna),
        "csiread, scaled": (lambda: _csiread("Intel", path, nrxnum=3, ntxnum=1).get_scaled_csi(), by_antenna),
        "CSIKit": (lambda: _csikit("read_bfee.IWLBeamformReader", path), by_antenna),
    }


def esp32(folder: Path) -> dict[str, Read]:
    path, named = folder / "esp32.csv", folder / "named.csv"
    log = make_esp32(whole((PACKETS, 64, 2), 8, np.int8), 0.001 * np.arange(PACKETS), real_timestamp=0.5)
    write_esp32(path, replace(log, has_names=False))  # csiread takes no line of names, CSIKit no other
    write_esp32(named, log)
    return {
        "Assay": (lambda: capture_esp32(path).csi[:, 0], same),
        "csiread": (lambda: _csiread("ESP32", path).csi, lambda csi: np.fft.fftshift(csi, 1)),
        "CSIKit": (
            lambda: _csikit("read_csv.CSVBeamformReader", named),
            lambda csi: np.fft.fftshift(csi[:, :, 0, 0], 1),
        ),
    }


def nexmon(folder: Path) -> dict[str, Read]:
    path = folder / "nexmon.pcap"
    log = make_nexmon(whole((PACKETS, 256, 2), 16, np.int16), 1e9 + 0.001 * np.arange(PACKETS))
    log.heads["rssi"] = log.heads["frame_control"] = 0x11  # the older layout, which all three read
    write_nexmon(path, log)
    return {
        "Assay": (lambda: capture_nexmon(path).csi[:, 0], same),
        "csiread": (
            lambda: _csiread("Nexmon", path, chip="43455c0", bw=80).csi,
            lambda csi: np.fft.fftshift(csi, 1),
        ),
        "CSIKit": (lambda: _csikit("read_pcap.NEXBeamformReader", path), lambda csi: csi[:, :, 0, 0]),
    }


def atheros(folder: Path) -> dict[str, Read]:
    path = folder / "atheros.dat"
    write_atheros(path, make_atheros(whole((PACKETS, 56, 1, 3, 2), 10, np.int16), 0.001 * np.arange(PACKETS)))
    how = {"nrxnum": 3, "ntxnum": 1, "tones": 56, "bufsize": PACKETS}
    return {
        "Assay": (lambda: capture_atheros(path).csi, same),
        "csiread": (lambda: _csiread("Atheros", path, "little", **how).csi, by_antenna),
        "CSIKit": (
            lambda: _csikit("read_atheros.ATHBeamformReader", path),
            lambda csi: csi[:, :, 0].transpose(0, 2, 1) - 1 - 1j,  # its values are 1 + 1i too high
        ),
    }


def _csiread(kind: str, path: Path, *how: str, **options: object):
    import csiread

    read = getattr(csiread, kind)(str(path), if_report=False, **options)
    read.read(*how)
    return read


def _csikit(reader: str, path: Path) -> np.ndarray:
    import importlib

    module, name = reader.split(".")
    found = getattr(importlib.import_module(f"CSIKit.reader.readers.{module}"), name)()
    with contextlib.redirect_stdout(io.StringIO()):
        frames = found.read_file(str(path)).frames
    csi = np.stack([frame.csi_matrix for frame in frames])
    return csi.reshape(*csi.shape, *[1] * (4 - csi.ndim))


def measured(name: str, readers: dict[str, Read], repeats: int) -> None:
    kept, values = dict[str, Callable[[], np.ndarray]](), readers["Assay"][0]()
    for who, (read, arranged) in readers.items():
        try:
            theirs = arranged(read())
            kept[who] = read
            alike = theirs.shape == values.shape and np.array_equal(theirs, values)
            print(f"  {who}: {theirs.shape}, {'equal' if alike else 'other values'}")
        except ImportError:
            print(f"  {who}: not installed")
        except Exception as error:
            print(f"  {who}: does not run ({type(error).__name__}: {error})")
    slow = {who: read for who, read in kept.items() if who == "CSIKit"}  # seconds: once is enough
    fast = {who: read for who, read in kept.items() if who not in slow}
    times = dict(zip(fast, alternate(*fast.values(), repeats=repeats)))
    times |= {who: _once(read) for who, read in slow.items()}
    rates = {who: PACKETS / cpu for who, (cpu, _) in times.items()}
    line = ", ".join(f"{who} {rate:,.0f} ({rates['Assay'] / rate:.1f})" for who, rate in rates.items())
    print(f"{name}: packets per CPU-second (and how many times as fast Assay is): {line}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        for card in (intel, esp32, nexmon, atheros):
            measured(card.__name__, card(Path(folder)), repeats)


if __name__ == "__main__":
    main()
