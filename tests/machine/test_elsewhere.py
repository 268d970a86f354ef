"""The main job on machines that lack what Linux has, one thing at a time; only `machine/` asks for it."""

from __future__ import annotations

import ast
import os
import re
import signal
import sys
from pathlib import Path

import pytest
import torch

import assay
from assay import processes
from assay.errors import UserError
from assay.machine import leftovers, memory
from assay.machine.parallel import cores
from assay.methods.training import Training
from assay.models.device import chosen_device
from assay.models.precision import uses_bf16
from assay.runs.progress import Silent
from tests.support.house import HOUSE
from tests.support.toys import MLP, blob_task, blobs

ONLY_THERE = r"sched_getaffinity|ru_maxrss|/dev/shm|/proc/|killpg|\bfcntl\b|import resource|SIGKILL"
REMOVED = {"imp", "distutils", "asynchat", "asyncore", "smtpd", "cgi", "crypt", "pipes", "telnetlib"}
REMOVED |= {"pkg_resources"}
"""Modules that Python 3.12 to 3.14 no longer have, and one that comes with them no longer."""
GONE = (
    r"utcnow\(|utcfromtimestamp|\.find_module\(|ast\.(Num|Str|Bytes|NameConstant|Ellipsis)\b|"
    r"pkgutil\.(find|get)_loader|assertEquals|SafeConfigParser|locale\.resetlocale|typing\.(io|re)\b|"
    r"get_event_loop\(|\.get_child_watcher|onerror=|from collections import (Mapping|Sequence)\b"
)
"""What they removed from modules that stay, or warn of (PEP 594, PEP 632, "What's New" of each)."""


def outside() -> list[Path]:
    return [p for p in HOUSE.rglob("*.py") if not p.is_relative_to(HOUSE / "generate" / "blender")]


def test_only_machine_asks_for_what_other_systems_lack():
    files = [path for path in outside() if path.parent.name != "machine" and path.name != "processes.py"]
    assert [str(path) for path in files if re.search(ONLY_THERE, path.read_text(encoding="utf-8"))] == []


def test_nothing_is_used_that_later_versions_of_python_removed():
    for path in HOUSE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(GONE, text), path
        if not re.search(rf"import.*\b({'|'.join(REMOVED)})\b|from ({'|'.join(REMOVED)})\b", text):
            continue  # to parse takes its time
        nodes = list(ast.walk(ast.parse(text)))
        names = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
        names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
        assert not {name.partition(".")[0] for name in names} & REMOVED, path


def without_affinity(patch):
    patch.delattr(os, "sched_getaffinity", raising=False)
    assert cores() == os.cpu_count()


def without_resource(patch):
    patch.setitem(sys.modules, "resource", None)
    assert memory.peak_mib() == 0
    assert memory.memory() > 2**28


def without_shared_memory(patch):
    patch.setattr(leftovers, "SHARED", Path("/nowhere/shm"))
    leftovers.shared_folder.cache_clear()


def without_proc(patch):
    patch.setattr(processes, "Path", lambda _: Path("/nowhere"))
    assert processes.started(os.getpid()) == ""
    assert processes.is_alive(os.getpid())


def without_signals(patch):
    for name in ("SIGHUP", "SIGKILL", "SIGUSR1"):
        patch.delattr(signal, name, raising=False)
    for name in ("killpg", "setsid", "getpgid", "fork", "sysconf", "geteuid"):
        patch.delattr(os, name, raising=False)


def without_locks(patch):
    patch.setitem(sys.modules, "fcntl", None)


WITHOUT = [
    *(without_affinity, without_resource, without_shared_memory),
    *(without_proc, without_signals, without_locks),
]


@pytest.mark.parametrize("take_away", WITHOUT)
def test_the_main_job_runs_without(take_away, tmp_path, monkeypatch):
    take_away(monkeypatch)
    training = Training(epochs=1, steps=2, batch=8, precision="fp32")
    options = {"methods": ["mixed"], "seeds": 1, "backbone": MLP, "training": training, "workers": 1}
    result = assay.compare(blob_task(), blobs(16, 5), out=tmp_path, watcher=Silent(), **options)
    assert [run["error"] for run in result.runs] == [None, None]
    leftovers.shared_folder.cache_clear()


def test_memory_is_told_in_the_units_of_the_system(monkeypatch):
    here = memory.peak_mib()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.peak_mib() == pytest.approx(here / 1024, rel=0.05), "bytes there, KiB here"


def test_apples_device_is_taken_on_request_alone(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert chosen_device("mps") == "mps"
    assert chosen_device(None) == "cpu"
    assert not uses_bf16("auto", "mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"device: mps; known: cpu, cuda, mps; here: cpu$"):
        chosen_device("mps")
