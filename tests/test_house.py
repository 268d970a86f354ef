"""The plan of the house: rooms import rooms below, nothing runs in circles, tests stand where files do."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support import ROOT, TESTS
from tests.support.house import EXEMPT, HOUSE, INSIDE, ROOMS, circles, graph, upwards

LONE = {"support", "golden", "hostile", "__pycache__"}
"""Folders of tests that are of no room."""


@pytest.fixture(scope="module")
def imports():
    return graph()


def test_each_room_imports_only_rooms_below_it(imports):
    assert upwards(imports, "", ROOMS) == []


@pytest.mark.parametrize("room", INSIDE)
def test_inside_a_room_too(imports, room):
    assert upwards(imports, room, INSIDE[room]) == []


def test_no_file_imports_itself_by_way_of_others(imports):
    assert circles(imports) == []


def test_a_planted_circle_and_a_planted_import_upwards_are_found(imports):
    low, high = HOUSE / "metrics" / "ssim.py", HOUSE / "methods" / "ssim_filter.py"
    planted = {**imports, low: {*imports[low], high}}
    assert "metrics/ssim.py imports methods/ssim_filter.py" in upwards(planted, "", ROOMS)
    assert "metrics/ssim.py and methods/ssim_filter.py" in circles(planted)


def test_packages_are_faces_that_define_nothing():
    for path in HOUSE.rglob("__init__.py"):
        if path.parent != HOUSE and not path.is_relative_to(EXEMPT):
            body = ast.parse(path.read_text()).body
            assert [type(node) for node in body] == [ast.Expr], f"{path}: a docstring, and nothing else"


def test_every_folder_of_tests_is_that_of_a_room():
    for folder in (path for path in TESTS.rglob("*") if path.is_dir()):
        own = folder.relative_to(TESTS)
        if not LONE & set(own.parts):
            assert (HOUSE / own).is_dir(), f"tests/{own}: no such room"


def test_contributing_lists_the_rooms_as_they_call_themselves():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| `([\w/.]+)` \| (.*) \|$", text, re.MULTILINE)
    rooms = {f"{path.name}/": path / "__init__.py" for path in HOUSE.iterdir() if path.is_dir()}
    rooms |= {path.name: path for path in HOUSE.glob("[a-z]*.py")}
    rooms = {name: path for name, path in rooms.items() if path.is_file()}
    first = {name: _first_line(path.read_text()) for name, path in rooms.items()}
    assert dict(rows) == first
    order = [name.removesuffix("/").removesuffix(".py") for name, _ in rows]
    assert order == [room for room in reversed(ROOMS) if room in order], "from the top down"


def _first_line(text: str) -> str:
    return str(ast.get_docstring(ast.parse(text))).splitlines()[0]


def test_every_file_that_a_walk_passes_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Three walks")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_]+/[\w/]+\.py|[a-z_]+\.py)`", text)
    assert len(named) >= 20
    assert [name for name in named if not (HOUSE / name).is_file()] == []
