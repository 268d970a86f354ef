"""The plan of the house: rooms import rooms below, nothing runs in circles, tests stand where files do."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

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


def walks() -> list[list[str]]:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Three walks")[2].partition("\n## ")[0]
    found = [re.findall(r"`([\w/]+\.py)`", part) for part in text.split("\n\n")]
    return [walk for walk in found if walk]


def test_every_file_that_a_walk_passes_is_there():
    assert len(walks()) == 3
    assert [name for walk in walks() for name in walk if not (HOUSE / name).is_file()] == []


def test_a_walk_goes_down_the_house_and_climbs_twice_at_most():
    for walk in walks():
        heights = [_height(name) for name in walk]
        assert sum(b > a for a, b in pairwise(heights)) <= 2, walk


def _height(name: str) -> tuple[int, int]:
    """Place of a file's room, and its place inside a room that has an order of its own."""
    for room, order in INSIDE.items():
        if name.startswith(f"{room}/"):
            inside = name.removeprefix(f"{room}/").partition("/")[0].removesuffix(".py")
            return ROOMS.index(room.partition("/")[0]), order.index(inside) if inside in order else -1
    return ROOMS.index(name.partition("/")[0].removesuffix(".py")), 0
