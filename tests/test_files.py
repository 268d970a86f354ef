"""The one writer: whole or not at all, nothing left behind; and no other way of writing in the house."""

from __future__ import annotations

import ast

import pytest

from assay.errors import UserError
from assay.files import at_once, replace_file, writing
from tests.support import ROOT

OTHERS = {
    "generate/blender/sets/manifest.py": "a line a picture is appended; a torn last line is read as none",
    "generate/blender/shapes/furniture.py": "inside a folder that appears at once",
    "files.py": "the writer itself",
    "runs/claims.py": "a touch says that a run is alive",
}
WRITES = {"write_text", "write_bytes", "savez", "savez_compressed", "tofile", "dump"}


def half_written(path, error):
    with at_once(path) as part:
        part.write_bytes(b"half")
        raise error


def half_filled(path, error):
    with at_once(path) as part:
        part.mkdir()
        (part / "a").write_text("a")
        raise error


def test_what_fails_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a" / "result.json"
    replace_file(path, b"old")
    with pytest.raises(KeyboardInterrupt):
        half_written(path, KeyboardInterrupt())
    assert path.read_bytes() == b"old"
    assert [child.name for child in path.parent.iterdir()] == ["result.json"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(OSError, match="half"):
        half_filled(tmp_path / "run", OSError("half"))
    assert list(tmp_path.iterdir()) == []
    for content in ("first", "second"):
        try:
            with at_once(tmp_path / "run") as part:
                part.mkdir()
                (part / "a").write_text(content)
        except OSError:
            assert content == "second"
    assert (tmp_path / "run" / "a").read_text() == "first"
    assert [child.name for child in tmp_path.iterdir()] == ["run"]


def test_a_place_that_cannot_be_written_is_the_users_to_mend(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "x"
    with pytest.raises(UserError, match=r"out: .*file/x: cannot be written \("), writing(path):
        replace_file(path, b"")


def test_nothing_in_the_house_writes_in_another_way():
    room = ROOT / "src" / "assay"
    found = {
        f"{path.relative_to(room).as_posix()}:{node.lineno}"
        for path in room.rglob("*.py")
        if "inside" not in path.parts and path.relative_to(room).as_posix() not in OTHERS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _writes(node)
    }
    assert not found, "write with assay.files (at_once, replace_file)"


def _writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in WRITES:
        first = call.args[0] if call.args else None
        return not (isinstance(first, ast.Name) and first.id == "buffer")
    modes = [*call.args[:2], *(word.value for word in call.keywords if word.arg == "mode")]
    words = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return name == "open" and any(set(word) & set("wax+") and len(word) <= 3 for word in words)
