"""What an installed package offers is listed and used by its names; the example package is one."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import assay
from assay.own.installed import check_named, installed
from assay.quality import keeping
from assay.quality.own_metrics import own_measures
from assay.runs.progress import Silent
from tests.support import ROOT
from tests.support.toys import FAST, blob_task, blobs

NAMES = {
    "generator": "echo",
    "method": "some_of_it",
    "backbone": "thin",
    "metric": "mean_apart",
    "augmentation": "louder",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The example package as pip lays it out: its modules, and a folder of metadata beside them."""
    source = ROOT / "examples" / "plugin"
    (tmp_path / "assay_example").symlink_to(source / "src" / "assay_example")
    about = tmp_path / "assay_example-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: assay-example\nVersion: 0.1.0\n")
    (about / "entry_points.txt").write_text(_entry_points((source / "pyproject.toml").read_text()))
    monkeypatch.syspath_prepend(tmp_path)
    installed.cache_clear()
    yield tmp_path
    installed.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "assay_example"]:
        del sys.modules[name]


def _entry_points(project: str) -> str:
    import tomllib

    groups = tomllib.loads(project)["project"]["entry-points"]
    lines = [f"[{g}]\n" + "\n".join(f"{k} = {v}" for k, v in points.items()) for g, points in groups.items()]
    return "\n".join(lines) + "\n"


def test_its_names_are_listed_and_found(package):
    assert {what: list(installed(what)) for what in NAMES} == {what: [name] for what, name in NAMES.items()}
    for what, name in NAMES.items():
        check_named(f"{name}:share=0.1", {}, what)
    with pytest.raises(assay.UserError, match="unknown method 'tea'"):
        check_named("tea", {}, "method")


def test_a_comparison_uses_them(package, tmp_path):
    task = blob_task()
    made = assay.open_synthetic("echo:noise=0.1", task)
    assert (made.origin >= 0).all()
    methods = ["some_of_it:share=0.25", "random_filter"]
    options = {
        "backbone": "thin:width=6",
        "training": dataclasses.replace(FAST, epochs=1, steps=4, augment="louder:most=0.3"),
    }
    result = assay.compare(
        task, made, methods=methods, seeds=1, workers=1, out=tmp_path / "runs", watcher=Silent(), **options
    )
    assert [run["error"] for run in result.runs] == [None, None, None]
    used = {row["method"]: row["used"] for row in result.rows() if row["selection"] == "last"}
    assert 180 < used["some_of_it:share=0.25"] < 320, "of a thousand"
    assert used["random_filter (some_of_it:share=0.25)"] == used["some_of_it:share=0.25"]
    assert result.info["backbone"]["name"] == "thin:width=6"
    assert result.info["training"]["augment"]["name"] == "louder:most=0.3"
    with pytest.raises(assay.UserError, match="method some_of_it:tea=1: unknown option 'tea'"):
        assay.compare(task, made, methods=["some_of_it:tea=1"], out=tmp_path / "none")


def test_a_filter_of_ones_own_selects(package, monkeypatch):
    monkeypatch.setattr(
        keeping, "in_processes", lambda function, calls, *_, **__: (function(*c) for c in calls)
    )
    made = blobs(80, 3)
    training = dataclasses.replace(FAST, epochs=1, steps=1)
    kept = assay.select(blob_task(), made, "some_of_it:share=0.25", seeds=1, training=training)
    assert 8 < kept.kept.sum() < 36
    assert set(kept.reason.tolist()) == {"kept by 1 of 1 models", "left out by the filter: kept by 0 of 1"}
    with pytest.raises(assay.UserError, match="method mixed: selects no synthetic items"):
        assay.select(blob_task(), made, "mixed")
    with pytest.raises(assay.UserError, match=r"unknown method 'tea'; known: .*agreement"):
        assay.select(blob_task(), made, "tea")


def test_a_metric_is_a_measure(package):
    [measure] = own_measures(["mean_apart"])
    reference = SimpleNamespace(alike=SimpleNamespace(features=np.array([[2.0, 2.0], [0.0, 0.0]])))
    examined = SimpleNamespace(reference=reference, few=SimpleNamespace(features=np.zeros((3, 2))))
    assert measure.function(examined) == pytest.approx(2**0.5)
    with pytest.raises(assay.UserError, match=r"metric <lambda>: ValueError: .*read-only"):
        own_measures([lambda a, b: a.sort(0)])[0].function(examined)
    assert (measure.name, measure.better, measure.worst) == ("mean_apart", "lower", "noise")
    assert measure.meaning.startswith("Distance of the means of two sets of features (n, d)")
    with pytest.raises(assay.UserError, match=r"metric int: int; expected a function of two arrays"):
        own_measures([3])


@pytest.mark.slow
def test_pip_installs_it_and_the_command_line_lists_it(tmp_path):
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
    subprocess.run([*pip, "--target", tmp_path, ROOT / "examples" / "plugin"], check=True)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from assay.cli.main import main; main()"
    said = subprocess.check_output([sys.executable, "-c", code, "plugins", "--json"], text=True)
    plugins = {(found["kind"], found["name"], found["package"]) for found in json.loads(said)["plugins"]}
    assert plugins == {(what, name, "assay-example 0.1.0") for what, name in NAMES.items()}
