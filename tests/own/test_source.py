"""What a run of one's own code is known by: the same code is the same, changed code is not."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from assay.own.place import Place, place_of, read_options
from assay.own.source import told

CODE = """
import helper
SCALE = 2
TABLE = None

class Base:
    def run(self):
        return SCALE

class Net(Base):
    pass

def inner():
    return SCALE

def build(shape, net=Net):
    return helper.width() * inner()

def beside():
    return 1
"""
CHANGES = [
    ("SCALE = 2", "SCALE = 3"),
    ("return SCALE\n\nclass", "return SCALE + 1\n\nclass"),
    ("net=Net", "net=None"),
]


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "helper.py").write_text("def width():\n    return 8\n")

    def loaded(text, helper=None):
        for name in ("own_code", "helper"):
            sys.modules.pop(name, None)
        (tmp_path / "own_code.py").write_text(text)
        if helper:
            (tmp_path / "helper.py").write_text(helper)
        importlib.invalidate_caches()
        __import__("linecache").clearcache()
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        try:
            return importlib.import_module("own_code")
        finally:
            sys.dont_write_bytecode = before

    return loaded


def test_a_change_in_what_a_function_uses_changes_it_and_one_beside_it_does_not(module):
    first = told(module(CODE).build)
    assert first.lasting
    assert told(module(CODE).build) == first
    assert told(module(CODE.replace("return 1", "return 2")).build) == first, "nothing that it uses"
    for old, new in CHANGES:
        assert old in CODE
        assert told(module(CODE.replace(old, new)).build) != first, old
    assert told(module(CODE, "def width():\n    return 9\n").build) != first, "in a module of one's own"


def test_values_that_a_function_closes_over_are_part_of_it():
    def maker(width):
        return lambda shape: nn.Linear(shape[0], width)

    assert told(maker(3)) == told(maker(3))
    assert told(maker(3)) != told(maker(4))
    assert not told(maker(3)).lasting, "a lambda is told by its instructions"

    def array(values):
        return lambda: values

    assert told(array(np.zeros(3))) != told(array(np.ones(3)))


def test_two_lambdas_on_one_line_are_two():
    one, other = (lambda shape: shape[0] + 1), (lambda shape: shape[0] + 2)
    assert told(one) != told(other)


def test_a_module_is_told_by_its_structure_and_weights():
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    first = told(network)
    assert told(network) == first
    with torch.no_grad():
        network.weight[0, 0] += 1
    assert told(network) != first


def test_another_process_tells_the_same_of_a_script(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from assay.own.source import told\n"
        "class Net:\n    def __init__(self, w):\n        self.w = w\n"
        "W = 3\ndef build(shape):\n    return Net(W)\n"
        "print(told(build), told(lambda s: Net(W)))\n"
    )
    said = {subprocess.check_output([sys.executable, script], text=True) for _ in range(2)}
    assert len(said) == 1
    assert "lasting=False" in said.pop()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sklearn.ensemble:RandomForestClassifier", Place("sklearn.ensemble", "RandomForestClassifier")),
        ("nets/my.py:Big.small:width=3,on=true", Place("nets/my.py", "Big.small", "width=3,on=true")),
        (r"C:\nets\my.py:build", Place(r"C:\nets\my.py", "build")),
        ("resnet1d:depth=18", None),
        ("mine.npz", None),
        ("photos:level=2,deep=true", None),
        ("digits", None),
    ],
)
def test_places_are_told_from_options(text, place):
    assert place_of(text) == place


def test_options_are_read_as_python_and_as_assay_writes_them():
    assert read_options("a=3,b=0.5,c=true,d=None,e=word", "x") == {
        "a": 3,
        "b": 0.5,
        "c": True,
        "d": None,
        "e": "word",
    }
