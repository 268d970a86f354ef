"""What commands of this room read, made once a module."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import command


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Synthetic digits."""
    path = tmp_path_factory.mktemp("made") / "made.npz"
    command.ended(["generate", "digits-rendered", "-n", "200", "-o", path])
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> Path:
    """A folder in which `places.made_for` puts what commands read, when one needs it."""
    return tmp_path_factory.mktemp("places")
