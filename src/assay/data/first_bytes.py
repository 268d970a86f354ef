"""What a file is, by its first bytes, and how Assay reads it: foreign files are named everywhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.errors import UserError
from assay.files import check_file
from assay.signal.capture import Capture
from assay.signal.formats import arrays, atheros, csi_tool, esp32, nexmon
from assay.signal.formats.arrays import Layout
from assay.signal.formats.pcap import MAGIC
from assay.signal.records import sound_records

ENOUGH = 4096  # bytes
PACK = "`assay data pack`"
PICOSCENES = 0x20150315


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Parameters
    ----------
    name : str
        With its article.
    matches : callable
        Whether a file's first bytes are such a file's.
    way : str
        What to do with one.
    read : callable, optional
        Its recording, if Assay reads it.
    """

    name: str
    matches: Callable[[bytes], bool]
    way: str = PACK
    read: Callable[[Path, Layout], Capture] | None = None


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


def _is_esp32(head: bytes) -> bool:
    return b"CSI_DATA" in head[:ENOUGH] and b"," in head[:ENOUGH]


def _is_csi_tool(head: bytes) -> bool:
    """Whether records chain up to a CSI record."""
    at = 0
    while at + 23 <= len(head):
        if head[at + 2] == 187:
            return _sound(head[at:])[:1] == [0]
        at += 2 + struct.unpack_from(">H", head, at)[0]
    return False


def _sound(head: bytes) -> list[int]:
    starts: list[int] = sound_records(np.frombuffer(head, np.uint8))[0].tolist()
    return starts


def _is_atheros(head: bytes) -> bool:
    return len(atheros.read_atheros(head)) > 0


def _is_numbers(head: bytes) -> bool:
    try:
        text = head.decode("utf-8-sig", "strict" if len(head) < ENOUGH else "ignore")
    except UnicodeDecodeError:
        return False
    rows = text.splitlines()[1:4] or text.splitlines()
    digits = sum(c in "0123456789.,;-+eEij \t()" for row in rows for c in row)
    return (
        bool(rows) and digits > 0.95 * sum(map(len, rows)) and any(c.isdigit() for row in rows for c in row)
    )


def _is_text(head: bytes) -> bool:
    try:
        return "\0" not in head.decode("utf-8", "strict" if len(head) < ENOUGH else "ignore") and head != b""
    except UnicodeDecodeError:
        return False


FORMATS = (
    Format("an .npz file", _begins(b"PK\x03\x04", b"PK\x05\x06"), "give it as it is, or unzip it"),
    Format("an .npy file", _begins(b"\x93NUMPY"), PACK, arrays.capture_npy),
    Format("a MATLAB file", _begins(b"MATLAB "), PACK, arrays.capture_mat),
    Format("an HDF5 file", _begins(b"\x89HDF"), "save its arrays as .npz or .mat"),
    Format("a capture file of nexmon_csi", _begins(*MAGIC), PACK, lambda path, _: nexmon.capture(path)),
    Format("a pcapng capture file", _begins(b"\x0a\x0d\x0d\x0a"), "editcap -F pcap makes one that is read"),
    Format(
        "a PicoScenes log",
        lambda head: head[4:8] == struct.pack("<I", PICOSCENES),
        "not read; save its CSI with PicoScenes' own toolbox as .mat",
    ),
    Format("a PNG image", _begins(b"\x89PNG"), "give a folder of images by class"),
    Format("a JPEG image", _begins(b"\xff\xd8\xff"), "give a folder of images by class"),
    Format("a gzip file", _begins(b"\x1f\x8b"), "unpack it"),
    Format("a PDF document", _begins(b"%PDF"), "not data"),
    Format("CSV of an ESP32", _is_esp32, PACK, lambda path, _: esp32.capture(path)),
    Format("an Intel CSI Tool log", _is_csi_tool, PACK, lambda path, _: csi_tool.capture(path)),
    Format("an Atheros CSI Tool log", _is_atheros, PACK, lambda path, _: atheros.capture(path)),
    Format(
        "a pickle", _begins(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), "never loaded; save .npz"
    ),
    Format("CSV of numbers", _is_numbers, PACK, arrays.capture_csv),
    Format("a Parquet table", _begins(b"PAR1"), "save its columns as arrays in an .npz"),
    Format("an SQLite database", _begins(b"SQLite format 3"), "save its columns as arrays in an .npz"),
    Format("text", _is_text, "save its columns as arrays in an .npz"),
)


def format_of(path: Path) -> Format | None:
    """What kind of file this is, if it is a known one.

    Raises
    ------
    OSError
        If it cannot be read.
    UserError
        If it is a folder, a pipe or a device.
    """
    check_file(path, "a file")
    with path.open("rb") as file:
        head = file.read(ENOUGH)
    return next((kind for kind in FORMATS if kind.matches(head)), None)


def named(path: Path) -> str:
    """``an Intel CSI Tool log: `assay data pack` ``, or nothing, if the file is of no known kind."""
    kind = format_of(path) if path.is_file() else None
    return f"{kind.name}: {kind.way}" if kind else ""


def check_not_foreign(path: Path, *known: str) -> None:
    """Raise `UserError` that names the kind of a file, if it is a known kind other than these."""
    kind = format_of(path) if path.is_file() else None
    if kind and kind.name not in known:
        raise UserError(f"{path}: {kind.name}: {kind.way}")
