"""What a comparison says before, while and after it runs."""

from __future__ import annotations

import dataclasses

import pytest

from assay.comparison.compare import compare
from assay.runs import progress
from tests.support.toys import FAST, MLP, blob_task, blobs


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What the bar says."""
    lines = []

    class Meter:
        drawn = False

        def say(self, line):
            lines.append(line)

        def show(self, done, total):
            """No bar."""

        def close(self):
            """Nothing to take down."""

    monkeypatch.setattr(progress, "meter", lambda what: Meter())
    return lines


def test_a_comparison_says_how_long_it_will_take_and_how_long_it_took(said, tmp_path):
    training = dataclasses.replace(FAST, epochs=1, steps=40)
    options = {"methods": ["mixed"], "backbone": MLP, "training": training, "out": tmp_path, "workers": 1}
    compare(blob_task(), blobs(24, 9), seeds=3, **options)
    assert said[0].startswith("6 runs, about 0:00:0")
    assert said[1].startswith("real_only, seed 0: ")
    assert said[-1].startswith("6 runs in 0:00:0")
    said.clear()
    compare(blob_task(), blobs(24, 9), seeds=3, **options)
    assert said == ["6 of 6 runs were finished before and are kept"]
