"""Code of one's own opens where none of its files are."""

from __future__ import annotations

import subprocess
import sys

import cloudpickle

from assay.own.place import place_of
from assay.own.travel import packed

OPEN = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(3))"


def test_a_file_and_what_it_imports_from_beside_it_travel_inside(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "travel_beside.py").write_text("FACTOR = 7\ndef times(x):\n    return FACTOR * x\n")
    (tmp_path / "travel_mine.py").write_text(
        "import travel_beside\nfrom travel_beside import times\n"
        "def run(x):\n    return times(x) + travel_beside.FACTOR\n"
    )
    for text in (f"{tmp_path}/travel_mine.py:run", "travel_mine:run"):
        data = packed(place_of(text).load("method"))
        said = subprocess.run(
            [sys.executable, "-c", OPEN], input=data, capture_output=True, cwd="/", check=True
        )
        assert said.stdout == b"28\n"
    assert "travel_beside" not in cloudpickle.list_registry_pickle_by_value(), "for that time alone"
    for name in [name for name in sys.modules if "travel_mine" in name or "travel_beside" in name]:
        del sys.modules[name]
