"""Heads of PLY files at which Blender's reader would end the process are refused before it reads them."""

from __future__ import annotations

import pytest

from assay.generate.blender.inside.ply_header import check_ply
from tests.support.mesh_files import BOXES, ply, shape

HEAD = b"""ply
format ascii 1.0
comment \xff stoi
element vertex 3
property float x
element face 1
property list uchar int vertex_indices
end_header
0
1
2
3 0 1 2
"""


@pytest.mark.parametrize("content", [HEAD, HEAD.replace(b"\n", b"\r\n"), ply(*shape(BOXES))])
def test_good_heads_pass(content, tmp_path):
    (tmp_path / "a.ply").write_bytes(content)
    check_ply(tmp_path / "a.ply")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"vertex 3", b"ver\x01ex 3"),
        (b"vertex 3", b"vertex three"),
        (b"vertex 3", b"vertex 99999999999"),
        (b"vertex 3", b"vertex -1"),
        (b"element vertex 3\n", b""),
        (b"float x", b"flout x"),
        (b"list uchar int", b"list uchar"),
        (b"format ascii 1.0", b"format"),
        (b"ply\n", b"plz\n"),
        (b"end_header", b"end"),
    ],
)
def test_damaged_heads_are_refused(old, new, tmp_path):
    assert old in HEAD
    (tmp_path / "a.ply").write_bytes(HEAD.replace(old, new))
    with pytest.raises(ValueError, match="PLY"):
        check_ply(tmp_path / "a.ply")
