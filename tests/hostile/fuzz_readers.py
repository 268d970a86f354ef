"""Every reader of files and texts, the name of what it reads, and good contents to be damaged."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assay.cli.early import check_runs
from assay.comparison.final import train_model
from assay.data.packing.labels import by_list
from assay.data.table import open_task
from assay.data.widar import read_csi
from assay.generate.blender.fit import Blender
from assay.generate.blender.sets.manifest import Entry
from assay.generate.blender.stream import open_stream
from assay.generate.rf_diffusion.checkpoint import FILE, Checkpoint
from assay.methods.training import Training
from assay.models import optimisers
from assay.models.checkpoint import facts, to_bytes
from assay.runs.claims import running
from assay.runs.commands import commands
from assay.runs.forms import read_about, read_result
from assay.settings import with_options
from assay.train.model import Model
from tests.hostile import corpus, corpus_files
from tests.hostile.fuzz_stored import stored
from tests.hostile.readers import READERS
from tests.support.toys import blob_task

Read = Callable[[Path], Any]
Seeds = Callable[[], list[bytes]]
JSON: dict[str, tuple[str, Read, dict[str, Any]]] = {
    "claim": (
        "runs/.abc.claim",
        lambda path: running(path.parents[1]),
        {"host": "a", "pid": 1, "began": "1", "driver": 1, "start": 1.5, "label": "x"},
    ),
    "result": (
        "result.json",
        lambda path: read_result(path, "again"),
        {"settings": {"seed": 1}, "error": "none", "traceback": None},
    ),
    "about": (
        "about.json",
        lambda path: read_about(path, "again"),
        {"label": "a", "finished": "2024", "seconds": 1.5, "versions": {"python": "3"}},
    ),
    "commands": ("commands.json", lambda path: commands(path.parent), {"commands": {"compare": "assay"}}),
}


def table(separator: str = ",") -> list[bytes]:
    rows = [[i % 7, 0.5 * i, "uv"[i // 2 % 2], "ab"[i % 2]] for i in range(40)]
    return [
        "\n".join(separator.join(map(str, row)) for row in [("one", "two", "three", "class"), *rows]).encode()
    ]


def parquet() -> list[bytes]:
    arrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    buffer = io.BytesIO()
    columns = {"one": list(range(40)), "two": [0.5 * i for i in range(40)], "class": ["a", "b"] * 20}
    writer.write_table(arrow.table(columns), buffer)
    return [buffer.getvalue()]


def mats() -> list[bytes]:
    from scipy.io import savemat

    buffers = [io.BytesIO(), io.BytesIO()]
    for buffer, packed in zip(buffers, (True, False)):
        savemat(
            buffer,
            {"x": np.random.default_rng(0).normal(size=(24, 6)), "y": np.arange(24) % 2},
            do_compression=packed,
        )
    return [buffer.getvalue() for buffer in buffers]


def arrays() -> list[bytes]:
    return [corpus.npz(), corpus.npz(np.savez)]


def pictures() -> list[bytes]:
    kinds = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
    return [corpus_files.picture(kind, "P" if kind == "GIF" else "RGB") for kind in kinds]


def manifest() -> list[bytes]:
    scenes = [open_stream(Blender()).scene(index) for index in range(2)]
    return ["".join(Entry("a.png", None, scene).line() for scene in scenes).encode()]


def weights() -> list[bytes]:
    return [to_bytes({"w": torch.ones(2, 2)}, '{"format": 1, "backbone": "mlp"}')]


@cache
def _model(folder: str) -> list[bytes]:
    path = Path(folder) / "model.safetensors"
    train_model(blob_task(), None, "real_only", training=Training(epochs=1, steps=1)).save(path)
    return [path.read_bytes()]


def _with_labels(path: Path) -> Any:
    np.save(path.with_name("y.npy"), np.arange(24) % 2)
    return open_task(str(path))


def _listed(path: Path) -> Any:
    for name in ("a.dat", "b.dat"):
        (path.parent / name).touch()
    return by_list(path.parent, path)


def learning() -> tuple[Any, Any]:
    network = torch.nn.Linear(2, 2)
    optimiser = optimisers.Adam(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    return network, optimiser


def _resumed(path: Path) -> Any:
    return Checkpoint(path.parent, "this").load(*learning(), {}, 9)


def _checkpoint(folder: Path) -> list[bytes]:
    Checkpoint(folder, "this").save(*learning(), {"weight": torch.ones(2)}, 3)
    return [(folder / FILE).read_bytes()]


def _log(kind: str) -> tuple[Read, Seeds]:
    return READERS["log"], lambda: [corpus_files.logs()[kind]]


def _text(read: Callable[[str], Any]) -> Read:
    return lambda path: read(path.read_bytes().decode("utf-8", "surrogateescape"))


def readers(folder: Path) -> dict[str, tuple[str, Read, Seeds]]:
    """The name of a file, what reads it, and what makes good ones, by the reader's name."""
    task, made = READERS["task"], READERS["synthetic"]
    return {
        **stored(),
        "npz": ("a.npz", task, arrays),
        "synthetic npz": ("a.npz", made, arrays),
        "npy": ("x.npy", _with_labels, lambda: [corpus.npy(np.random.default_rng(0).normal(size=(24, 3)))]),
        "csv": ("a.csv", task, table),
        "tsv": ("a.tsv", task, lambda: table("\t")),
        "parquet": ("a.parquet", task, parquet),
        "mat": ("a.mat", task, mats),
        "picture": ("a.png", READERS["picture"], pictures),
        **{f"log of {kind}": ("a.dat", *_log(kind)) for kind in ("intel", "nexmon", "atheros")},
        **{f"log of {kind}": ("a.csv", *_log(kind)) for kind in ("esp32", "numbers")},
        "log in an array": ("a.npy", *_log("array")),
        "log in MATLAB": ("a.mat", READERS["log"], lambda: [corpus_files.mat()]),
        "widar": ("a.dat", read_csi, lambda: [corpus_files.logs()["intel"]]),
        "weights": ("w.safetensors", facts, weights),
        "model": ("w.safetensors", Model.load, lambda: _model(str(folder))),
        "checkpoint to resume": (FILE, _resumed, lambda: _checkpoint(folder)),
        "library": ("a.sh3f", READERS["library"], lambda: [corpus_files.library()]),
        "manifest": ("manifest.jsonl", READERS["manifest"], manifest),
        "open manifest": ("manifest.jsonl", READERS["open manifest"], manifest),
        "listing": ("l.csv", _listed, lambda: [b"path,class,user\na.dat,walk,1\nb.dat,sit,2\n"]),
        "training": (
            "t.txt",
            _text(lambda text: with_options(Training(), text, "training")),
            lambda: [b"epochs=3,steps=20,batch=32,learning_rate=0.01,clip=1"],
        ),
        "backbone": (
            "t.txt",
            _text(lambda text: check_runs((), text)),
            lambda: [b"mlp:width=32,dropout=0.1", b"cnn1d:width=3"],
        ),
        **{
            name: (file, read, lambda good=good: [json.dumps({"format": 1, **good}).encode()])
            for name, (file, read, good) in JSON.items()
        },
    }


NAMES = tuple(readers(Path()))
