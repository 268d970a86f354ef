"""Sets of vectors and signals: what differs comes first, and what is said of it is so."""

from __future__ import annotations

import re

import numpy as np
import pytest

from assay.report.portraits import FEATURES_SHOWN, portraits
from assay.runs.pictured import BYTES, FIRST, SET, some_of_each
from assay.types import Samples

CLASSES = ["walk", "sit"]


def task(kind: str, normalise: str = "none") -> dict:
    return {"kind": kind, "normalise": normalise, "classes": CLASSES}


def vectors(n: int, seed: int, width: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width))


def points(svg: str, look: str) -> np.ndarray:
    """The line of a look as (n, 2)."""
    (found,) = re.findall(rf'<polyline class="{look}" points="([^"]+)"', svg)
    return np.array([pair.split(",") for pair in found.split()], float)


def test_features_that_differ_most_come_first_under_their_names():
    real, made = vectors(300, 0), vectors(300, 1)
    made[:, 7] += 5
    made[:, 2] += 1
    names = np.array([f"column {i}" for i in range(12)])
    arrays = {"real_x": real, "real_y": np.zeros(300), "synthetic_x": made, "synthetic_y": np.zeros(300)}
    found = portraits(task("vector"), {**arrays, "feature_names": names})
    assert [panel.title for panel in found.panels[:2]] == ["column 7", "column 2"]
    assert len(found.panels) == FEATURES_SHOWN
    assert found.caption.startswith("9 of 12 features, those that differ most")
    distances = [float(panel.below[1].split()[1]) for panel in found.panels]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 0.95
    where = {look: points(found.panels[0].svg, look)[:, 1].argmin() for look in ("real", "made")}
    assert where["real"] < where["made"], "real values are the lower ones: their peak is on the left"


def test_real_vectors_alone_and_constant_ones_are_shown_in_order():
    found = portraits(task("vector"), {"real_x": np.ones((5, 3)), "real_y": np.zeros(5)})
    assert [panel.title for panel in found.panels] == ["feature 0", "feature 1", "feature 2"]
    assert "distance" not in "".join(panel.alt for panel in found.panels)


@pytest.mark.parametrize("shape", ["channels", "csi"])
def test_the_spectrum_peaks_at_the_frequency_of_the_class(shape):
    time, y = np.arange(64) / 64, np.arange(40) % 2
    wave = np.sin(2 * np.pi * np.where(y, 16, 4)[:, None] * time)
    x = np.stack([np.zeros_like(wave), wave], 1)
    x = x if shape == "channels" else x[..., None] * np.ones(3)
    arrays = {"real_x": x, "real_y": y, "synthetic_x": x[::-1], "synthetic_y": y[::-1]}
    found = portraits(task("signal"), arrays)
    assert [(panel.title, panel.of_class) for panel in found.panels] == [("walk", "walk"), ("sit", "sit")]
    for panel, frequency in zip(found.panels, (4, 16)):
        _, spectrum = panel.svg.split("</svg>")[:2]
        for look in ("real", "made"):
            assert points(spectrum, look)[:, 1].argmin() + 1 == frequency
        assert "correlate by 1.00" in panel.alt


def test_a_class_that_is_not_synthesised_has_real_lines_alone():
    x, y = np.random.default_rng(0).normal(size=(8, 1, 30)), np.arange(8) % 2
    found = portraits(
        task("signal", "item"), {"real_x": x, "real_y": y, "synthetic_x": x[::2], "synthetic_y": y[::2]}
    )
    assert [panel.svg.count('class="made"') for panel in found.panels] == [2, 0]
    assert "correlate" not in found.panels[1].alt


def test_images_and_signals_without_labels_have_no_portrait():
    x = np.zeros((4, 1, 8, 8))
    assert portraits(task("image"), {"real_x": x, "real_y": np.zeros(4)}) is None
    assert portraits(task("signal"), {"real_x": x[:, 0], "real_y": np.full(4, -1)}) is None


def test_sets_come_from_all_of_a_class_and_stay_small():
    many = Samples(np.zeros((3000, 2), np.float32), np.repeat([0, 1, 2], 1000))
    index = some_of_each(many, 3, "vector")
    assert np.bincount(many.y[index]).tolist() == [FIRST + SET] * 3
    assert index[:FIRST].tolist() == list(range(FIRST))
    assert index[index < 1000].max() == 999
    assert len(np.unique(index)) == len(index)
    assert len(some_of_each(many, 3, "image")) == 3 * FIRST
    long = Samples(np.zeros((60, 50_000), np.float32), np.repeat([0, 1], 30))
    assert len(some_of_each(long, 2, "signal")) == 2 * (FIRST + BYTES // (2 * 200_000))
    assert some_of_each(many.without_labels(), 3, "image").tolist() == list(range(FIRST))
