"""Settings rebuilt from text are the real ones, and what is wrong is refused without PyTorch."""

from __future__ import annotations

import dataclasses
import importlib
import re
import subprocess
import sys
import typing

import pytest

from assay.outline import table, value

TABLES = [
    ("methods/table.py", "METHODS"),
    ("models/table.py", "BACKBONES"),
    ("generate/table.py", "GENERATORS"),
    ("generate/table.py", "TASKS"),
]
CLASSES = [
    ("methods/training.py", "Training"),
    ("quality/score.py", "Scoring"),
    ("generate/blender/weighting/rounds.py", "Weighting"),
]
REFUSED = [
    ("compare gone.npz -s made.npz", "no such file or folder"),
    ("compare digits -s gone.npz", "gone.npz"),
    ("compare digits -m tea", "unknown method 'tea'"),
    ("compare digits -s digits-rendered -m mixed:tea=1", "unknown option 'tea'"),
    ("compare digits -s digits-rendered -m mixed:warm_up=2", "warm_up=2"),
    ("compare digits -s digits-rendered:tea=1", "unknown option 'tea'"),
    ("compare digits:tea=1", "unknown option 'tea'"),
    ("compare digits --backbone tea", "unknown backbone 'tea'"),
    ("compare digits --backbone gone.py:build", "gone.py: no such file"),
    ("compare digits --backbone torch_gone.nn:Net", "no module named 'torch_gone.nn'"),
    ("compare digits -m real_only@tea", "unknown backbone 'tea'"),
    ("compare digits -m gone.py:Mine", "method gone.py:Mine: gone.py: no such file"),
    ("compare digits --training epochs=0", "epochs=0"),
    ("compare digits --training epochs=1,steps=2,epochs=3", "'epochs' is given twice"),
    ("compare digits --training augment=tea", "augment=tea"),
    ("compare digits --training augment=gone.py:shake", "augmentation gone.py:shake: gone.py: no such file"),
    ("compare digits --device gpu", "device: gpu"),
    ("compare pyproject.toml", "pyproject.toml"),
    ("score digits digits-rendered --scoring repeats=0", "repeats=0"),
    ("advise digits digits-rendered --ratios 0,1", "--ratios: 0"),
    ("generate tea digits", "unknown generator 'tea'"),
    ("generate rf-diffusion:heads=3 digits", "heads=3: expected a divisor"),
    ("pretrain gone", "'gone'"),
    ("pretrain digits -s gone.py:make", "generator gone.py:make: gone.py: no such file"),
    ("bench tea", "study: unknown: tea"),
    ("bench syncheck-overall --preset huge", "--preset: unknown: huge"),
    ("bench syncheck-overall --only tea=1", "--only: tea=1"),
    ("bench syncheck-overall --only seed=1,seed=2", "--only: 'seed' is given twice"),
    ("bench rendered-factors --only seed=1,seed=2", "--only: 'seed' is given twice"),
    ("bench rendered-adaptation --training epochs=0", "epochs=0"),
    ("bench rendered-factors --only tea=1", "--only: tea=1"),
    ("bench syncheck-overall --retry all", "--retry: all"),
    ("train digits", "method: none given"),
    ("train digits -m tea", "unknown method 'tea'"),
    ("train digits -m real_only -o model.pt", "model.pt: expected a name that ends in .safetensors"),
    ("predict gone.safetensors digits", "gone.safetensors: no such file"),
    ("select digits digits-rendered -m tea", "unknown method 'tea'"),
    ("select digits digits-rendered --training epochs=0", "epochs=0"),
    ("report gone", "no compare.json"),
    ("data check gone.npz", "gone.npz"),
]


def told(hint: object) -> str:
    """A type in words that do not say where its parts are defined."""
    return re.sub(r"[\w.]*\.(\w+)", r"\1", str(hint))


@pytest.mark.parametrize(("file", "name"), TABLES)
def test_every_entry_of_a_table_is_rebuilt_whole(file, name):
    real = getattr(importlib.import_module(f"assay.{file[:-3].replace('/', '.')}"), name)
    rebuilt = table(file, name)
    assert list(rebuilt) == list(real)
    for key, settings in real.items():
        check_alike(rebuilt[key], settings)


@pytest.mark.parametrize(("file", "name"), CLASSES)
def test_a_class_is_rebuilt_whole(file, name):
    real = getattr(importlib.import_module(f"assay.{file[:-3].replace('/', '.')}"), name)
    check_alike(value(file, name)(), real())


def check_alike(rebuilt, real):
    assert type(rebuilt) is not type(real)
    assert repr(rebuilt) == repr(real)
    hints = [typing.get_type_hints(type(each), include_extras=True) for each in (rebuilt, real)]
    fields = [field.name for field in dataclasses.fields(real)]
    assert [told(hints[0][name]) for name in fields] == [told(hints[1][name]) for name in fields]


def test_mistakes_are_refused_without_pytorch(tmp_path):
    code = f"""
import contextlib, io, sys
from assay.cli.main import main
for words, said in {REFUSED!r}:
    sys.argv, errors = ["assay", *words.split()], io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            main()
    except SystemExit as end:
        assert end.code == 2, (words, end.code)
    assert said in errors.getvalue(), (words, errors.getvalue())
    assert "torch" not in sys.modules, words
"""
    (tmp_path / "pyproject.toml").write_text("no data")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"], "nothing is written"
