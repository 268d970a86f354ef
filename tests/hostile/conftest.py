"""What commands of this room read, made once a module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Synthetic digits."""
    path = tmp_path_factory.mktemp("made") / "made.npz"
    words = ["generate", "digits-rendered", "-n", "200", "-o", path]
    subprocess.run([sys.executable, "-m", "assay", *words], check=True, timeout=100)
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> Path:
    """A folder in which `places.made_for` puts what commands read, when one needs it."""
    return tmp_path_factory.mktemp("places")
