"""Images that are read while a model trains: the same bytes as held in memory, whoever decodes them."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.comparison.compare import compare
from assay.data.decoder import read_image
from assay.data.image_files import ImageFiles
from assay.data.normalise import channel_statistics
from assay.data.table import open_task, read_synthetic
from assay.errors import UserError
from assay.lazy import Lazy
from assay.methods.csigan import CsiGanClassifier
from assay.methods.mcd import Mcd
from assay.methods.mixed import Mixed
from assay.methods.srdc import Srdc
from assay.methods.ssim_filter import SsimFilter
from assay.methods.streamed import Reader, Streamed
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.cnn import Cnn2d
from assay.train.one_run import fit, train
from assay.train.pools import to_pools
from assay.types import Samples, Task
from tests.support.toys import run_of

SIZE, CLASSES = 16, ("ant", "bee", "cat")
PARTS = {"labelled": 8, "unlabelled": 6, "validation": 3, "test": 5, "shots": 2}
NETWORK = Cnn2d(width=4, depth=2)
TRAINING = Training(epochs=2, steps=3, batch=8, precision="fp32", decoders=2)
LIGHT = METHODS | {"csigan": CsiGanClassifier(generator_width=16), "mcd": Mcd(width=16)}


def write_images(folder: Path, n: int, rng: np.random.Generator) -> None:
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for number in range(n):
            pixels = rng.integers(0, 200, (SIZE + 4 * label, SIZE + 9, 3))
            pixels[:, :, label] += 55
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{number}.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for part, n in {**PARTS, "../made": 7}.items():
        write_images(root / "real" / part, n, rng)
    return root


@pytest.fixture(scope="module")
def both(folder) -> list[tuple[Task, Samples]]:
    """The same task and synthetic items in memory, and streamed."""
    texts = (f"{folder / 'real'}:size={SIZE}", f"{folder / 'real'}:size={SIZE},stream=true")
    tasks = [open_task(text) for text in texts]
    return [(task, read_synthetic(folder / "made", task)) for task in tasks]


def text(task: Task, synthetic: Samples, method, **training) -> str:
    run = run_of(method, training=dataclasses.replace(TRAINING, **training), backbone=NETWORK)
    return json.dumps(dataclasses.asdict(train(task, synthetic, run)))


# --- what streamed items are


def test_a_streamed_task_holds_no_pixel_and_knows_all_that_the_other_does(both):
    (here, made), (there, also) = both
    for part, samples in there.parts():
        assert isinstance(samples.x, Lazy)
        same = dict(here.parts())[part]
        assert (samples.x.shape, samples.x.dtype) == (same.x.shape, same.x.dtype)
        assert (samples.y == same.y).all()
        assert (np.asarray(samples.x) == same.x).all()
    assert isinstance(also.x, Lazy), "synthetic folders are streamed where the task is"
    assert (also.x[np.array([3, 0])] == made.x[[3, 0]]).all()
    assert [a.tolist() for a in channel_statistics(here)] == [a.tolist() for a in channel_statistics(there)]


def test_a_subset_reads_nothing_and_a_batch_reads_what_it_holds(folder):
    paths, read = sorted(folder.glob("made/*/*.png")), []

    def noting(path, size):
        read.append(path)
        return read_image(path, size)

    files = ImageFiles(paths, SIZE, noting)
    mask = np.arange(len(paths)) % 2 == 1
    part = Samples(files, np.arange(len(paths)))[mask].joined(Samples(files)[:2])
    assert (len(part), part.shape, read) == (12, (3, SIZE, SIZE), [])
    x = part.x[np.array([11, 0])]
    assert read == [paths[1], paths[1]]
    assert (x == np.stack([read_image(paths[1], SIZE)] * 2)).all()


def test_the_digest_follows_the_files(folder, tmp_path):
    write_images(tmp_path / "a", 2, np.random.default_rng(1))
    paths = sorted((tmp_path / "a").glob("*/*.png"))
    before = Samples(ImageFiles(paths, SIZE, read_image)).digest()
    assert Samples(ImageFiles(paths, SIZE, read_image)).digest() == before
    assert Samples(ImageFiles(paths, SIZE + 1, read_image)).digest() != before
    assert Samples(ImageFiles(paths[::-1], SIZE, read_image)).digest() != before
    os.utime(paths[0], (1, 1))
    assert Samples(ImageFiles(paths, SIZE, read_image)).digest() != before
    paths[0].unlink()
    with pytest.raises(UserError, match=f"{paths[0]}: No such file"):
        Samples(ImageFiles(paths, SIZE, read_image)).digest()


def test_items_of_several_sources_are_found_by_place():
    arrays = [np.arange(n * 3.0).reshape(n, 3) + 100 * n for n in (4, 1, 6)]
    reader = Reader(arrays, lambda raw: raw.float(), torch.device("cpu"), 0)
    first, second, third = reader.pools()
    everything = np.concatenate(arrays)
    for order in ([10, 0, 4, 4, 9, 3], [], [4]):
        x = reader.look_up(torch.tensor(order, dtype=torch.int64))
        assert x.numpy().tolist() == everything[order].tolist()
    joined = third.joined(first).subset(torch.arange(10) % 3 == 0)
    assert joined[torch.tensor([2, 0])].tolist() == [arrays[0][0].tolist(), arrays[2][0].tolist()]
    assert second.subset(torch.zeros(1, dtype=torch.bool)).shape == (0, 3)


def test_statistics_of_many_images_are_of_some_of_them(monkeypatch, both):
    import assay.data.normalise as module

    there = both[1][0]
    there = dataclasses.replace(there, shots=there.shots[:0], unlabelled=there.unlabelled[:0])
    monkeypatch.setattr(module, "LOOKED_AT", 5)
    mean, deviation = channel_statistics(dataclasses.replace(there))  # a task's own are taken once
    assert (channel_statistics(dataclasses.replace(there))[0] == mean).all(), "the same ones every time"
    chosen = np.sort(np.random.default_rng(0).permutation(24)[:5])
    x = there.labelled.x[chosen].astype(np.float64)
    assert mean.ravel() == pytest.approx(x.mean((0, 2, 3)))
    assert deviation.ravel() == pytest.approx(x.std((0, 2, 3)))


# --- training


@pytest.mark.parametrize("name", sorted(LIGHT))
def test_streamed_and_in_memory_runs_give_the_same_bytes(name, both):
    """Items are read when they are needed; who reads them ahead is the concern of the tests below."""
    expected, streamed = (text(*items, LIGHT[name], decoders=0) for items in both)
    assert streamed == expected


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (Srdc(source_weights="hard"), {}),
        (SsimFilter(threshold=0.2, reference="labelled"), {}),  # walks through one pool within another
        (Mixed(warm_up=0.3), {"augment": "strong", "reshuffle": "pass"}),
        ("dann", {"precision": "bf16"}),
    ],
)
def test_so_do_variants(method, options, both):
    expected, streamed = (text(task, synthetic, method, **options) for task, synthetic in both)
    assert streamed == expected


def test_nothing_depends_on_the_number_of_decoders(both, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(3))
    results = {text(*both[1], "srdc", decoders=decoders) for decoders in (0, 3)}
    assert len(results) == 1


@pytest.mark.parametrize("normalise", ["item", "none"])
def test_other_normalisations_are_those_of_memory(normalise, both):
    tasks = [dataclasses.replace(task, normalise=normalise) for task, _ in both]
    (expected,), (streamed,) = (to_pools(task, [task.labelled], "cpu", 0) for task in tasks)
    assert torch.equal(streamed[torch.arange(24)].x, expected.x)


def test_items_in_memory_may_stand_beside_streamed_ones(both):
    (_, in_memory), (task, streamed) = both
    assert text(task, in_memory, "mixed") == text(task, streamed, "mixed")


def test_a_fitted_model_is_the_same_and_its_readers_have_left(both):
    weights = []
    for task, _ in both:
        method = fit(task, task.labelled, run_of("real_only", training=TRAINING, backbone=NETWORK))
        weights.append([p.detach() for p in method.network.parameters()])
        x = method.setup.pools.labelled.x
        assert not isinstance(x, Streamed) or x.reader._loader is None
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))


def test_reading_draws_nothing_from_the_global_random_state(both):
    states = []
    for task, synthetic in both:  # making a network draws some, which `initialise` then overwrites
        torch.manual_seed(0)
        text(task, synthetic, "real_only")
        states.append(torch.get_rng_state())
    assert torch.equal(*states)


# --- damage


def with_damage(folder: Path, place: Path, part: str) -> tuple[Task, Path]:
    """A streamed task of which an image is cut short after it was opened."""
    import shutil

    shutil.copytree(folder / "real", place)
    task = open_task(f"{place}:size={SIZE},stream=true")
    victim = place / part / "bee" / "1.png"
    victim.write_bytes(victim.read_bytes()[:60])
    return task, victim


@pytest.mark.parametrize(("part", "decoders"), [("unlabelled", 2), ("unlabelled", 0), ("test", 2)])
def test_a_damaged_image_makes_a_row_that_names_the_file(part, decoders, folder, tmp_path):
    task, victim = with_damage(folder, tmp_path / "real", part)
    comparison = compare(
        task,
        methods=["dann"],
        seeds=1,
        backbone=NETWORK,
        training=dataclasses.replace(TRAINING, decoders=decoders),
        out=tmp_path / "out",
        workers=1,
    )
    errors = {run["label"]: run["error"] for run in comparison.runs}
    assert f"{victim}: not a readable image" in errors["dann"]
    if part == "unlabelled":
        # evaluation looks at unlabelled items for every method
        assert errors["real_only"] == errors["dann"]


def test_a_comparison_of_streamed_images_runs_in_workers(both, tmp_path):
    options = {"methods": ["mixed"], "seeds": 1, "backbone": NETWORK, "training": TRAINING}
    results = [
        compare(*items, out=tmp_path / str(workers), workers=workers, **options)
        for workers, items in zip((1, 2), both)
    ]
    histories = [[run["history"] for run in result.runs] for result in results]
    assert [run["error"] for run in results[1].runs] == [None, None]
    assert histories[0] == histories[1]
    a, b = (result.samples() for result in results)
    assert all((a[key] == b[key]).all() for key in a), "the pictured items too"
    assert "decoders" not in results[1].runs[0]["settings"]["training"]
