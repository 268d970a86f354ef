"""Formatting, lint and types, as `ruff format --check . && ruff check . && mypy` would check them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT


@pytest.mark.parametrize("command", ["ruff format --check .", "ruff check .", "mypy"])
def test_the_code_is_in_order(command):
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay" / "mypy"
    environment = {"MYPY_CACHE_DIR": str(kept), **os.environ}  # a new clone need not look at PyTorch again
    words = [sys.executable, "-m", *command.split()]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_assay_imports_nothing_heavy():
    code = "import sys, assay; print([m for m in ('torch', 'numpy', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_imported():
    import assay
    import assay.cli.main
    import assay.generate
    import assay.report

    names = [name for name in assay.__all__ if name != "__version__"]
    assert [name for name in names if not callable(getattr(assay, name))] == [], "a room hides a name"
