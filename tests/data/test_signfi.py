from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from assay.data import signfi
from assay.data.signfi import SignFi, protocol_arrays, read_signfi
from assay.errors import UserError

BLOCK, SMALL = 1500, (4, 2, 3)


@pytest.fixture(autouse=True, scope="module")
def _small_items():
    """Items of 4 × 2 × 3 instead of 200 × 30 × 3, so that files stay small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signfi, "SHAPE", SMALL)
        yield


@pytest.fixture(scope="module")
def arrays():
    """A file of the published layout: each item's value tells its user, sign and place in the file."""
    rng = np.random.default_rng(0)
    label = np.concatenate([rng.permutation(np.repeat(np.arange(1, 151), 10)) for _ in range(5)])
    place = np.tile(np.arange(BLOCK), 5)
    data = {"label": label.copy()}
    for user in range(1, 6):
        rows = slice(BLOCK * (user - 1), BLOCK * user)
        value = (1000 * user + label[rows] + 0.9 * place[rows] / BLOCK).astype(np.complex64) * np.exp(0.7j)
        data[f"csi{user}"] = np.broadcast_to(value, (*SMALL, BLOCK))
        data["label"][rows][-250:] += 128
    data["label"] = data["label"][:, None]
    return data


@pytest.fixture(scope="module", params=["v5", "v7.3"])
def path(request, arrays, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    (root / "signfi").mkdir()
    path = root / signfi.FILE
    small = {key: value if key == "label" else np.ascontiguousarray(value) for key, value in arrays.items()}
    wanted = {key: value for key, value in small.items() if key not in ("csi4", "csi5")}
    if request.param == "v5":
        savemat(path, wanted)
    else:
        save_v73(path, wanted)
    return path


def save_v73(path, data) -> None:
    """As MATLAB does: a 512-byte header, axes reversed, complex numbers as pairs."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in data.items():
            value = value.T
            if value.dtype.kind == "c":
                pairs = np.empty(value.shape, dtype=[("real", "f4"), ("imag", "f4")])
                pairs["real"], pairs["imag"] = value.real, value.imag
                value = pairs
            file.create_dataset(name, data=value, chunks=True, compression="gzip", compression_opts=1)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(128))


def test_the_seven_arrays_of_the_protocol(path):
    arrays = protocol_arrays(path)
    counts = {name: len(part) for name, part in arrays.items()}
    assert counts == {
        "train": 1000,
        "leaveout_test": 500,
        "train_leaveout_unlabeled": 50,
        "cycle_source": 25,
        "cycle_target": 25,
        "cycle_source_all": 250,
        "cycle_target_all": 250,
    }
    for name, part in arrays.items():
        told = part.x[:, 0, 0, 0]
        assert (np.round(told // 1000) == part.group).all(), name
        assert (np.floor(told % 1000 + 1e-2) - 1 == part.y).all(), (
            f"{name}: signs 1 to 50 are classes 0 to 49"
        )
        assert (np.diff(part.y) >= 0).all(), f"{name}: sorted by class"
        assert part.shape == (3, 4, 2)
    assert set(arrays["train"].group) == {2, 3}
    assert np.bincount(arrays["train"].y).tolist() == [20] * 50
    first = arrays["cycle_source"].x[:5, 0, 0, 0]
    assert (np.diff(first) > 0).all(), "file order within a class"
    of_class = arrays["train"].x[(arrays["train"].y == 0) & (arrays["train"].group == 3), 0, 0, 0]
    assert (first == of_class[:5]).all(), "the first five of the class"


def test_corrected_keeps_unlabelled_items_off_the_test(path, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA", str(path.parent.parent))
    task, released = SignFi().load(), SignFi(protocol="released").load()
    test, unlabelled = (set(part.x[:, 0, 0, 0].tolist()) for part in (task.test, task.unlabelled))
    assert (len(task.test), len(task.labelled), len(task.validation)) == (450, 900, 100)
    assert not test & unlabelled
    assert np.bincount(task.validation.y).tolist() == [2] * 50
    both = set(released.test.x[:, 0, 0, 0].tolist())
    assert (len(released.test), len(released.labelled)) == (500, 1000)
    assert set(released.unlabelled.x[:, 0, 0, 0].tolist()) <= both, "the published overlap"


def test_damaged_and_foreign_files_are_named(tmp_path):
    for content in (b"", b"MATLAB 5.0 MAT-file" + b"x" * 300, b"MATLAB 7.3 MAT-file" + b"x" * 3000):
        (tmp_path / "a.mat").write_bytes(content)
        with pytest.raises(UserError, match=r"signfi: .*a\.mat: damaged"):
            read_signfi(tmp_path / "a.mat")
    savemat(tmp_path / "a.mat", {"csi1": np.ones((*SMALL, 4)), "label": np.ones(3)})
    with pytest.raises(UserError, match="csi1: missing or not of shape"):
        read_signfi(tmp_path / "a.mat")
