"""Items of an .npy file that stay there: the same items, the same results, and little memory."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

import assay
from assay.data.mapped import Mapped
from assay.errors import UserError
from assay.lazy import lazy
from assay.machine import memory
from assay.runs.progress import Silent
from tests.support.toys import FAST, blobs

N = 60
PICTURES = np.random.default_rng(0).integers(0, 255, (N, 12, 10, 3)).astype(np.uint8)
CLASSES = np.arange(N) % 2


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "x.npy", PICTURES)
    np.save(tmp_path / "y.npy", CLASSES)
    return tmp_path


def test_items_are_those_in_memory_whatever_was_turned(folder):
    held, mapped = assay.samples(folder), assay.samples(folder, stream=True)
    assert held.shape == mapped.shape == (3, 12, 10)
    assert lazy(mapped.x) is not None
    index = np.array([7, 3, 3, 59])
    for chosen in (slice(2, 9), index, CLASSES == 1):
        assert np.array_equal(mapped.x[chosen], held.x[chosen])
        assert np.array_equal(mapped[chosen][1:].x[:], held.x[chosen][1:])
    both = mapped[:5].joined(mapped[index])
    assert np.array_equal(both.x[:], np.concatenate((held.x[:5], held.x[index])))
    again = pickle.loads(data := pickle.dumps(mapped.x))
    assert len(data) < 2000 + 8 * N
    assert np.array_equal(again[:], held.x)


def test_a_set_is_known_by_what_is_in_it(folder):
    before = assay.samples(folder, stream=True)
    assert before.digest() == assay.samples(folder, stream=True).digest()
    assert before[:9].digest() != before[1:10].digest()
    np.save(folder / "x.npy", PICTURES[::-1])
    assert assay.samples(folder, stream=True).digest() != before.digest()
    np.save(folder / "x.npy", PICTURES[:1])
    with pytest.raises(UserError, match=r"x\.npy: is not what it was"):
        before.x[:]


def test_a_comparison_gives_the_same_numbers(tmp_path):
    for name, items in (("real", blobs(200, 0)), ("made", blobs(80, 1))):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "x.npy", items.x)
        np.save(tmp_path / name / "y.npy", items.y)
    training = dataclasses.replace(FAST, epochs=2, steps=4, decoders=0)
    found = [
        assay.compare(
            assay.open_task(tmp_path / "real", stream=stream, normalise="item"),
            assay.open_synthetic(tmp_path / "made", assay.open_task(tmp_path / "real"), stream=stream),
            methods=["mixed"],
            seeds=1,
            training=training,
            workers=1,
            out=tmp_path / str(stream),
            watcher=Silent(),
        )
        for stream in (True, False)
    ]
    assert found[0].rows() == found[1].rows()
    assert [run["error"] for run in found[0].runs] == [None, None]


def test_what_would_fill_the_memory_stays_in_its_file(folder, monkeypatch):
    assert not isinstance(assay.samples(folder).x, Mapped)
    monkeypatch.setattr(memory, "memory", lambda: 2 * PICTURES.nbytes)
    assert isinstance(assay.samples(folder).x, Mapped)
    for part in ("train", "test"):
        np.save(folder / f"x_{part}.npy", PICTURES)
        np.save(folder / f"y_{part}.npy", CLASSES)
    (folder / "x.npy").unlink()
    (folder / "y.npy").unlink()
    with pytest.raises(
        UserError, match=r"x_train: parts that are streamed lie in one file: x.npy, with split.npy"
    ):
        assay.open_task(folder)


def test_numbers_that_are_none_are_found_where_they_are(tmp_path):
    x = np.ones((9, 4))
    x[7, 2] = np.nan
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", np.arange(9) % 2)
    with pytest.raises(UserError, match=r"NaN, infinity or a number beyond .*, first in item 7"):
        assay.samples(tmp_path, stream=True)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_that_is_too_large_is_refused_with_the_way_out(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"mine{suffix}"
    if suffix == ".csv":
        path.write_text("a,label\n" + "1.5,0\n" * 100)
    else:
        pa = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(
            pa.table({"a": np.ones(100), "label": np.ones(100)}), path
        )
    with pytest.raises(UserError, match=r"stream: of \.npy files"):
        assay.samples(path, stream=True)
    monkeypatch.setattr(memory, "memory", lambda: 200)
    with pytest.raises(UserError, match=r"in memory; there are 200 bytes; save its numbers as x\.npy and"):
        assay.samples(path)


def test_samples_keep_the_kind_that_was_said():
    x, y = np.random.default_rng(0).normal(size=(N, 3, 8, 8)), CLASSES
    samples = assay.samples((x, y), kind="signal")
    assert assay.split_task(samples).kind == assay.open_task(samples).kind == "signal"
    assert assay.split_task(samples, kind="image").kind == "image"
