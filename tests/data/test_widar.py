from __future__ import annotations

import functools

import numpy as np
import pytest

from assay.data.table import open_task
from assay.data.widar import Widar, condition, items, log_path, spectra
from assay.errors import UserError
from assay.signal.clock import seconds
from assay.signal.doppler import doppler_spectrum
from assay.signal.intel5300 import read_log, scaled_csi
from assay.signal.simulated_log import make_log, quantised

PACKETS = 600


@functools.cache
def walk(speed: float, seed: int) -> np.ndarray:
    """Integers (packets, tx, rx, 30, 2) of a static path and one that shortens at `speed` metres a second."""
    rng = np.random.default_rng(seed)
    wavelength, time = 0.0515, np.arange(PACKETS) / 1000
    moving = 0.4 * np.exp(2j * np.pi * speed * time / wavelength)[:, None, None]
    phase = np.exp(2j * np.pi * rng.random((1, 3, 30)))
    noise = 0.02 * (rng.normal(size=(PACKETS, 3, 30)) + 1j * rng.normal(size=(PACKETS, 3, 30)))
    antenna = np.array([1.0, 0.6, 0.8])[None, :, None]
    return quantised((antenna * phase + moving * phase**2 + noise)[:, None])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A tree of the published layout: two users, two gestures, six receivers; speed tells the gesture."""
    from assay.signal.intel5300 import write_log

    root = tmp_path_factory.mktemp("widar") / "widar3"
    names = {part: [] for part in ("train", "valid", "test")}
    for user in (5, 10):
        folder = root / "20181130" / f"user{user}"
        folder.mkdir(parents=True)
        for gesture in range(1, 7):
            for repetition, part in enumerate(names, 1):
                record = f"20181130/user{user}/user{user}-{gesture}-1-2-{repetition}"
                names[part].append((record, gesture))
                for receiver in range(1, 7):
                    log = make_log(walk(0.2 * gesture, receiver), np.arange(PACKETS) * 1000)
                    write_log(log_path(root, record, receiver), log)
    (root / "partition").mkdir()
    for part, listed in names.items():
        np.save(root / "partition" / f"{part}_filename.npy", np.array([record for record, _ in listed]))
        np.save(root / "partition" / f"{part}_label.npy", np.array([gesture for _, gesture in listed]))
    return root


def test_items_stand_in_the_published_order(root):
    listed = items(root, "train", (1, 3, 5))
    assert len(listed) == 12 * 3
    assert listed[4] == ("20181130/user5/user5-2-1-2-1", 3, 1), "item i is record i // 3 at receiver i % 3"


def test_the_condition_vector_is_the_published_one():
    assert condition("20181209/user6/user6-4-3-2-5", 6).tolist() == [2, 4, 3, 2, 6, 6]
    assert condition("20181211/user9/user9-1-5-5-1", 1).tolist() == [3, 1, 5, 5, 1, 9]
    with pytest.raises(UserError, match="date 20190101 is of no known room"):
        condition("20190101/user6/user6-4-3-2-5", 6)


def test_the_task_trains_and_tests_on_other_receivers(root, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA", str(root.parent))
    task = Widar().load()
    assert {name: len(part) for name, part in task.parts() if len(part)} == {
        "labelled": 36,
        "validation": 36,
        "test": 36,
    }
    assert task.shape == (121, 512)
    assert set(task.test.group) == {5, 10}
    log = read_log(log_path(root, "20181130/user5/user5-2-1-2-1", 3))
    expected = doppler_spectrum(scaled_csi(log).reshape(-1, 90), seconds=seconds(log))
    np.testing.assert_array_equal(task.labelled.x[4], expected)
    assert task.labelled.y[4] == 1
    again = open_task("widar3")
    assert again.digest() == task.digest(), "spectra that were kept are those that were computed"


def test_the_released_protocol_takes_packets_as_even(root):
    listed = items(root, "test", (2,))[:1]
    log = read_log(log_path(root, *listed[0][:2]))
    expected = doppler_spectrum(scaled_csi(log).reshape(-1, 90))
    np.testing.assert_array_equal(spectra(root, listed, "released").x[0], expected)
    assert not np.array_equal(spectra(root, listed).x[0], expected)


def test_faster_gestures_have_higher_doppler(root):
    found = spectra(root, items(root, "test", (2,)))
    bins = np.r_[0:61, -60:0]
    peak = [abs(bins[x.mean(1).argmax()]) for x in found.x]
    by_gesture = [np.mean([p for p, y in zip(peak, found.y) if y == g]) for g in range(6)]
    assert (np.diff(by_gesture) > 0).all()


def test_a_missing_log_is_left_out_with_a_warning(root):
    listed = [*items(root, "test", (2,))[:2], ("20181130/user5/user5-9-9-9-9", 1, 0)]
    with pytest.warns(UserWarning, match=r"1 of 3 logs left out; first: .*user5-9-9-9-9-r1\.dat"):
        assert len(spectra(root, listed)) == 2
    with pytest.raises(UserError, match="no usable log"):
        spectra(root, listed[2:])
