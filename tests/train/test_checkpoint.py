"""Train k epochs, be killed, go on: the same as never to have been killed, to the last bit."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.comparison.compare import compare
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.methods.csigan import CsiGanClassifier
from assay.methods.disclusterda import DisClusterDa
from assay.methods.mcd import Mcd
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.random_filter import RandomFilter
from assay.methods.rca import Rca
from assay.methods.srdc import Srdc
from assay.methods.table import METHODS
from assay.methods.trts_filter import TrtsFilter
from assay.models.resnet import ResNet2d
from assay.runs.progress import Silent
from assay.train import checkpoint
from assay.train.one_run import train
from assay.types import Samples, Task
from tests.support.command import ended
from tests.support.dying import DyingOnce
from tests.support.toys import FAST, blob_task, blobs, run_of

SHORT = dataclasses.replace(FAST, epochs=3, steps=3)
VARIANTS = {
    **{name: settings for name, settings in METHODS.items() if name != "adabn"},  # needs batch normalisation
    "csigan": CsiGanClassifier(generator_width=16),
    "mcd": Mcd(width=16),
    "srdc released": Srdc(protocol="released", source_weights="hard", centres="average"),
    "srdc soft": Srdc(source_weights="soft", mixed_weights=True, stale_momentum=True, consistency="kl"),
    "disclusterda released": DisClusterDa(protocol="released", neurons=4, consistency="kl"),
    "mcd released": Mcd(protocol="released", width=16),
    "rca with vat": Rca(virtual_adversarial=True),
    "pseudo_label unsure": PseudoLabel(threshold=0.6),
    "random_filter of trts": RandomFilter(TrtsFilter()),
    "random_filter of csigan": RandomFilter(CsiGanClassifier(synthetic="trts", generator_width=16)),
}


class Killed(BaseException):
    """As if the process had ended here: not even an `except Exception` sees it."""


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


def outcome(task, synthetic, run, **options) -> tuple[str, bytes]:
    """The result as text, and everything that the method holds in the end."""
    states = []
    result = train(task, synthetic, run, observe=lambda method, _: states.append(method.state()), **options)
    return json.dumps(dataclasses.asdict(result)), plain(states[-1])


def plain(state) -> list:
    """A state with its tensors as bytes, in a fixed order."""
    if isinstance(state, dict):
        return [[str(key), plain(value)] for key, value in state.items()]
    if isinstance(state, list | tuple):
        return [plain(value) for value in state]
    return [state.dtype, state.shape, state.numpy().tobytes()] if torch.is_tensor(state) else state


def small_task() -> Task:
    return blob_task(labelled=24, shots=8, unlabelled=32, validation=8)


def killed_at(epoch: int, task, synthetic, run, path) -> None:
    def report(record):
        if record["epoch"] == epoch:
            raise Killed

    with pytest.raises(Killed):
        train(task, synthetic, run, report=report, checkpoint=path)
    assert path.is_file() == (epoch > 0)


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_killed_run_ends_as_if_it_had_not_been(name, tmp_path):
    task, synthetic, run = small_task(), blobs(40, 9), run_of(VARIANTS[name], training=SHORT)
    for number in (1, 2):
        killed_at(number, task, synthetic, run, tmp_path / "c")
    assert outcome(task, synthetic, run, checkpoint=tmp_path / "c") == outcome(task, synthetic, run)


def test_a_run_may_be_killed_again_and_again(tmp_path):
    task, run, path = blob_task(), run_of("dann", training=SHORT), tmp_path / "c"
    for number in (0, 1, 2):
        killed_at(number, task, None, run, path)
    told = []
    train(task, None, run, report=told.append, checkpoint=path)
    assert [record["epoch"] for record in told] == [2], "epochs that are over are not told again"
    assert outcome(task, None, run, checkpoint=path) == outcome(task, None, run)


def small_images() -> Task:
    rng = np.random.default_rng(0)
    parts = []
    for n in (16, 16, 16):
        x = rng.integers(0, 256, (n, 3, 16, 16), dtype=np.uint8)
        parts.append(Samples(x, np.arange(n) % 2))
    return Task("images", ("a", "b"), *parts, normalise="channel", kind="image")


@pytest.mark.parametrize("name", ["no_adaptation", "mcd", "adabn"])
def test_batch_statistics_and_augmentation_go_on_too(name, tmp_path):
    options = {"epochs": 3, "steps": 2, "batch": 8, "optimiser": "sgd"}
    training = dataclasses.replace(SHORT, **options, augment="strong", reshuffle="pass")
    method = VARIANTS.get(name, METHODS[name])
    run = run_of(method, training=training, backbone=ResNet2d(depth=10, widths=(8, 8, 8, 8)))
    task, path = small_images(), tmp_path / "c"
    killed_at(2, task, None, run, path)
    assert outcome(task, None, run, checkpoint=path) == outcome(task, None, run)


def test_bf16_goes_on_too(tmp_path):
    # of a network without convolutions: those of emulated bf16 differ between two runs that nothing killed
    training = dataclasses.replace(SHORT, precision="bf16")
    task, run, path = small_task(), run_of("dann", training=training), tmp_path / "c"
    killed_at(2, task, None, run, path)
    assert outcome(task, None, run, checkpoint=path) == outcome(task, None, run)


def test_a_checkpoint_is_not_written_anew_before_its_time(tmp_path, monkeypatch):
    task, run, path = blob_task(), run_of("real_only", training=SHORT), tmp_path / "c"
    killed_at(2, task, None, run, path)
    before = path.read_bytes()
    monkeypatch.setattr(checkpoint, "SECONDS", 3600.0)
    train(task, None, run, checkpoint=path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["c"]


def damaged(content: bytes) -> list[bytes]:
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 255
    return [b"", content[:-100], content[: len(content) // 3], b"not one", bytes(flipped)]


def test_a_damaged_checkpoint_is_named(tmp_path):
    task, run, path = blob_task(), run_of("real_only", training=SHORT), tmp_path / "run.checkpoint"
    killed_at(2, task, None, run, path)
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(UserError, match="damaged checkpoint") as caught:
            train(task, None, run, checkpoint=path)
        assert str(caught.value).startswith(f"{path}: ")
        assert path.read_bytes() == content, "nothing is thrown away unasked"


def test_a_pickle_is_refused_and_never_loaded(tmp_path):
    path = tmp_path / "run.checkpoint"

    class Malicious:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    path.write_bytes(checkpoint.pack({"run": "", "state": Malicious(), "epochs": []}))
    with pytest.raises(UserError, match=r"run\.checkpoint: damaged"):
        train(blob_task(), None, run_of("real_only"), checkpoint=path)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("change", ["seed", "method", "training", "task", "synthetic"])
def test_a_checkpoint_of_another_run_is_refused(change, tmp_path):
    task, synthetic, path = blob_task(), blobs(24, 9), tmp_path / "run.checkpoint"
    killed_at(2, task, synthetic, run_of("mixed", training=SHORT), path)
    name, options = ("trts_filter" if change == "method" else "mixed"), {"seed": int(change == "seed")}
    training = dataclasses.replace(SHORT, epochs=5) if change == "training" else SHORT
    other = blob_task(labelled=44) if change == "task" else task
    made = blobs(24, 8) if change == "synthetic" else synthetic
    with pytest.raises(UserError, match=r"run\.checkpoint: checkpoint of another run"):
        train(other, made, run_of(name, training=training, **options), checkpoint=path)


def test_decoders_are_no_part_of_a_run(tmp_path):
    task, run, path = blob_task(), run_of("real_only", training=SHORT), tmp_path / "c"
    killed_at(2, task, None, run, path)
    others = dataclasses.replace(run, training=dataclasses.replace(SHORT, decoders=0))
    assert outcome(task, None, others, checkpoint=path) == outcome(task, None, run)


# --- in a comparison


def compared(method: DyingOnce, out: Path, workers: int) -> list[dict]:
    training = dataclasses.replace(SHORT, epochs=6)
    return compare(
        blob_task(), methods=[method], seeds=1, training=training, out=out, workers=workers, watcher=Silent()
    ).runs


def drive() -> None:
    """A comparison in two processes, one of which dies."""
    out, marks = sys.argv[1:]
    compared(DyingOnce(3, marks), Path(out), 2)


def test_a_killed_run_of_a_comparison_goes_on_from_its_checkpoint(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    ended([tmp_path / "b", marks], main=f"{__name__}:drive")
    killed = Comparison.open(tmp_path / "b").runs
    assert [run["error"] for run in killed] == [None, None]
    began = sorted(int(path.name) for path in marks.iterdir())
    assert began == [0, 1, 2, 3, 4, 5], "each epoch was begun"
    assert (marks / "3").read_text() == "xx", "the one that it died in twice"
    assert all((marks / str(epoch)).read_text() == "x" for epoch in (0, 1, 2, 4, 5)), "the others once"
    undisturbed = compared(DyingOnce(at=99), tmp_path / "a", 1)
    assert [run["history"] for run in killed] == [run["history"] for run in undisturbed]
    assert not list((tmp_path / "b").glob("runs/.*checkpoint*")), "it goes when the run is saved"
