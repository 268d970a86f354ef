"""Damage to a MATLAB file that would end the process inside scipy is refused before."""

from __future__ import annotations

import io

import numpy as np
import pytest
from scipy.io import savemat

from assay.errors import UserError
from assay.signal.formats.arrays import read_mat


def stored(**options) -> bytes:
    buffer = io.BytesIO()
    cells = np.empty(2, dtype=object)
    cells[:] = [np.arange(3), "text"]
    savemat(buffer, {"x": np.ones((4, 3)), "c": cells, "s": {"a": 1.5}, "z": np.ones(2) * 1j}, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_cells_structs_and_complex_numbers_pass(tmp_path, packed):
    (tmp_path / "a.mat").write_bytes(stored(do_compression=packed))
    assert set(read_mat(tmp_path / "a.mat")) == {"x", "c", "s", "z"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ((9, 96), (0, 96), "an element of type 0"),
        ((9, 96), (524, 96), "an element of type 524"),
        ((9, 96), (9, 9600), "ends behind"),
    ],
)
def test_a_damaged_element_is_refused(tmp_path, old, new, told):
    content = stored()
    old, new = (np.array(pair, "<u4").tobytes() for pair in (old, new))
    assert old in content
    (tmp_path / "a.mat").write_bytes(content.replace(old, new, 1))
    with pytest.raises(UserError, match=told):
        read_mat(tmp_path / "a.mat")
