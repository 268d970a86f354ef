"""Code of one's own opens where none of its files are."""

from __future__ import annotations

import pickle
import subprocess
import sys

import cloudpickle

from assay.own.place import place_of
from assay.own.travel import modules_by_name, packed

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


def test_code_that_says_torch_and_classes_goes_to_workers(tmp_path):
    """`torch.classes`, `torch.ops` and others are modules of kinds of their own."""
    (tmp_path / "travel_torch.py").write_text(
        "import torch\n"
        "def run(setup):\n"
        "    return torch.zeros(setup.classes).cudnn or torch.ones(setup.ops) * setup.backends\n"
    )
    function = place_of(f"{tmp_path}/travel_torch.py:run").load("method")
    modules_by_name()
    assert pickle.loads(cloudpickle.dumps(function)).__code__.co_names == function.__code__.co_names
