"""CSV of the ESP32-CSI-Tool (Hernandez and Bulut, WoWMoM 2020) and of Espressif's own csi_recv: read, write.

A row is a packet: columns of its header, then the integers in brackets, imaginary part first, of one training
field after the other (ESP-IDF programming guide, "Wi-Fi Channel State Information"):

    64 values    the legacy field, 20 MHz
    128 values   the legacy field, then the HT field, 20 MHz
    192 values   the legacy field, then the HT field, 40 MHz

each in the order of a Fourier transform, but for a legacy field beside a secondary channel, which ascends. Of
two fields the HT one is taken. Rows that do not fit are named, not read.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.files import content_of, replace_file
from assay.signal.capture import Capture
from assay.signal.clock import clock_of
from assay.signal.records import AT_ONCE
from assay.signal.subcarriers import Standard, fft_order

START = (
    "type,role,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,"
)
MIDDLE = "noise_floor,ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,"
TOOL = (START + MIDDLE + "real_time_set,real_timestamp,len,CSI_DATA").split(",")
RECEIVER = ("type,id" + START[9:] + MIDDLE + "len,first_word,data").split(",")
PLAIN = (TOOL, RECEIVER)  # columns of rows without a line that names them
SIZES = (64, 128, 192)
SHOWN, ENOUGH = 5, 100  # rows that are named, and that are looked at to tell the columns
Values = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Esp32Log:
    """The rows of a file that are packets of the usual size.

    Parameters
    ----------
    columns : tuple of str
        Names of all columns, the values' included.
    heads : list of bytes
        Of every row: what is before the bracket, as written.
    iq : int8 array, shape (n, values, 2)
        Imaginary and real parts, as written.
    has_names : bool
        Whether the file's first line names the columns.
    bad : tuple of str
        Rows that were not read: "row 7: reason".
    """

    columns: tuple[str, ...]
    heads: list[bytes]
    iq: NDArray[np.int8]
    has_names: bool = True
    bad: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.heads)

    def column(self, name: str) -> list[str]:
        """A column, as written."""
        behind = len(self.columns) - self.columns.index(name)
        texts = b"\n".join([head.rsplit(b",", behind)[-behind] for head in self.heads])
        return texts.decode("latin-1").split("\n") if self.heads else []

    def told(self) -> str:
        """One line: packets, and the rows that are none."""
        more = len(self.bad) - SHOWN
        names = "; ".join(self.bad[:SHOWN]) + (f" and {more} more" if more > 0 else "")
        return f"{len(self)} packets" + (f", {len(self.bad)} bad rows ({names})" if self.bad else "")


def read_esp32(source: Path | str | bytes) -> Esp32Log:
    """Every packet of a file, and which rows are none.

    Rows whose number of values differs from that of most rows are bad rows.

    Raises
    ------
    UserError
        If the file cannot be read.
    """
    lines = content_of(source, "CSV of an ESP32").splitlines()
    columns, has_names = _columns(lines)
    rows, bad = _split(lines[has_names:], len(columns) - 1, 1 + has_names)
    values = _all_alike([text for _, _, text in rows])
    if values is None:
        rows, values, worse = _one_by_one(rows)
        bad += worse
    reasons = tuple(f"row {number}: {reason}" for number, reason in sorted(bad))
    heads = [head for _, head, _ in rows]
    return Esp32Log(tuple(columns), heads, values, has_names, reasons)


Row = tuple[int, bytes, bytes]  # number, columns before the values, values
Bad = list[tuple[int, str]]


def _split(lines: list[bytes], columns: int, first: int) -> tuple[list[Row], Bad]:
    """The rows with all columns, and those without."""
    rows, bad = list[Row](), Bad()
    for number, line in enumerate(lines, first):
        head, opened, rest = line.partition(b"[")
        text, closed, _ = rest.partition(b"]")
        if opened and closed and head.count(b",") == columns:
            rows.append((number, head, text))
        elif opened and closed:
            bad.append((number, f"{head.count(b',')} columns before the values, expected {columns}"))
        elif line.strip():
            bad.append((number, "no values in brackets, a cut row or no packet"))
    return rows, bad


def _all_alike(texts: list[bytes]) -> Values | None:
    """The values (n, size, 2) of rows that are all sound and of one size; None of others."""
    mark = b"," if texts and b"," in texts[0] else b" "
    counts = set(map(bytes.count, texts, repeat(mark)))
    if len(counts) != 1 or not all(texts):
        return None
    outer = [{found == mark[0] for found in set(map(itemgetter(place), texts))} for place in (0, -1)]
    size = counts.pop() + 1 - sum(True in found for found in outer)  # marks outside have no value beyond them
    if max(map(len, outer)) > 1 or size % 2 or size // 2 not in SIZES:
        return None
    values = np.empty((len(texts), size // 2, 2), np.int8)
    try:
        for first in range(0, len(texts), AT_ONCE):  # what fits a processor's cache
            piece = texts[first : first + AT_ONCE]
            values[first : first + AT_ONCE] = _values(mark.join(piece), len(piece) * size).reshape(
                -1, size // 2, 2
            )
    except ValueError:
        return None
    return values


def _one_by_one(rows: list[Row]) -> tuple[list[Row], Values, Bad]:
    """The rows of the usual size, their values, and why the others are not taken."""
    found, bad = list[tuple[Row, Values]](), Bad()
    for row in rows:
        try:
            found.append((row, _values(row[2])))
        except ValueError as error:
            bad.append((row[0], str(error)))
    size = Counter(len(values) for _, values in found).most_common(1)[0][0] if found else 2 * SIZES[0]
    bad += [(row[0], f"{len(v) // 2} values, others {size // 2}") for row, v in found if len(v) != size]
    kept = [(row, values) for row, values in found if len(values) == size]
    values = np.array([values for _, values in kept], np.int8).reshape(len(kept), size // 2, 2)
    return [row for row, _ in kept], values, bad


def _columns(lines: list[bytes]) -> tuple[list[str], bool]:
    """Names of the columns, and whether the first line holds them."""
    first = lines[0].decode("latin-1").strip().split(",") if lines else []
    if "type" in first and len(first) > SHOWN:
        return first, True
    heads = Counter(line.partition(b"[")[0].count(b",") for line in lines[:ENOUGH])
    usual = heads.most_common(1)[0][0] if heads else 0
    return next((names for names in PLAIN if len(names) - 1 == usual), TOOL), False


def _values(text: bytes, expected: int | None = None) -> Values:
    if expected is None and (unfit := text.translate(None, b"0123456789- ,")) != b"":
        raise ValueError(f"'{chr(unfit[0])}' among the values")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # older numpy's sign of what is no number
            values = np.fromstring(text.replace(b",", b" ") if b"," in text else text, np.int64, sep=" ")
    except (DeprecationWarning, ValueError):
        raise ValueError("values that are no whole numbers") from None
    if expected is not None and len(values) != expected:
        raise ValueError("rows of different sizes")
    if expected is None and (len(values) // 2 not in SIZES or len(values) % 2):
        raise ValueError(f"{len(values)} numbers, expected {', '.join(str(2 * size) for size in SIZES)}")
    if values.min() < -128 or values.max() > 127:
        raise ValueError("values beyond -128 to 127")
    return values.astype(np.int8)


def esp32_bytes(log: Esp32Log) -> bytes:
    """The packets as a file's content, which `read_esp32` gives back; the tool's files byte for byte."""
    lines = [",".join(log.columns).encode("latin-1")] * log.has_names
    for head, values in zip(log.heads, log.iq.reshape(len(log), -1).tolist()):
        between, end = (",", ']"') if head.endswith(b'"') else (" ", " ]")
        lines.append(head + b"[" + (between.join(map(str, values)) + end).encode())
    return b"".join(line + b"\n" for line in lines)


def make_esp32(iq: NDArray[np.int8], seconds: NDArray[np.float64], **fields: object) -> Esp32Log:
    """A log of simulated packets in the tool's columns, for `write_esp32`.

    Parameters
    ----------
    iq : int8 array, shape (n, 64 or 128 or 192, 2)
        Imaginary and real parts, in the order of the file.
    seconds : array, shape (n,)
        When, from 0 on.
    **fields
        Other columns' values, one for all packets; 0 by default.

    Raises
    ------
    UserError
        If the shape is none of a packet's, or a column is unknown.
    """
    if iq.dtype != np.int8 or iq.ndim != 3 or iq.shape[1] not in SIZES or iq.shape[2] != 2:
        raise UserError(f"iq: {iq.dtype} {iq.shape}; expected int8 (n, 64 or 128 or 192, 2)")
    if unknown := sorted(set(fields) - set(TOOL)):
        raise UserError(f"{unknown[0]}: no such column; there are {', '.join(TOOL)}")
    usual = {"type": "CSI_DATA", "role": "AP", "mac": "00:00:00:00:00:00", "len": 2 * iq.shape[1], **fields}
    heads = []
    for stamp in np.rint(1e6 * seconds).astype(np.int64) % 2**32:
        row = {**usual, "local_timestamp": stamp}
        heads.append((",".join(str(row.get(name, 0)) for name in TOOL[:-1]) + ",").encode())
    return Esp32Log(tuple(TOOL), heads, iq)


def write_esp32(path: Path | str, log: Esp32Log) -> None:
    """Write `esp32_bytes` at once."""
    replace_file(Path(path), esp32_bytes(log))


def capture(source: Path | str | bytes) -> Capture:
    """The recording: one antenna; a 20 or 40 MHz field with its null subcarriers.

    Raises
    ------
    UserError
        If no row is a packet.
    """
    log = read_esp32(source)
    if not len(log):
        raise UserError(f"no packet of an ESP32: {log.told()}")
    numbers, field = _field(log)
    csi = np.empty((len(log), 1, len(numbers)), np.complex64)
    parts = csi[:, 0].view(np.float32).reshape(len(log), -1, 2)[..., ::-1]  # imaginary part first, as written
    turn = int(numbers.argmin())  # a transform's second half comes first
    parts[:, : len(numbers) - turn] = log.iq[:, field][:, turn:]
    parts[:, len(numbers) - turn :] = log.iq[:, field][:, :turn]
    clock = clock_of(_stamps(log))
    told = "; ".join(filter(None, [log.told(), clock.told()]))
    bandwidth = 40 if log.iq.shape[1] == SIZES[2] else 20
    heard = np.ones((len(log), 1), np.bool_)
    standard: Standard = "legacy" if log.iq.shape[1] == SIZES[0] else "ht"
    return Capture(csi, heard, clock.seconds, np.sort(numbers), bandwidth, told, standard)


def _field(log: Esp32Log) -> tuple[NDArray[np.int64], slice]:
    """Numbers of the subcarriers that are taken, in the row's order, and where they stand in it."""
    size = log.iq.shape[1]
    if size == SIZES[0]:
        beside = "secondary_channel" in log.columns and set(log.column("secondary_channel")) & {"1", "2"}
        return (np.arange(-32, 32) if beside else fft_order(64)), slice(0, 64)
    return fft_order(size - 64), slice(64, size)


def _stamps(log: Esp32Log) -> NDArray[np.int64]:
    """The receiver's clock, µs, 32 bits."""
    if "local_timestamp" not in log.columns:
        raise UserError("no column local_timestamp: when packets came is not known")
    try:
        return np.array(list(map(int, log.column("local_timestamp"))), np.int64)
    except (ValueError, OverflowError) as error:
        raise UserError(f"local_timestamp: {error}") from None
