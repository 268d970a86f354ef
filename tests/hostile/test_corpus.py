"""Every input of the corpus is read or refused in one line that names it, in little time and memory."""

from __future__ import annotations

import re
import signal
import warnings
from pathlib import Path

import pytest

from assay.errors import UserError
from tests.hostile.corpus import READ, Case
from tests.hostile.readers import READERS
from tests.hostile.table import CASES, SLOW

SECONDS, MIB = 20, 1024


def too_slow(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


@pytest.fixture
def hurried():
    before = signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def peak() -> int:
    """The most memory of this process, MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def marked(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name


@pytest.mark.parametrize("name", [marked(name) for name in CASES])
def test_input(name: str, tmp_path: Path, hurried: None) -> None:
    case: Case = CASES[name]
    path, before, said = case.make(tmp_path), peak(), None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            READERS[case.reader](path)
        except UserError as error:
            said = str(error)
    assert peak() - before < MIB
    if case.told == READ:
        assert said is None
    elif case.told:
        assert said is not None, "taken"
        assert re.search(case.told, said), said
    if said is not None:
        assert "\n" not in said
        assert path.name in said or any(part.name in said for part in tmp_path.rglob("*"))


def test_there_are_three_hundred_inputs_and_most_are_refused_by_name() -> None:
    assert len(CASES) >= 300
    assert sum(case.told not in ("", READ) for case in CASES.values()) > len(CASES) / 3
