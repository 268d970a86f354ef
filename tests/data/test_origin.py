"""The real item that a synthetic one was made from: kept in files, in choices of items, and in their hash."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from assay.data.table import read_synthetic
from assay.errors import UserError
from assay.generate.files import npz_bytes
from assay.types import UNKNOWN, Samples
from tests.support.toys import blob_task, blobs

TASK = blob_task(labelled=12, shots=4)


def made(origin) -> Samples:
    return dataclasses.replace(blobs(8, 9), origin=np.asarray(origin))


def test_a_file_carries_the_origins_that_are_known(tmp_path):
    path = tmp_path / "made.npz"
    path.write_bytes(npz_bytes(made(np.arange(8, 16)), TASK.classes, {}))
    assert read_synthetic(path, TASK).origin.tolist() == list(range(8, 16))
    path.write_bytes(npz_bytes(blobs(8, 9), TASK.classes, {}))
    assert "origin" not in np.load(path)
    assert (read_synthetic(path, TASK).origin == UNKNOWN).all()


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ([16] * 8, "origin: 16 of item 0; expected -1 to 15"),
        ([0.5] * 8, "origin: 0.5"),
        (["a"] * 8, "origin: dtype"),
        ([0, 1], "origin: shape"),
    ],
)
def test_impossible_origins_are_refused(tmp_path, origin, message):
    path, items = tmp_path / "made.npz", blobs(8, 9)
    np.savez(path, x=items.x, y=items.y, origin=np.array(origin))
    with pytest.raises(UserError, match=message):
        read_synthetic(path, TASK)


def test_origins_go_where_their_items_go_and_labels_do_not_hide_in_them():
    items = made([3, 1, 2, 0, 3, 1, 2, UNKNOWN])
    assert items[np.array([7, 0])].origin.tolist() == [UNKNOWN, 3]
    assert items.joined(blobs(2, 1)).origin.tolist()[-3:] == [UNKNOWN] * 3
    assert (items.without_labels().origin == UNKNOWN).all()


def test_only_known_origins_are_part_of_the_content():
    assert made([UNKNOWN] * 8).digest() == blobs(8, 9).digest()
    assert len({made([place] * 8).digest() for place in (UNKNOWN, 0, 1)}) == 3
