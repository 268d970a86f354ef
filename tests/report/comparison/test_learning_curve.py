"""The curve over several comparisons: a line a method, where it was tried, at its own height."""

from __future__ import annotations

from dataclasses import replace

import pytest

import assay
from assay.report.comparison import learning_curve as drawn
from assay.runs.progress import Silent
from tests.support.toys import FAST, MLP, blob_task, blobs

SHORT = replace(FAST, epochs=1, steps=4)


def test_every_method_is_a_line_through_its_means(tmp_path, monkeypatch):
    quiet = {"training": SHORT, "backbone": MLP, "workers": 1, "watcher": Silent(), "out": tmp_path}
    results = {
        n: assay.compare(blob_task(labelled=n, unlabelled=0), blobs(20, 9), methods=methods, seeds=2, **quiet)
        for n, methods in ((8, ["mixed"]), (40, ["mixed", "synthetic_only"]))
    }
    figures = []
    monkeypatch.setattr(drawn, "svg", lambda draw, *size: figures.append(draw) or b"")
    drawn.learning_curve(results, "labelled items")
    axes = axes_of(figures[0])
    lines = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    assert {name: len(line.get_xdata()) for name, line in lines.items()} == {
        "real_only": 2,
        "mixed": 2,
        "synthetic_only": 1,
    }
    for place, n in enumerate(results):
        rows = [
            r["accuracy"] for r in results[n].rows() if r["method"] == "mixed" and r["selection"] == "last"
        ]
        assert lines["mixed"].get_ydata()[place] == pytest.approx(100 * sum(rows) / 2)
        assert lines["mixed"].get_xdata()[place] == pytest.approx(n, rel=0.1)
    assert axes.get_xlabel() == "labelled items"


def axes_of(draw):
    from matplotlib.figure import Figure

    figure = Figure()
    draw(figure)
    return figure.axes[0]
