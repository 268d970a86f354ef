"""Every reader under random damage for a while: a value, or one line of refusal, and soon.

`ASSAY_FUZZ_SECONDS` says how long a reader is tried: 0.03 s by default, 20 s in the slow tests.
"""

from __future__ import annotations

import os
import random
import time
import warnings
from pathlib import Path

import pytest

from assay.errors import UserError
from tests.hostile.fuzz_readers import NAMES, Read, readers
from tests.hostile.fuzz_stored import SLOW
from tests.hostile.mutation import damaged, damaged_inside
from tests.hostile.test_corpus import MIB, peak

LONGEST = 5
"""Seconds that one input of some kilobytes may take."""


def refusal(read: Read, path: Path) -> str:
    """The one line in which a file is refused; empty if it is read."""
    said = ""
    try:
        read(path)
    except UserError as error:
        said = str(error)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}: {path.read_bytes()[:3000]!r}") from error
    assert len(said.splitlines()) < 2, (said, path.read_bytes()[:3000])
    return said


def fuzzed(name: str, folder: Path, seconds: float) -> tuple[int, int]:
    """How many inputs were tried, and how many of them refused."""
    file, read, seeds = readers(folder)[name]
    good, rng, tried, refused = seeds(), random.Random(name), 0, 0
    path, end = folder / "given" / file, time.monotonic() + seconds
    path.parent.mkdir(parents=True)
    while time.monotonic() < end:
        content = rng.choice(good)
        for _ in range(rng.choice((1, 1, 2, 4)) if tried else 0):
            content = rng.choice((damaged, damaged_inside))(content, rng)
        path.write_bytes(content)
        tried, start = tried + 1, time.monotonic()
        said = refusal(read, path)
        assert tried > 1 or not said, f"the good one is refused: {said}"
        refused += bool(said)
        assert time.monotonic() - start < LONGEST, content[:3000]
    return tried, refused


def check(name: str, folder: Path, seconds: float) -> None:
    before = peak()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        tried, refused = fuzzed(name, folder, seconds)
    print(f"{name}: {tried} tried, {refused} refused, {peak() - before} MiB more")
    assert peak() - before < MIB


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SLOW])
def test_damage_is_read_or_refused_in_a_line(name, tmp_path):
    check(name, tmp_path, float(os.environ.get("ASSAY_FUZZ_SECONDS", "0.03")))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_damage_for_long_is_read_or_refused_in_a_line(name, tmp_path):
    check(name, tmp_path, float(os.environ.get("ASSAY_FUZZ_SECONDS", "20")))
