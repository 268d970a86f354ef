"""What a file is by its first bytes, whatever it is called."""

from __future__ import annotations

from pathlib import Path

HEAD = 512
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
"""How files of the image formats that are read begin; WebP, AVIF and PPM need a closer look."""
OTHERS = (
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"%PDF", "a PDF file"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file: save it as JPEG or PNG"),
    (b"\xff\x0a", "a JPEG XL file: save it as JPEG or PNG"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"version https://git-lfs", "a pointer of Git LFS: fetch the file itself"),
)
HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def head(path: Path) -> bytes:
    """The first bytes of a file, none if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def is_picture(path: Path) -> bool:
    """Whether a file begins as a picture of a format that is read."""
    start = head(path)
    if start.startswith(PICTURES):
        return True
    webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    avif = start[4:12] in (b"ftypavif", b"ftypavis")
    ppm = start[:1] == b"P" and start[1:2] in b"123456" and start[2:3].isspace()
    return webp or avif or ppm


def describe(path: Path) -> str:
    """What a file is that is no picture of a format that is read, as a reason to tell."""
    start = head(path)
    if not start:
        return "empty"
    for begin, name in OTHERS:
        if start.startswith(begin):
            return name
    if start[4:8] == b"ftyp":
        return "an HEIC file: save it as JPEG or PNG" if start[8:12] in HEIF else "a video"
    text = start.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "a web page"
    if text.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML file"
    return "text" if _is_text(start) else "no image format that is read"


def _is_text(start: bytes) -> bool:
    try:
        start[:-4].decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in start
