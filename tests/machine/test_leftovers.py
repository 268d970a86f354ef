"""What dead processes left in memory goes; what a living one has there stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from assay.machine.leftovers import sweep
from assay.processes import started


def test_only_the_folders_of_dead_processes_of_this_machine_are_swept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host, own = socket.gethostname(), f"{os.getpid()}-{started(os.getpid()) or 0}"
    kept = [f"assay-{host}-{own}", "assay-elsewhere-1-1", f"other-{host}-{ended.pid}-1", f"assay-{host}-x-1"]
    gone = [f"assay-{host}-{ended.pid}-1", f"assay-{host}-{os.getpid()}-1"]
    for name in (*kept, *gone):
        (tmp_path / name / "joblib").mkdir(parents=True)
        (tmp_path / name / "joblib" / "data.pkl").write_bytes(b"x")
    sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == set(kept) | (set() if started(os.getpid()) else {gone[1]})
