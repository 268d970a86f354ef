"""What a file is that is not what it should be, by its first bytes."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ZIP = "a zip archive"
KINDS = (
    (b"PK\x03\x04", ZIP),
    (b"\x89HDF", "an HDF5 file (MATLAB 7.3 files are some)"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file"),
    (b"\x93NUMPY", "a single array (.npy)"),
    (b"\x80", "a pickle, never loaded"),
    (b"PAR1", "a Parquet table"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x1f\x8b", "a file compressed with gzip"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"\xd4\xc3\xb2\xa1", "a capture of packets (pcap)"),
    (b"%PDF", "a PDF"),
)
ESP32 = re.compile(r"^(type,.*\bmac\b.*|CSI_DATA,.*)$", re.MULTILINE)


def kind_of(path: Path) -> str:
    """``an ESP32 CSI log``, ``a table of text (CSV)``, ``a pickle, never loaded`` and so on."""
    with path.open("rb") as file:
        head = file.read(4096)
    for start, kind in KINDS:
        if head.startswith(start):
            return kind
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < 4096 else "ignore")
    except UnicodeDecodeError:
        return "of no kind that is known"
    return _kind_of_text(text)


def _kind_of_text(text: str) -> str:
    if not text:
        return "empty"
    if "\x00" in text:
        return "of no kind that is known"
    if ESP32.search(text):
        return "an ESP32 CSI log (text, a packet a line); 'assay data pack' makes an .npz of such logs"
    try:
        columns = len(next(csv.reader([text.splitlines()[0]])))
    except (csv.Error, IndexError, StopIteration):
        columns = 1
    return f"a table of text (CSV, {columns} columns)" if columns > 1 else "text"
