"""Inputs that are wrong, odd or meant to harm, and what must happen to each: read, or refused and how.

A case makes one path in a folder and names what reads it. `CASES` holds all of them by name.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile.mutation import damaged

N, SHAPE = 24, (2, 12)
READ = "read"
"""In the place of what a refusal says: the input is good."""


@dataclass(frozen=True)
class Case:
    """An input: its kind, what makes it, and the words of its refusal; READ if it is good, "" for either."""

    reader: str
    make: Callable[[Path], Path]
    told: str = ""


def file(name: str, content: bytes) -> Callable[[Path], Path]:
    """What writes a file."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return make


def late(name: str, content: Callable[[], bytes]) -> Callable[[Path], Path]:
    """What writes a file that takes long to make, when it is asked for."""
    return lambda folder: file(name, content())(folder)


# -- arrays -------------------------------------------------------------------------------------------


def arrays(**changes: Any) -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(N, *SHAPE)).astype(np.float32)
    given = {"x": x, "y": np.arange(N) % 2} | changes
    return {name: value for name, value in given.items() if value is not None}


def npz(save: Callable[..., None] = np.savez_compressed, **changes: Any) -> bytes:
    buffer = io.BytesIO()
    save(buffer, **arrays(**changes))
    return buffer.getvalue()


def npy(array: Any, shape: str = "", descr: str = "") -> bytes:
    """An array as a file whose header claims another shape or type."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), (1, 0))
    content = buffer.getvalue()
    body = content[10 + struct.unpack("<H", content[8:10])[0] :]
    array = np.asarray(array)
    kind, claims = descr or array.dtype.str, shape or array.shape
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {claims}, }}\n"
    return content[:6] + b"\1\0" + struct.pack("<H", len(header)) + header.encode() + body


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, twice: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if twice:
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(twice, members[twice])
    return buffer.getvalue()


def bomb(size: int) -> bytes:
    """An archive with zeros as its x, of so many bytes, packed in pieces so that none is ever held whole."""
    buffer = io.BytesIO()
    header = npy(np.zeros(0, np.float32), f"({size // 96}, 2, 12)")
    piece = bytes(2**20)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as member:
            member.write(header)
            for _ in range(size // len(piece)):
                member.write(piece)
        archive.writestr("y.npy", npy(np.zeros(size // 96, np.int8)))
    return buffer.getvalue()


def good_members(**changes: bytes) -> dict[str, bytes]:
    known = {name: npy(value) for name, value in arrays().items()} | changes
    return {f"{name}.npy": content for name, content in known.items()}


def claimed(key: str, array: Any, shape: str, descr: str = "") -> bytes:
    return zipped(good_members(**{key: npy(array, shape, descr)}))


ARRAYS: dict[str, tuple[bytes, str]] = {
    "good": (npz(), READ),
    "uncompressed": (npz(np.savez), READ),
    "x claims 2^60 items": (
        claimed("x", np.zeros(3, "f4"), f"({2**60}, 2, 12)"),
        r"x: damaged .claims \(\d+, 2, 12\)",
    ),
    "x claims 2^62 bytes": (
        claimed("x", np.zeros(3, "f4"), f"({2**40}, {2**20})"),
        "x: damaged .claims .* TiB",
    ),
    "x claims below zero": (claimed("x", np.zeros(3, "f4"), "(-24, 2, 12)"), "x: "),
    "x claims many dimensions": (claimed("x", np.zeros(3, "f4"), "(" + "1, " * 70 + ")"), "x: "),
    "y claims 4 billion": (
        claimed("y", np.zeros(3, "i8"), "(4000000000,)"),
        "y: damaged .claims .* 29.8 GiB",
    ),
    "classes claim 4 billion names": (
        claimed("classes", np.array(["a"]), "(4000000000,)", "<U30"),
        "classes: damaged .claims .* GiB",
    ),
    "classes claim 4 billion empty names": (
        claimed("classes", np.array(["a"]), "(4000000000,)", "<U0"),
        "classes: damaged .claims",
    ),
    "group claims a billion": (
        claimed("group", np.zeros(3, "i8"), "(1000000000,)"),
        "group: damaged .claims",
    ),
    "one name of a gigabyte": (
        claimed("classes", np.array(["a", "b"]), "(2,)", "<U268435456"),
        "classes: damaged .claims",
    ),
    "two members of one name": (zipped(good_members(), twice="x.npy"), "'x.npy' is given twice"),
    "two members y": (zipped(good_members(), twice="y.npy"), "'y.npy' is given twice"),
    "objects": (npz(x=np.array([{}] * N, dtype=object)), "x: holds objects"),
    "object names": (npz(classes=np.array(["a", None], dtype=object)), "classes: holds objects"),
    "object header": (claimed("x", np.zeros(30, "i8"), "(24,)", "|O"), "x: holds objects"),
    "a type of no kind": (claimed("x", np.zeros(30, "i8"), "(24,)", "<q99"), "x: "),
    "void type": (npz(x=np.zeros(N, "V8")), "x: "),
    "records": (npz(x=np.zeros(N, [("a", "f4"), ("b", "i4")])), "x: "),
    "dates": (npz(x=np.zeros(N, "datetime64[s]")), "x: "),
    "text items": (npz(x=np.array(["a"] * N)), "x: "),
    "NaN": (npz(x=np.full((N, *SHAPE), np.nan, "f4")), "x: "),
    "infinity": (npz(x=np.full((N, *SHAPE), np.inf, "f4")), "x: "),
    "more than float32": (npz(x=np.full((N, *SHAPE), 1e300)), "x: "),
    "a mark of what is missing": (
        npz(x=np.where(np.arange(N)[:, None, None], arrays()["x"], 9.97e36)),
        "x: ",
    ),
    "numbers up to 2^64": (npz(x=np.where(arrays()["x"] > 0, 2.0**64, -(2.0**64))), READ),
    "half infinity": (npz(x=np.full((N, *SHAPE), np.inf, "f2")), "x: "),
    "longdouble": (npz(x=arrays()["x"].astype(np.longdouble)), ""),
    "half": (npz(x=arrays()["x"].astype(np.float16)), READ),
    "big-endian": (npz(x=arrays()["x"].astype(">f4")), READ),
    "all 2^64-1": (npz(x=np.full((N, *SHAPE), 2**64 - 1, np.uint64)), ""),
    "no items": (npz(x=np.zeros((0, *SHAPE), "f4"), y=np.zeros(0, "i8")), ""),
    "items of nothing": (npz(x=np.zeros((N, 0), "f4")), ""),
    "x of one dimension": (npz(x=np.zeros(N, "f4")), ""),
    "a single number": (npz(x=np.float32(3)), "x: "),
    "x missing": (npz(x=None), ""),
    "y missing": (npz(y=None), "y: missing"),
    "y too short": (npz(y=np.arange(N - 1) % 2), "y: "),
    "y of two dimensions": (npz(y=np.zeros((N, 2, 2), "i8")), "y: "),
    "y fractional": (npz(y=np.linspace(0.5, 1.5, N)), "y: "),
    "y NaN": (npz(y=np.full(N, np.nan)), "y: "),
    "y of 2^40": (npz(y=np.where(np.arange(N) % 2, 2**40, 0)), ""),
    "y of 2^63": (npz(y=np.full(N, 2**63, np.uint64)), "y"),
    "y below -1": (npz(y=np.arange(N) % 2 - 2), ""),
    "y all one class": (npz(y=np.zeros(N, "i8")), ""),
    "y complex": (npz(y=(np.arange(N) % 2).astype(complex)), "y"),
    "y of truth values": (npz(y=np.arange(N) % 2 == 0), ""),
    "a class an item": (npz(y=np.arange(N)), "y: class"),
    "group too short": (npz(group=np.zeros(3, "i8")), "group"),
    "split of nonsense": (npz(split=np.array(["elsewhere"] * N)), "split"),
    "split too short": (npz(split=np.array(["test"] * 3)), "split"),
    "names too few": (npz(classes=np.array(["a"])), ""),
    "names twice": (npz(classes=np.array(["a", "a"])), ""),
    "names of nothing": (npz(classes=np.array(["", ""])), ""),
    "names with a null": (npz(classes=np.array(["a\0b", "c"])), ""),
    "names of a slash": (npz(classes=np.array(["../../a", "/etc/passwd"])), READ),
    "names that are markup": (npz(classes=np.array(["<script>alert(1)</script>", "|a|b|"])), READ),
    "names that are formulas": (npz(classes=np.array(["=1+1", "@SUM(A1)"])), READ),
    "long names": (npz(classes=np.array(["a" * 5000, "b" * 5000])), ""),
    "names with lines": (npz(classes=np.array(["a\nb", "c\r\nd"])), ""),
    "names in bytes": (npz(classes=np.array([b"a", b"\xff"])), ""),
    "surrogate names": (npz(classes=np.array(["\ud800", "b"])), ""),
    "a kind of no name": (npz(kind=np.array("nonsense")), ""),
    "extra members": (zipped(good_members() | {"readme.txt": b"hello"}), READ),
    "a member of a path": (zipped(good_members() | {"../../evil.npy": npy(np.zeros(3))}), READ),
    "deep folders": (zipped({f"a/b/c/{name}": c for name, c in good_members().items()}), ""),
    "an npy in its place": (npy(np.zeros((N, 2))), "expected an .npz file|one array"),
    "empty": (b"", "damaged, or not an .npz file"),
    "one byte": (b"P", "damaged, or not an .npz file"),
    "only the mark": (b"PK\3\4", "damaged"),
    "an empty archive": (zipped({}), ""),
    "a pickle": (b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix", "damaged, or not an .npz file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(500), "damaged, or not an .npz file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged, or not an .npz file"),
    "text": (b"hello, world\n" * 100, "damaged, or not an .npz file"),
    "zeros": (bytes(10_000), "damaged, or not an .npz file"),
    "encrypted": (
        zipped(good_members()).replace(b"PK\1\2\x14\x03\x14\0\0\0", b"PK\1\2\x14\x03\x14\0\1\0"),
        "",
    ),
    "unknown compression": (
        zipped(good_members(), zipfile.ZIP_STORED).replace(b"\x14\0\0\0\0\0", b"\x14\0\0\0\x63\0"),
        "",
    ),
    "bzip2": (zipped(good_members(), zipfile.ZIP_BZIP2), READ),
    "lzma": (zipped(good_members(), zipfile.ZIP_LZMA), READ),
}


def many_classes(names: Any = None) -> bytes:
    return npz(x=np.zeros((200_000, 1), "i1"), y=np.arange(200_000) // 2, classes=names)


def array_cases() -> Iterator[tuple[str, Case]]:
    for name, (content, told) in ARRAYS.items():
        yield name, Case("task", file("mine.npz", content), told)
    yield (
        "zeros that unpack to 3 GB",
        Case("task", late("mine.npz", lambda: bomb(3 * 2**30)), "unpacks from .* to 3.03 GiB"),
    )
    yield "100,000 classes", Case("task", late("mine.npz", many_classes), "classes: 100,000, .* 74.5 GiB")
    names = np.array([f"class {i}" for i in range(100_000)])
    yield "100,000 names", Case("task", late("mine.npz", lambda: many_classes(names)), "classes: 100,000")
    for seed in range(60):
        content = damaged(npz(np.savez if seed % 2 else np.savez_compressed), random.Random(seed))
        yield f"damaged {seed}", Case("task", file("mine.npz", content))
    for name, content in (("good", npz()), ("without y", npz(y=None))):
        yield f"synthetic {name}", Case("synthetic", file("made.npz", content), READ)
    yield (
        "synthetic of another shape",
        Case("synthetic", file("made.npz", npz(x=np.zeros((N, 3, 7), "f4"))), "shape|axes|items"),
    )
    yield "synthetic of unknown class", Case("synthetic", file("made.npz", npz(y=np.full(N, 7))), "")
