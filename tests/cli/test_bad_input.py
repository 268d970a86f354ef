"""Whatever a user gets wrong: one line that names file and field, exit code 2, and nothing written."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.cli import main as cli

QUICK = ("--training", "epochs=1,steps=1", "--seeds", "1", "--workers", "1")
N, SHAPE = 24, (2, 12)


class Trap:
    """Leaves a file where it is unpickled."""

    def __reduce__(self):
        return open, ("executed", "w")


def npz(save=np.savez_compressed, seed=0, **changes) -> bytes:
    """A good file of two classes, with arrays replaced, or left out where None is given."""
    x = np.random.default_rng(seed).normal(size=(N, *SHAPE)).astype(np.float32)
    arrays = {"x": x, "y": np.arange(N) % 2} | changes
    buffer = io.BytesIO()
    save(buffer, **{key: value for key, value in arrays.items() if value is not None})
    return buffer.getvalue()


def x_with(value, dtype=np.float32):
    x = np.zeros((N, *SHAPE), dtype)
    x[5, 1, 3] = value
    return x


def y_with(value, dtype=np.int64):
    y = (np.arange(N) % 2).astype(dtype)
    y[5] = value
    return y


def split(part="", to="", labels=(0, 1)):
    """Parts dealt out evenly, but with the items of some part and class in another."""
    parts = np.array(["labelled", "test", "validation", "unlabelled"])[np.arange(N) // 2 % 4]
    return np.where((parts == part) & np.isin(np.arange(N) % 2, labels), to or part, parts)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(array, old: bytes = b"", new: bytes = b"") -> bytes:
    """An array as a file, with something in its header replaced."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    assert old in buffer.getvalue()
    return buffer.getvalue().replace(old, new, 1) if old else buffer.getvalue()


def flipped(content: bytes, at: bytes, offset: int) -> bytes:
    """One bit changed, `offset` bytes after the first `at`."""
    place = content.index(at) + offset
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def with_header_field(content: bytes, local: int, central: int, value: int) -> bytes:
    """A zip file with two bytes of every header replaced."""
    changed = bytearray(content)
    for magic, offset in ((b"PK\3\4", local), (b"PK\1\2", central)):
        place = content.find(magic)
        while place >= 0:
            changed[place + offset : place + offset + 2] = struct.pack("<H", value)
            place = content.find(magic, place + 1)
    return bytes(changed)


def png(size=(8, 8), mode="RGB", colour=0, format="PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, format)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG of few bytes that claims 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def photos(**changes: bytes) -> dict[str, bytes]:
    """Two class folders of five images, in the folder `photos`."""
    images = {f"photos/{name}/{i}.png": png(colour=40 * i) for name in ("cat", "dog") for i in range(5)}
    return images | {f"photos/{name}": content for name, content in changes.items()}


def parted(*parts: str, classes=("cat", "dog")) -> dict[str, bytes]:
    return {f"photos/{part}/{name}/{i}.png": png() for part in parts for name in classes for i in range(2)}


def case(id, *args, named, files=None):
    """`args` of compare, what the one line must name, and the files there are (a folder ends with /)."""
    return pytest.param(args, named.split(), files or {}, id=id)


def array_case(id, *, named="", **changes):
    """A task file with one thing wrong in the arrays."""
    return case(id, "my.npz", named=f"my.npz {named}", files={"my.npz": npz(**changes)})


def file_case(id, content, *, named=""):
    """A task file with something wrong in its bytes."""
    return case(id, "my.npz", named=f"my.npz {named}", files={"my.npz": content})


def synthetic_case(id, *args, named, **changes):
    """A good task and a synthetic file with one thing wrong."""
    files = {"my.npz": npz(), "made.npz": npz(seed=1, **changes)}
    return case(id, "my.npz", "-s", "made.npz", *args, named=named, files=files)


def option_case(id, *args, named):
    """Good files and a wrong option."""
    return case(id, "my.npz", *args, named=named, files={"my.npz": npz(), "made.npz": npz(seed=1)})


GOOD = npz()
PLAIN = npz(np.savez)

CASES = [
    # --- arrays of a task
    array_case("x-missing", x=None, named="x: missing"),
    array_case("y-missing", y=None, named="y: missing"),
    array_case("x-text", x=np.full((N, 3), "1"), named="x: dtype"),
    array_case("x-bool", x=np.zeros((N, 3), bool), named="x: dtype bool"),
    array_case("x-dates", x=np.zeros((N, 3), "M8[s]"), named="x: dtype datetime"),
    array_case("x-records", x=np.zeros((N, 3), [("a", "f4")]), named="x: dtype"),
    case(
        "x-complex",
        "my.npz",
        named="labelled: complex part=magnitude accept=complex",
        files={"my.npz": npz(x=x_with(1j, np.complex64))},
    ),
    array_case("x-scalar", x=np.float32(1), named="x: shape ()"),
    array_case("x-one-number-an-item", x=np.zeros(N), named="x: shape (24,)"),
    array_case("x-no-number-an-item", x=np.zeros((N, 3, 0)), named="x: shape (24, 3, 0)"),
    array_case("x-nan", x=x_with(np.nan), named="x: NaN item 5"),
    array_case("x-infinity", x=x_with(-np.inf), named="x: infinity item 5"),
    array_case("x-nan-half", x=x_with(np.nan, np.float16), named="x: NaN item 5"),
    array_case("x-infinity-half", x=x_with(np.inf, np.float16), named="x: infinity item 5"),
    array_case("x-complex-nan", x=x_with(complex(0, np.nan), np.complex128), named="x: NaN item 5"),
    array_case("x-beyond-any-measure", x=x_with(1e39, np.float64), named="x: 2^64 item 5"),
    array_case("x-object", x=np.array([Trap()] * N), named="x: pickle"),
    array_case("y-object", y=np.array([Trap()] * N), named="y: pickle"),
    array_case("classes-object", classes=np.array(["a", Trap()]), named="classes: pickle"),
    array_case("y-short", y=np.arange(N - 1) % 2, named="y: shape (23,) (24,)"),
    array_case("y-probabilities", y=np.full((N, 2), 0.5), named="y: shape (24, 2) argmax"),
    array_case("y-scalar", y=np.int64(1), named="y: shape ()"),
    array_case(
        "y-text-beyond-classes", y=np.array(["a", "b"] * 12), classes=np.array(["b", "c"]), named="y: 'a'"
    ),
    array_case("y-dates", y=np.zeros(N, "M8[s]"), named="y: dtype datetime"),
    array_case("y-fraction", y=y_with(0.5, float), named="y: 0.5 item 5"),
    array_case("y-nan", y=y_with(np.nan, float), named="y: nan item 5"),
    array_case("y-infinity", y=y_with(np.inf, float), named="y: inf item 5"),
    array_case("y-wraps-around", y=y_with(2**64 - 1, np.uint64), named="y: 18446744073709551615 item 5"),
    array_case("y-negative", y=y_with(-2), named="y: -2 item 5"),
    array_case("y-astronomical", y=y_with(2**40), named="y: 1099511627776 item 5"),
    array_case("y-beyond-classes", y=np.arange(N) % 3, classes=np.array(["a", "b"]), named="y: 2 item 2"),
    array_case("y-all-unknown", y=np.full(N, -1), named="classes:"),
    array_case("y-one-class", y=np.zeros(N, int), named="classes: 1"),
    array_case("y-few-of-a-class", y=(np.arange(N) < 3).astype(int), named="y: class '1' 3"),
    array_case("no-items", x=np.zeros((0, 3)), y=np.zeros(0, int), named="classes: 0"),
    array_case("group-short", group=np.zeros(3, int), named="group: shape (3,)"),
    array_case("group-fraction", group=y_with(0.5, float), named="group: 0.5"),
    array_case("classes-of-numbers", classes=np.array([1, 2]), named="classes: int64"),
    array_case("classes-of-bytes", classes=np.array([b"\xff", b"b"]), named="classes: |S1"),
    array_case("classes-one-text", classes=np.array("a,b"), named="classes: shape ()"),
    array_case("classes-twice", classes=np.array(["a", "a"]), named="classes: a, a"),
    array_case("classes-without-items", classes=np.array(["a", "b", "c"]), named="y: 'c'"),
    array_case("split-unknown-part", split=split("labelled", to="held out"), named="split: 'held"),
    array_case("split-short", split=split()[:-1], named="split: shape (23,)"),
    array_case("split-of-numbers", split=np.zeros(N, int), named="split: int64"),
    array_case("split-without-test", split=split("test", to="unlabelled"), named="test y: class '0'"),
    array_case(
        "class-absent-from-labelled",
        split=split("labelled", to="test", labels=[1]),
        named="labelled y: class '1'",
    ),
    array_case(
        "class-absent-from-test", split=split("test", to="labelled", labels=[0]), named="test y: class '0'"
    ),
    array_case("unknown-in-labelled", split=split(), y=y_with(-1)[::-1].copy(), named="y: -1"),
    # --- bytes of a task file
    file_case("empty-file", b""),
    file_case("no-zip", b"x,y\n1,2\n"),
    file_case("truncated", GOOD[: len(GOOD) // 2]),
    file_case("truncated-by-one-byte", GOOD[:-1]),
    file_case("one-array", npy(np.zeros((4, 3)))),
    file_case("pickle", pickle.dumps({"x": Trap()})),
    file_case("empty-zip", zipped(), named="x: missing"),
    file_case("wrong-checksum", flipped(PLAIN, b"NUMPY", 300), named="x: CRC"),
    file_case("wrong-deflate-stream", flipped(GOOD, b"x.npy", 40), named="x: damaged"),
    file_case("no-array-inside", zipped(x=b"hello", y=b"hello"), named="x: array"),
    file_case("header-cut", zipped(x=npy(np.zeros((4, 3)))[:40]), named="x: damaged"),
    file_case("header-nonsense", zipped(x=npy(np.zeros((4, 3)), b"'descr'", b"'descs'")), named="x: damaged"),
    file_case(
        "header-claims-too-much", zipped(x=npy(np.zeros((9, 3)), b"(9, 3)", b"(9,99)")), named="x: damaged"
    ),
    file_case(
        "header-claims-an-exabyte",
        zipped(x=npy(np.zeros((9, 3)), b"(9, 3), }" + b" " * 16, b"(99999999999999999, 3), }")),
        named="x: damaged",
    ),
    file_case("data-cut", zipped(x=npy(np.zeros((9, 3)))[:-8]), named="x: damaged"),
    file_case("encrypted", with_header_field(GOOD, 6, 8, 1), named="x: encrypted"),
    file_case("unknown-compression", with_header_field(GOOD, 8, 10, 99), named="x: compression"),
    # --- where the task should be
    case("no-such-task", "nosuch", named="task 'nosuch' data"),
    case("no-such-file", "nosuch.npz", named="nosuch.npz"),
    case("option-of-no-such-file", "nosuch.npz:seed=1", named="nosuch.npz"),
    case("not-an-npz", "notes.txt", named="notes.txt npz", files={"notes.txt": b"hello"}),
    case("name-too-long", "n" * 5000, named="n"),
    case("two-lines-in-a-name", "no\nsuch", named="task"),
    case("csi-har-absent", "csi-har", named="csi_har.npz"),
    case("csi-har-damaged", "csi-har", named="csi_har.npz", files={"csi_har/csi_har.npz": GOOD[:99]}),
    case(
        "csi-har-other-layout",
        "csi-har",
        named="csi_har.npz iq: missing",
        files={"csi_har/csi_har.npz": GOOD},
    ),
    case(
        "csi-har-other-shape",
        "csi-har",
        named="csi_har.npz iq: shape (24, 9)",
        files={
            "csi_har/csi_har.npz": npz(
                **dict.fromkeys(("scale", "label", "user", "room"), np.zeros(N)),
                iq=np.zeros((N, 9)),
                classes=np.array(["a"]),
            )
        },
    ),
    case("office-absent", "office-caltech", named="office_caltech/"),
    case(
        "office-empty",
        "office-caltech:source=amazon,target=amazon",
        named="office_caltech/amazon",
        files={"office_caltech/amazon/": b""},
    ),
    # --- folders of images
    case("folder-empty", "photos", named="photos class", files={"photos/": b""}),
    case("folder-flat", "photos", named="photos class", files={"photos/a.png": png()}),
    case(
        "folder-one-class",
        "photos",
        named="photos classes: 1",
        files={f"photos/cat/{i}.png": png() for i in range(5)},
    ),
    case(
        "folder-class-empty",
        "photos",
        named="photos: images eel ignore=eel",
        files=photos() | {"photos/eel/": b""},
    ),
    case(
        "folder-class-of-notes",
        "photos",
        named="photos: images eel ignore=eel",
        files=photos(**{"eel/a.txt": b"hi"}),
    ),
    case(
        "folder-class-of-two",
        "photos",
        named="photos 'eel' 2",
        files=photos(**{f"eel/{i}.png": png() for i in "ab"}),
    ),
    case("folder-without-test", "photos", named="photos test", files=parted("labelled", "validation")),
    case(
        "folder-class-absent-from-test",
        "photos",
        named="photos test y: 'dog'",
        files=parted("labelled") | parted("test", classes=("cat",)),
    ),
    case(
        "image-of-text",
        "photos",
        named="photos: 1 11 cat/a.png bad=skip",
        files=photos(**{"cat/a.png": b"hello"}),
    ),
    case(
        "image-empty", "photos", named="photos: 1 11 cat/a.png bad=skip", files=photos(**{"cat/a.png": b""})
    ),
    case(
        "image-truncated",
        "photos",
        named="photos: 1 11 cat/a.png bad=skip",
        files=photos(**{"cat/a.png": png((64, 64))[:60]}),
    ),
    case(
        "image-bomb",
        "photos",
        named="photos: cat/a.png 3,600 million 10.8 GB",
        files=photos(**{"cat/a.png": bomb()}),
    ),
    case(
        "image-32-bit",
        "photos",
        named="photos: cat/a.png 32 bits",
        files=photos(**{"cat/a.png": png(mode="F", format="TIFF")}),
    ),
    case("image-size-negative", "photos:size=-1", named="photos size=-1", files=photos()),
    case("image-size-gigantic", "photos:size=99999999", named="photos size=99999999", files=photos()),
    # --- synthetic data
    synthetic_case("synthetic-x-missing", x=None, named="made.npz x: missing"),
    synthetic_case("synthetic-shape", x=np.zeros((N, 2, 13)), named="made.npz x: (2, 13) (2, 12)"),
    synthetic_case("synthetic-dimensions", x=np.zeros((N, 24)), named="made.npz x: (24,) (2, 12)"),
    synthetic_case("synthetic-nan", x=x_with(np.nan), named="made.npz x: NaN item 5"),
    synthetic_case("synthetic-complex", x=x_with(1j, complex), named="made.npz x: complex"),
    synthetic_case("synthetic-label", y=y_with(2), named="made.npz y: 2 item 5"),
    synthetic_case("synthetic-label-negative", y=y_with(-2), named="made.npz y: -2 item 5"),
    synthetic_case("synthetic-pickle", y=np.array([Trap()] * N), named="made.npz y: pickle"),
    synthetic_case("synthetic-none", x=np.zeros((0, *SHAPE)), y=None, named="made.npz no items"),
    synthetic_case("synthetic-unconditioned", "-m", "mixed", y=None, named="mixed condition y"),
    option_case("no-such-synthetic", "-s", "nosuch", named="synthetic 'nosuch' digits-rendered"),
    case(
        "synthetic-folder-of-images-for-signals",
        "my.npz",
        "-s",
        "photos",
        named="photos (2, 12)",
        files={"my.npz": GOOD} | photos(),
    ),
    case(
        "synthetic-folder-of-another-class",
        "photos",
        "-s",
        "made",
        named="made: unknown class 'eel' ignore=eel",
        files=photos() | {"made/eel/a.png": png()},
    ),
    option_case("generator-for-another-task", "-s", "digits-rendered", named="digits-rendered"),
    # --- options
    option_case("method", "-m", "nosuch", named="method 'nosuch' real_only"),
    option_case("method-option", "-m", "real_only:depth=1", named="real_only 'depth'"),
    option_case("method-option-without-value", "-m", "syncheck:start", named="syncheck 'start' key=value"),
    option_case("method-value", "-s", "made.npz", "-m", "syncheck:start=abc", named="syncheck start=abc"),
    option_case("method-without-synthetic", "-m", "mixed", named="mixed synthetic"),
    option_case("method-without-shots", "-m", "target_only", named="target_only shots"),
    option_case("control-alone", "-s", "made.npz", "-m", "random_filter", named="random_filter filter"),
    option_case("control-of-nonsense", "-m", "random_filter:like=x", named="random_filter like=x"),
    option_case("backbone", "--backbone", "nosuch", named="backbone 'nosuch' mlp"),
    option_case("backbone-option", "--backbone", "mlp:nosuch=1", named="mlp 'nosuch'"),
    option_case("backbone-of-another-shape", "--backbone", "resnet2d", named="resnet2d (2, 12)"),
    option_case("backbone-negative", "--backbone", "cnn1d:width=-3", named="cnn1d: width=-3"),
    option_case("training-option", "--training", "epoch=1", named="training 'epoch' epochs"),
    option_case("training-word", "--training", "fast", named="training 'fast' key=value"),
    option_case("training-zero", "--training", "epochs=0", named="training epochs=0"),
    option_case("training-fraction", "--training", "steps=1.5", named="training steps=1.5"),
    option_case("training-choice", "--training", "optimiser=magic", named="training optimiser=magic"),
    option_case("training-nan", "--training", "learning_rate=nan", named="training learning_rate=nan"),
    option_case("training-infinity", "--training", "learning_rate=inf", named="training learning_rate=inf"),
    case("task-option", "digits:labeled=3", named="digits 'labeled' labelled"),
    case("task-option-without-value", "digits:labelled", named="digits 'labelled' key=value"),
    case("task-option-range", "digits:labelled=31", named="digits labelled=31"),
    case("task-seed-negative", "digits:seed=-1", named="digits seed=-1"),
    case("csi-har-target-among-sources", "csi-har:target=2,sources=1+2", named="csi"),
    case("file-option", "my.npz:sead=1", named="my.npz 'sead'", files={"my.npz": GOOD}),
    case("file-seed-negative", "my.npz:seed=-1", named="my.npz seed=-1", files={"my.npz": GOOD}),
    option_case("ratio-zero", "-s", "made.npz", "--ratio", "0", named="ratio: 0"),
    option_case("ratio-negative", "-s", "made.npz", "--ratio", "-1", named="ratio: -1"),
    option_case("ratio-nan", "-s", "made.npz", "--ratio", "nan", named="ratio: nan"),
    option_case("ratio-too-large", "-s", "made.npz", "--ratio", "99", named="ratio: 99"),
    option_case("ratio-infinite", "-s", "made.npz", "--ratio", "inf", named="ratio: inf"),
    option_case("ratio-of-nothing", "-s", "made.npz", "--ratio", "1e-9", named="ratio:"),
    option_case("ratio-alone", "--ratio", "1", named="ratio: synthetic"),
    case(
        "ratio-nan-of-a-generator",
        *("digits", "-s", "digits-rendered", "--ratio", "nan"),
        named="ratio: nan",
    ),
    case(
        "generator-option-without-value",
        *("digits", "-s", "digits-rendered:slant"),
        named="digits-rendered 'slant' key=value",
    ),
    option_case("device-unknown", "--device", "gpu", named="device gpu cuda"),
    option_case(
        "backbone-width-zero",
        "--backbone",
        "cnn1d:width=0",
        named="cnn1d width=0",
    ),
    option_case("backbone-dropout", "--backbone", "mlp:dropout=5", named="mlp dropout=5"),
    # --- where results go
    option_case("out-is-a-file", "--out", "my.npz", named="out: my.npz"),
    option_case("out-below-a-file", "--out", "my.npz/runs", named="out: my.npz/runs"),
    option_case("out-unwritable", "--out", "/proc/runs", named="out: /proc/runs"),
]


@pytest.fixture
def assay(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))

    def run(*args: str):
        monkeypatch.setattr(sys, "argv", ["assay", *args])
        with pytest.raises(SystemExit) as exit:
            cli.main()
        return exit.value.code, *capsys.readouterr()

    return run


def put(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = Path(name)
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(content)


def tree() -> list[Path]:
    return sorted(Path().rglob("*"))


def assert_refused(code: int, out: str, err: str, named: list[str]) -> None:
    assert (code, out) == (2, ""), err
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    assert [word for word in named if word not in err] == [], err


@pytest.mark.parametrize(("args", "named", "files"), CASES)
def test_compare_refuses(assay, args, named, files):
    put(files)
    before = tree()
    assert_refused(*assay("compare", *QUICK, "--out", "runs", *args), named)
    assert tree() == before  # no results, and no trap executed


def verb_case(id, *args, named, files=None):
    return pytest.param(args, named.split(), files or {}, id=id)


OTHER_VERBS = [
    verb_case("generate-nosuch", "generate", "nosuch", named="generator 'nosuch' digits-rendered"),
    verb_case("generate-option", "generate", "digits-rendered:tilt=1", named="digits-rendered 'tilt' slant"),
    verb_case("generate-for-nosuch", "generate", "digits-rendered", "nosuch", named="task 'nosuch'"),
    verb_case("generate-text", "generate", "digits-rendered", "-o", "a.txt", named="out: a.txt .npz"),
    verb_case(
        "generate-below-a-file",
        *("generate", "digits-rendered", "-n", "9", "-o", "my.npz/made.npz"),
        named="out: my.npz/made.npz",
        files={"my.npz": GOOD},
    ),
    verb_case(
        "generate-a-folder-for-a-task",
        *("generate", "blender", "digits", "-o", "folder"),
        named="task: digits folder",
    ),
    verb_case(
        "generate-a-folder-on-a-device",
        *("generate", "blender", "-o", "folder", "--device", "cuda"),
        named="--device: cuda blender:device=gpu",
    ),
    verb_case("learn-nosuch", "blender", "learn", "nosuch", named="task 'nosuch'"),
    verb_case("learn-option", "blender", "learn", ".", "--weighting", "speed=1", named="weighting 'speed'"),
    verb_case("imagenet-nosuch", "data", "imagenet", "nosuch", named="nosuch: n04552348"),
    verb_case("imagenet-classes", "data", "imagenet", ".", "--classes", "9", named="--classes: 9 10 990"),
    verb_case("check-root-nosuch", "data", "check", "s2rda-49", "nosuch", named="s2rda-49: nosuch"),
    verb_case("report-nosuch", "report", "nosuch", named="nosuch compare.json"),
    verb_case("report-of-a-file", "report", "my.npz", named="my.npz compare.json", files={"my.npz": GOOD}),
    verb_case("report-damaged", "report", "runs", named="compare.json", files={"runs/compare.json": b'{"ru'}),
    verb_case("check-nosuch", "data", "check", "nosuch", named="task 'nosuch'"),
    verb_case("check-damaged", "data", "check", "my.npz", named="my.npz", files={"my.npz": GOOD[:500]}),
    verb_case(
        "check-synthetic",
        *("data", "check", "made.npz", "--synthetic-for", "my.npz"),
        named="made.npz y: 7",
        files={"my.npz": GOOD, "made.npz": npz(y=y_with(7))},
    ),
    verb_case(
        "check-synthetic-for-nosuch",
        *("data", "check", "made.npz", "--synthetic-for", "nosuch"),
        named="task 'nosuch'",
        files={"made.npz": GOOD},
    ),
]


@pytest.mark.parametrize(("args", "named", "files"), OTHER_VERBS)
def test_other_verbs_refuse(assay, args, named, files):
    put(files)
    before = tree()
    assert_refused(*assay(*args), named)
    assert tree() == before


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("comapre digits", "compare"),
        ("compare", "task"),
        ("compare digits digits", "digits"),
        ("compare digits --metod mixed", "--method"),
        ("compare digits --seeds 0", "--seeds"),
        ("compare digits --seeds many", "--seeds"),
        ("compare digits --workers 0", "--workers"),
        ("compare digits --ratio much", "--ratio"),
        ("generate digits-rendered -n 0", "-n"),
        ("generate digits-rendered --seed -1", "--seed"),
        ("data chekc digits", "check"),
        ("report", "runs"),
    ],
)
def test_what_the_parser_refuses_ends_with_code_2_too_and_says_what_was_meant(assay, line, named):
    code, out, err = assay(*line.split())
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err
    assert tree() == []


def test_names_that_look_like_markup_are_shown_as_they_are(assay):
    put({f"photos/{name}/{i}.png": png() for name in ("[red]", ":cat:") for i in range(4)})
    code, out, _ = assay("data", "check", "photos")
    assert code == 0
    assert ":cat:: 1, [red]: 1" in out


def test_a_colon_in_a_path_does_not_begin_options(assay):
    put({"odd:seed=1/my.npz": GOOD})
    assert assay("data", "check", "odd:seed=1/my.npz")[0] == 0
    assert assay("data", "check", "odd:seed=1/my.npz:seed=2,kind=signal")[0] == 0


def test_hidden_files_among_images_are_not_looked_at(assay):
    put(photos() | {"photos/.cache/a.png": b"", "photos/cat/._0.png": b""})
    assert assay("data", "check", "photos")[0] == 0


@pytest.mark.parametrize("name", ["csi-har", "office-caltech"])
def test_a_damaged_data_set_is_told_in_the_list(assay, name):
    put({"csi_har/csi_har.npz": b"hello", "office_caltech/": b""})
    code, out, err = assay("data")
    assert (code, err) == (0, "")
    assert "state: damaged" in out.split(f"\n{name}\n")[1].split("\n    place")[0]
