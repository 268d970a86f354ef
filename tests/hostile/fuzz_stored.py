"""What reads what was stored: the files of an assessment and of studies, weights, checkpoints, caches."""

from __future__ import annotations

import dataclasses
import io
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assay.data import widar
from assay.generate.csigan import checkpoint as csigan
from assay.generate.files import is_made
from assay.generate.jitter import Jitter
from assay.models.checkpoint import load_trunk, save_trunk
from assay.models.resnet import ResNet
from assay.report.reopen import reopen, write_page
from assay.runs.commands import keep_command
from assay.train import checkpoint as training
from assay.train.feature_store import FeatureStore
from tests.assessment.test_assess import assessed
from tests.cli.test_report import written
from tests.report.battery.made import made_runs
from tests.report.study.test_page import a_study
from tests.support.toys import blob_task

Read = Callable[[Path], Any]
Seeds = Callable[[], list[bytes]]
Reader = tuple[str, Read, Seeds]
OF_ASSESSMENT = {
    "assessment": "assess.json",
    "score": "score.json",
    "comparison": "compare.json",
    "advice": "advice.json",
    "items of a score": "samples.csv",
    "samples of a score": "score_items.npz",
    "samples of a comparison": "samples.npz",
    "hardest items": "hardest.npz",
    "a run": "runs/*/result.json",
    "what a run said": "runs/*/predictions.npz",
}
SLOW = tuple(OF_ASSESSMENT)
"""An assessment takes seconds to make, and a page some to write."""


def folder() -> Path:
    return Path(tempfile.mkdtemp())


@cache
def _assessment() -> Path:
    out = folder() / "out"
    assessed(out)
    keep_command(out, "assess", "assay assess")
    return out


@cache
def _study(make: Callable[[Path], Any]) -> tuple[Path, str]:
    found = make(folder())
    written(found)
    return found.folder, f"{found.name}.json"


def page_of(folder: Path) -> None:
    for result in reopen(folder).values():
        write_page(result, folder / "report.html")


def inside(made: Callable[[], tuple[Path, str]], read: Read = page_of) -> Reader:
    """A file among others that a result consists of: it is put in its place in a copy, and all of it read."""

    @cache
    def copy() -> Path:
        whole, name = made()
        out = folder() / "out"
        shutil.copytree(whole, out)
        return sorted(out.glob(name))[0]

    def put(path: Path) -> Any:
        copy().write_bytes(path.read_bytes())
        return read(next(place for place in copy().parents if place.name == "out"))

    return "given", put, lambda: [copy().read_bytes()]


def of_assessment(name: str) -> Reader:
    return inside(lambda: (_assessment(), name))


# -- weights and checkpoints ------------------------------------------------------------------------------


def _network() -> torch.nn.Module:
    return ResNet(1, 2, 18, (2, 2, 2, 2), small=True)


def _trunk(name: str) -> Reader:
    def seeds() -> list[bytes]:
        path = folder() / name
        if path.suffix == ".pth":
            torch.save(_network().state_dict(), path)
        else:
            save_trunk(_network(), path, {"backbone": "mlp"})
        return [path.read_bytes()]

    return name, lambda path: load_trunk(_network(), path), seeds


def _half_trained(content: bytes) -> bytes:
    """What is damaged inside has the right hash all the same."""
    return training._hash(content) + content


def _training() -> list[bytes]:
    path = folder() / "c"
    training.Checkpoint(path, "this").save({"w": torch.ones(2), "optimiser": {"state": {0: 1.5}}}, [])
    return [path.read_bytes()[training.HASH_BYTES :]]


def _resumed(path: Path) -> Any:
    path.write_bytes(_half_trained(path.read_bytes()))
    return training.Checkpoint(path, "this").load()


def _csigan() -> list[bytes]:
    path = folder() / "c"
    csigan.save(path, {"x": torch.ones(2)}, {"identity": "this", "epoch": 3, "least": None})
    return [path.read_bytes()]


def _features(path: Path) -> Any:
    store = FeatureStore(path.parent)
    return store.found(list(store.rows))


def _kept_features() -> list[bytes]:
    store = FeatureStore(folder())
    store.add([bytes(range(i, i + 16)) for i in range(4)], np.ones((4, 3), np.float32))
    return [next(store.folder.iterdir()).read_bytes()]


# -- caches and manifests ---------------------------------------------------------------------------------

ITEMS = [("20181130/user1/user1-1-1-1-1", 1, 0), ("20181130/user1/user1-1-1-1-2", 1, 0)]


def _spectra(path: Path) -> Any:
    from assay.settings import fingerprint

    place = path.parent / "spectra" / f"{fingerprint(['corrected', *ITEMS])}.npz"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(path.read_bytes())
    return widar.spectra(path.parent, ITEMS)


def _kept_spectra() -> list[bytes]:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.ones((1, 1, 3, 4), np.float32), good=np.array([True, False]))
    return [buffer.getvalue()]


def _is_made(path: Path) -> Any:
    path.with_suffix(".npz").write_bytes(b"")
    return is_made(path.with_suffix(".npz"), Jitter(), blob_task(), 3, 0)


def stored() -> dict[str, Reader]:
    """By the reader's name: the name of a file, what reads it, and what makes good ones."""
    return {
        **{name: of_assessment(file) for name, file in OF_ASSESSMENT.items()},
        "study": inside(partial(_study, _a_study)),
        "battery": inside(partial(_study, _a_battery)),
        "trunk": _trunk("t.safetensors"),
        "trunk of others": _trunk("t.pth"),
        "half-trained run": ("k.checkpoint", _resumed, _training),
        "half-trained generator": ("c.safetensors", lambda path: csigan.load(path, "cpu"), _csigan),
        "features": ("f.safetensors", _features, _kept_features),
        "spectra of widar": ("kept.npz", _spectra, _kept_spectra),
        "manifest of items": ("made.json", _is_made, lambda: [b'{"format": 1, "count": 3, "seed": 0}']),
    }


def _a_study(folder: Path) -> Any:
    return a_study(folder, lambda entry, seed: 0.7)


def _a_battery(folder: Path) -> Any:
    found = made_runs(folder)
    more = {"protocol": "corrected", "device": "cpu", "versions": {}}
    return dataclasses.replace(found, info={**found.info, **more}, records={})
