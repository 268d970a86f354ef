from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests' own processes share the cores already
BESIDE = Path(__file__).parents[2] / "shared" / "data"


def pytest_configure() -> None:
    """Look through all that was imported for cycles more seldom than Python would, and not on the way out."""
    gc.set_threshold(700, 10, 100)


def pytest_unconfigure() -> None:
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _one_core() -> Iterator[None]:
    """Work stays in the test's own process unless it asks for several: starting one takes four seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.machine.parallel.cores", lambda: 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_power_cuts() -> Iterator[None]:
    """No write waits for the disk: no test ends in a power cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda file: None)
        yield


@pytest.fixture(scope="session")
def real_root() -> Path:
    """The folder of downloaded data sets; a test that needs it is skipped where there is none."""
    root = Path(os.environ.get("ASSAY_DATA") or BESIDE)
    if not root.is_dir():
        pytest.skip(
            "no downloaded data sets: ASSAY_DATA names no folder, and there is none beside the checkout"
        )
    return root


@pytest.fixture
def real_data(real_root, monkeypatch) -> Path:
    """The same folder, in use."""
    monkeypatch.setenv("ASSAY_DATA", str(real_root))
    return real_root
