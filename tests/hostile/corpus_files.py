"""Logs, pictures, folders, weights, archives and settings of the corpus."""

from __future__ import annotations

import io
import os
import random
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save

from assay.signal.formats.atheros import atheros_bytes, make_atheros
from assay.signal.formats.esp32 import esp32_bytes, make_esp32
from assay.signal.formats.nexmon import make_nexmon, nexmon_bytes
from assay.signal.intel5300 import log_bytes
from assay.signal.simulated_log import make_log
from tests.hostile.corpus import READ, Case, file, late, npy
from tests.hostile.mutation import damaged

# -- what is no file ----------------------------------------------------------------------------------

NO_FILE = "pipe, a socket or a device"


def pipe(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        os.mkfifo(folder / name)
        return folder / name

    return make


def bound_socket(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        before = Path.cwd()
        os.chdir(folder)  # names of sockets are short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
        os.chdir(before)
        return folder / name

    return make


def device(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to("/dev/zero")
        return folder / name

    return make


def a_folder(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return make


def no_file_cases() -> Iterator[tuple[str, Case]]:
    readers = {
        "synthetic": "made.npz",
        "log": "a.dat",
        "weights": "w.safetensors",
        "json": "a.json",
        "library": "a.sh3f",
    }
    for reader, name in readers.items():
        yield f"{reader} from a pipe", Case(reader, pipe(name), NO_FILE if reader != "weights" else ".")
        yield f"{reader} from a device", Case(reader, device(name), NO_FILE if reader != "weights" else ".")
        yield f"{reader} from a socket", Case(reader, bound_socket(name), ".")
        yield f"{reader} from a folder", Case(reader, a_folder(name), ".")
        yield f"{reader} from nothing", Case(reader, lambda folder, name=name: folder / name, ".")


# -- logs ---------------------------------------------------------------------------------------------


def logs() -> dict[str, bytes]:
    rng, times = np.random.default_rng(0), 0.01 * np.arange(5)

    def whole(*shape: int, low: int = -100, high: int = 100, kind: type = np.int8) -> np.ndarray:
        return rng.integers(low, high, shape).astype(kind)

    return {
        "intel": log_bytes(make_log(whole(5, 1, 3, 30, 2), 10_000 * np.arange(5))),
        "esp32": esp32_bytes(make_esp32(whole(5, 64, 2), times)),
        "nexmon": nexmon_bytes(make_nexmon(whole(5, 64, 2, kind=np.int16), 1e9 + times)),
        "atheros": atheros_bytes(make_atheros(whole(5, 56, 1, 2, 2, kind=np.int16), times)),
        "numbers": b"\n".join(b",".join(b"%d" % v for v in row) for row in whole(20, 30)),
        "array": npy(whole(20, 30).astype(np.float32)),
    }


def mat(version: int = 5) -> bytes:
    from scipy.io import savemat

    buffer = io.BytesIO()
    savemat(buffer, {"csi": np.ones((20, 30)), "other": np.ones(3)}, do_compression=version == 5)
    return buffer.getvalue()


def log_cases() -> Iterator[tuple[str, Case]]:
    for kind, content in logs().items():
        name = {"array": "a.npy", "numbers": "a.csv", "esp32": "a.csv"}.get(kind, "a.dat")
        yield f"{kind} as it is", Case("log", file(name, content), READ)
        for length in (0, 1, len(content) // 2):
            yield f"{kind} cut at {length}", Case("log", file(name, content[:length]))
        yield f"{kind} twice", Case("log", file(name, content * 2))
        for seed in range(8):
            yield f"{kind} damaged {seed}", Case("log", file(name, damaged(content, random.Random(seed))))
    for seed in range(6):
        yield f"mat damaged {seed}", Case("log", file("a.mat", damaged(mat(), random.Random(seed))))
    yield (
        "array that claims 2^50",
        Case("log", file("a.npy", npy(np.zeros(3), f"({2**50}, 30)")), "damaged|an .npy"),
    )
    yield (
        "array of objects",
        Case("log", file("a.npy", npy(np.zeros(3), "(3,)", "|O")), "holds objects|damaged"),
    )
    yield "a line of a megabyte", Case("log", file("a.csv", b"1," * 500_000))
    yield "lengths of 65,535", Case("log", file("a.dat", b"\xff\xff\xbb" * 1000))
    yield "records of nothing", Case("log", file("a.dat", b"\0\0" * 10_000), ".")


def hdf5_mat(fill: Callable[[Any, Path], None]) -> Callable[[Path], Path]:
    """What writes a MATLAB 7.3 file: HDF5 behind a head of 512 bytes."""

    def make(folder: Path) -> Path:
        path = folder / "a.mat"
        with __import__("h5py").File(path, "w", userblock_size=512) as made:
            fill(made, folder)
        head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM"
        path.write_bytes(head.ljust(512, b"\0") + path.read_bytes()[512:])
        return path

    return make


def _linked(made: Any, folder: Path) -> None:
    with __import__("h5py").File(folder / "secret.h5", "w") as other:
        other["g/csi"] = np.ones((20, 30))
    made["csi"] = __import__("h5py").ExternalLink(str(folder / "secret.h5"), "/g/csi")


def _linked_twice(made: Any, folder: Path) -> None:
    _linked(made, folder)
    del made["csi"]
    made["g"] = __import__("h5py").ExternalLink(str(folder / "secret.h5"), "/g")
    made["csi"] = __import__("h5py").SoftLink("/g/csi")


def _outside(made: Any, folder: Path) -> None:
    (folder / "secret.bin").write_bytes(bytes(20 * 30 * 8))
    made.create_dataset("csi", (20, 30), "f8", external=[(str(folder / "secret.bin"), 0, 4800)])


def _of_itself(made: Any, folder: Path) -> None:
    made["csi"] = __import__("h5py").SoftLink("/csi")


def _empty(made: Any, folder: Path) -> None:
    made.create_dataset("csi", (40, 2**26), "f4", chunks=(1, 2**20), compression="gzip")


HDF5: dict[str, tuple[Callable[[Any, Path], None], str]] = {
    "a link to another file": (_linked, "is in another file"),
    "a link to a link to another file": (_linked_twice, "is in another file"),
    "numbers of another file": (_outside, "is in another file"),
    "a link to itself": (_of_itself, "damaged"),
    "nothing that claims 10 GB": (_empty, "unpacks from .* to 10 GiB"),
}


def table(text: str) -> Callable[[Path], Path]:
    return file("a.csv", text.encode())


def table_cases() -> Iterator[tuple[str, Case]]:
    rows = "".join(f"{i}.5,{i % 3},{'ab'[i % 2]}\n" for i in range(24))
    yield "good", Case("task", table(f"one,two,class\n{rows}"), READ)
    yield "a column twice", Case("task", table(f"one,one,class\n{rows}"), "column 'one' is there twice")
    wide = ",".join(map("c{}".format, range(110_000)))
    lines = "".join(f"{'1,' * 110_000}{'ab'[i % 2]}\n" for i in range(2))
    yield "110,000 columns", Case("task", table(f"{wide},class\n{lines}"), "110,001 columns; at most 100,000")
    yield "numbers beyond float32", Case("task", table(f"one,two,class\n1e39,1,a\n{rows}"), "x: NaN, inf")


def parquet_cases() -> Iterator[tuple[str, Case]]:
    def repeated(folder: Path) -> Path:
        import pyarrow
        from pyarrow import parquet

        piece = pyarrow.table({"z": np.zeros(2**20), "class": np.zeros(2**20, np.int64)})
        with parquet.ParquetWriter(folder / "a.parquet", piece.schema) as writer:
            for _ in range(80):
                writer.write_table(piece)
        return folder / "a.parquet"

    yield "a number 80 million times", Case("task", repeated, "unpacks from .* to 1.25 GiB")


# -- weights ------------------------------------------------------------------------------------------


def weights(facts: str | None = None) -> bytes:
    return save({"w": np.ones((2, 2), np.float32)}, None if facts is None else {"assay": facts})


def header(text: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text + body


def weight_cases() -> Iterator[tuple[str, Case]]:
    facts = {
        "of another form": "[]",
        "half": '{"a": ',
        "nested": "[" * 50_000,
        "NaN": '{"backbone": NaN}',
        "a number": '{"backbone": 3}',
        "of a later format": '{"format": 99, "backbone": "mlp"}',
        "twice": '{"backbone": "a", "backbone": "b"}',
    }
    yield "good", Case("weights", file("w.safetensors", weights('{"format": 1, "backbone": "mlp"}')), READ)
    yield "before formats", Case("weights", file("w.safetensors", weights('{"backbone": "mlp"}')), READ)
    yield "foreign", Case("weights", file("w.safetensors", weights()), READ)
    for name, text in facts.items():
        yield f"facts {name}", Case("weights", file("w.safetensors", weights(text)), "w.safetensors")
        yield f"model facts {name}", Case("model", file("w.safetensors", weights(text)), "w.safetensors")
    claims = {
        "a header of 2^60": struct.pack("<Q", 2**60) + b"{}",
        "a tensor of 2^60": header(
            b'{"w":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4]}}', b"1234"
        ),
        "offsets behind the end": header(b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', b"12"),
        "offsets below zero": header(b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}', b"12"),
        "no JSON": header(b"hello"),
        "nothing": b"",
    }
    for name, content in claims.items():
        yield name, Case("weights", file("w.safetensors", content), "cannot be read as weights|w.safetensors")
    yield (
        "a pickle as weights",
        Case("weights", file("w.pt", b"\x80\x04cos\nsystem\n."), "cannot be read as weights"),
    )
    for seed in range(10):
        content = damaged(weights('{"format": 1, "backbone": "mlp"}'), random.Random(seed))
        yield f"weights damaged {seed}", Case("weights", file("w.safetensors", content))


# -- pictures -----------------------------------------------------------------------------------------


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (16, 16)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 90).save(buffer, kind)
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A header that claims so many pixels, and next to no data."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


PICTURES: dict[str, tuple[str, bytes, str]] = {
    "png": ("a.png", picture(), READ),
    "jpeg": ("a.jpg", picture("JPEG"), READ),
    "gif": ("a.gif", picture("GIF", "P"), READ),
    "webp": ("a.webp", picture("WEBP"), READ),
    "bmp": ("a.bmp", picture("BMP"), READ),
    "tiff": ("a.tif", picture("TIFF"), READ),
    "another suffix": ("a.jpg", picture("PNG"), READ),
    "13,000 x 13,000": ("a.png", png_of(13_000, 13_000), "169 million pixels, 0.5 GB decoded"),
    "2^31 x 2^31": ("a.png", png_of(2**31 - 1, 2**31 - 1), "not a readable image"),
    "no width": ("a.png", png_of(0, 5), "not a readable image"),
    "nothing": ("a.png", b"", "not a readable image"),
    "half": ("a.jpg", picture("JPEG")[:200], "not a readable image"),
    "EPS": ("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n", "not a readable image"),
    "PDF": ("a.png", b"%PDF-1.4\n", "not a readable image"),
    "SVG": ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a readable image"),
    "PSD": ("a.png", b"8BPS\0\1" + bytes(40), "not a readable image"),
    "FLI": ("a.png", bytes(4) + b"\x11\xaf" + bytes(200), "not a readable image"),
    "ICNS": ("a.png", b"icns" + bytes(100), "not a readable image"),
    "TGA": ("a.png", bytes((0, 0, 2)) + bytes(9) + b"\1\0\1\0\x18\0" + bytes(3), "not a readable image"),
    "WMF": ("a.png", b"\xd7\xcd\xc6\x9a" + bytes(60), "not a readable image"),
    "an archive": ("a.png", b"PK\3\4" + bytes(60), "not a readable image"),
}


def picture_cases() -> Iterator[tuple[str, Case]]:
    for name, (path, content, told) in PICTURES.items():
        yield name, Case("picture", file(path, content), told)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"):
        for seed in range(4):
            content = damaged(picture(kind, "P" if kind == "GIF" else "RGB"), random.Random(seed))
            yield f"{kind} damaged {seed}", Case("picture", file("a.png", content))


# -- JSON ---------------------------------------------------------------------------------------------

TEXTS: dict[str, tuple[bytes, str]] = {
    "an object": (b'{"a": 1}', READ),
    "a format": (b'{"format": 1, "a": 1}', READ),
    "a list": (b"[]", "damaged"),
    "a number": (b"1", "damaged"),
    "null": (b"null", "damaged"),
    "nothing": (b"", "damaged"),
    "spaces": (b"  \n", "damaged"),
    "half": (b'{"a": [1, 2', "damaged"),
    "more": (b'{"a": 1} {"b": 2}', "damaged"),
    "deep": (b'{"a":' * 50_000, "nested too deeply|damaged"),
    "NaN": (b'{"a": NaN}', "NaN is no number"),
    "infinity": (b'{"a": [-Infinity]}', "Infinity is no number"),
    "too large": (b'{"a": 1e999}', "1e999 is too large"),
    "long digits": (b'{"a": ' + b"9" * 5000 + b"}", "damaged"),
    "twice": (b'{"a": 1, "a": 1}', "'a' is given twice"),
    "twice within": (b'{"a": {"b": 1, "b": 1}}', "'b' is given twice"),
    "bytes": (bytes(range(128, 256)), "damaged"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), READ),
    "a mark": (b'\xef\xbb\xbf{"a": 1}', ""),
    "comments": (b'{"a": 1} // no', "damaged"),
    "single quotes": (b"{'a': 1}", "damaged"),
    "a later format": (b'{"format": 2}', "format: 2, of a later Assay"),
    "a format in words": (b'{"format": "1"}', "format: '1'"),
    "format true": (b'{"format": true}', "format: True"),
    "format 1.0": (b'{"format": 1.0}', "format: 1.0"),
    "a pickle": (b"\x80\x04K\x01.", "damaged"),
}


def text_cases() -> Iterator[tuple[str, Case]]:
    for name, (content, told) in TEXTS.items():
        yield name, Case("json", file("a.json", content), told)


# -- libraries ----------------------------------------------------------------------------------------

CUBE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
LISTED = b"name#1=Lamp\nmodel#1=/lamp/lamp.obj\n"


def library(catalogue: bytes = LISTED, obj: bytes = CUBE, more: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        members = {"PluginFurnitureCatalog.properties": catalogue, "lamp/lamp.obj": obj, **(more or {})}
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def encrypted(content: bytes) -> bytes:
    changed = bytearray(content)
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = changed.find(magic)
        while place >= 0:
            changed[place + offset] |= 1
            place = changed.find(magic, place + 1)
    return bytes(changed)


def library_cases() -> Iterator[tuple[str, Case]]:
    told = "a.sh3f: not a furniture library, or damaged"
    turned = LISTED + b"modelRotation#1="
    cases: dict[str, tuple[bytes, str]] = {
        "good": (library(), READ),
        "encrypted": (encrypted(library()), told),
        "no archive": (b"hello", told),
        "empty": (b"", told),
        "without a catalogue": (library()[:0] + b"PK\5\6" + bytes(18), told),
        "a catalogue of bytes": (library(bytes(range(256))), "no OBJ models"),
        "turned by words": (library(turned + b"one two three\n"), told),
        "turned by too few": (library(turned + b"1 0 0\n"), told),
        "points of words": (library(turned + b"1 0 0 0 1 0 0 0 1\n", b"v a b c\n"), told),
        "a path out": (library(LISTED.replace(b"/lamp/lamp.obj", b"/../../lamp.obj")), "no OBJ models"),
        "members outside": (library(more={"../../evil.obj": CUBE}), READ),
    }
    for name, (content, wanted) in cases.items():
        yield name, Case("library", file("a.sh3f", content), wanted)
    zeros = late("a.sh3f", lambda: library(more={"lamp/big.png": bytes(2**28 + 1)}))
    yield "of zeros that unpack", Case("library", zeros, "unpacks")
    for seed in range(10):
        yield f"damaged {seed}", Case("library", file("a.sh3f", damaged(library(), random.Random(seed))))


# -- settings -----------------------------------------------------------------------------------------

OPTIONS = {
    "training": (
        *("batch=1000000000000", "steps=1000000000000", "epochs=99999999999", "threads=100000", "threads=-1"),
        *(
            "batch=0",
            "batch=1.5",
            "batch=nan",
            "steps=inf",
            "learning_rate=inf",
            "learning_rate=nan",
            "epochs=",
        ),
        *(
            "steps=1,steps=2",
            "batch",
            "=",
            "nonsense=1",
            "decoders=100000",
            "batch=1e3",
            "batch=٣",
            "clip=-1",
        ),
    ),
    "backbone": (
        "mlp:width=1180591620717411303424",
        "cnn1d:depth=99999999999",
        "mlp:width=0",
        "nothing",
        ":",
        "mlp:dropout=1",
    ),
    "method": (
        "syncheck:start=0.1,start=0.9",
        "syncheck:start=2",
        "mixed:warm_up=nan",
        "nosuch",
        "syncheck:pools=",
    ),
    "scoring": ("repeats=1000000000", "most=1", "neighbours=99999999999999", "seed=-1", "against=everything"),
}
GOOD = {"batch=٣", "method syncheck:pools="}


def setting_cases() -> Iterator[tuple[str, Case]]:
    for reader, texts in OPTIONS.items():
        for text in texts:
            told = "" if text in GOOD or f"{reader} {text}" in GOOD or text.endswith("=") else "."
            yield f"{reader} {text}", Case(reader, file("settings.txt", text.encode()), told)


def manifest_cases() -> Iterator[tuple[str, Case]]:
    lines = {
        "nothing": b"\n",
        "a list": b"[]\n",
        "an index that is true": b'{"file": "a", "error": null, "scene": {"index": true}}\n',
        "an index of a half": b'{"file": "a", "error": null, "scene": {"index": 0.5}}\n',
        "an index in words": b'{"file": "a", "error": null, "scene": {"index": "1"}}\n',
        "an index below zero": b'{"file": "a", "error": null, "scene": {"index": -1}}\n',
        "no scene": b'{"file": "a", "error": null}\n',
        "deep": b"[" * 50_000 + b"\n",
        "bytes": bytes(range(128, 255)) + b"\n",
    }
    for name, content in lines.items():
        for reader in ("manifest", "open manifest"):
            made = file("manifest.jsonl", content)
            yield (
                f"{name} ({reader})",
                Case(reader, made, "manifest.jsonl(, line 1|: damaged)"),
            )
