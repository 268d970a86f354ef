"""Own files of every format are the same task as the same arrays in an ``.npz``."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from scipy.io import savemat

from assay.data.table import open_task, read_synthetic
from assay.errors import UserError

N, D = 60, 5
RNG = np.random.default_rng(0)
Y = np.arange(N) % 3
NAMES = np.array(["run", "sit", "walk"])
X = (RNG.normal(size=(N, D)) + Y[:, None]).astype(np.float32)
COLUMNS = [f"f{i}" for i in range(D)]


def write_csv(path, x=X, y=NAMES[Y], names=(*COLUMNS, "label"), mark=","):
    lines = [mark.join(map(str, [*map(float, row), label])) for row, label in zip(x, y)]
    path.write_text("\n".join(([mark.join(names)] if names else []) + lines) + "\n")
    return path


@pytest.fixture(scope="module")
def digest(tmp_path_factory):
    path = tmp_path_factory.mktemp("npz") / "data.npz"
    np.savez(path, x=X, y=NAMES[Y])
    return open_task(str(path)).digest()


# -- tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_as_text_is_the_task_of_its_numbers(tmp_path, digest, mark):
    assert open_task(str(write_csv(tmp_path / "mine.csv", mark=mark))).digest() == digest


def test_parquet_is_the_task_of_its_numbers(tmp_path, digest):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = {name: X[:, i] for i, name in enumerate(COLUMNS)} | {"label": NAMES[Y]}
    parquet.write_table(pa.table(table), tmp_path / "mine.parquet")
    assert open_task(str(tmp_path / "mine.parquet")).digest() == digest
    lists = pa.table({"x": X.tolist(), "label": NAMES[Y]})
    parquet.write_table(lists, tmp_path / "lists.parquet")
    assert open_task(str(tmp_path / "lists.parquet")).shape == (D,)


def test_without_pyarrow_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    there = builtins.__import__

    def absent(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UserError, match=r"mine.parquet: a Parquet file; pip install 'assay\[parquet\]'"):
        open_task(str(tmp_path / "mine.parquet"))


def test_synthetic_columns_in_another_order_are_matched_by_name(tmp_path):
    task = open_task(str(write_csv(tmp_path / "mine.csv")))
    order = [3, 1, 0, 4, 2]
    made = write_csv(tmp_path / "made.csv", X[:, order], names=(*(COLUMNS[i] for i in order), "label"))
    synthetic = read_synthetic(made, task)
    assert np.array_equal(synthetic.x, X)
    assert np.array_equal(synthetic.y, Y)
    lacking = write_csv(tmp_path / "less.csv", X[:, :4], names=(*COLUMNS[:4], "label"))
    with pytest.raises(UserError, match=r"less.csv: column 'f4': not there, as in the real data"):
        read_synthetic(lacking, task)


def test_a_table_without_names_counts_its_columns(tmp_path, digest):
    path = write_csv(tmp_path / "mine.csv", y=Y, names=())
    with pytest.raises(UserError, match=r"label=COLUMN says it \(columns: 0, 1, 2, 3, 4, 5\)"):
        open_task(str(path))
    task = open_task(f"{path}:label=5")
    assert task.classes == ("0", "1", "2")
    assert np.array_equal(np.sort(task.labelled.x, 0)[0], task.labelled.x.min(0))


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a,b\n1,2\n", "", r"no column is called label, y, target or class; label=COLUMN"),
        ("a,label\n1,x\n,y\n", "", r"'a': no value in 1 of 2 rows, first in row 1; missing=drop leaves"),
        ("a,label,class\n1,2,3\n", "", r"columns label, class: each may be the class; label=label says"),
        ("a,label\n1,2\n", "label=lable", r"column 'lable': not there; columns: a, label"),
        ("a,label\n1,2\n3\n", "", r"line 3: 1 values; the first line has 2"),
        ("a,a,label\n1,2,3\n", "", r"column 'a' is there twice"),
        ("a,label\n", "", r"no rows; expected names in the first line"),
        ("id,label\n1,x\n2,y\n", "", r"column 'id' only counts the rows; no other is left"),
        ("t,label\n" + "".join(f"word{i},x\n" for i in range(20)), "", r"'t': 20 different texts .* drop=t"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_way_out(tmp_path, text, options, said):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(UserError, match=said) as refused:
        open_task(f"{tmp_path / 'mine.csv'}{':' * bool(options)}{options}")
    assert str(refused.value).startswith(str(tmp_path / "mine.csv"))


def test_what_is_done_to_columns_is_said(tmp_path):
    rows = [f"{i},{x[0]},{'ab'[i % 2]},{y}" for i, (x, y) in enumerate(zip(X, Y))]
    rows[7] = "7,NA,b,1"
    (tmp_path / "mine.csv").write_text("id,f,sort,label\n" + "\n".join(rows))
    task = open_task(f"{tmp_path / 'mine.csv'}:missing=drop")
    said = [finding.message for finding in task.findings]
    assert "1 of 60 rows lack a value: left out" in said
    assert "columns that only count the rows are left out: id (columns=... takes them)" in said
    assert "text columns read as categories, a 0 or 1 for each: sort (2)" in said
    assert task.shape == (3,)
    assert sum(len(part) for _, part in task.parts()) == N - 1


# -- arrays -------------------------------------------------------------------------------------------


def test_npy_files_that_lie_together(tmp_path, digest):
    for name, stem in (("plain", "{}"), ("named", "mine_{}")):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / f"{stem.format('x')}.npy", X)
        np.save(tmp_path / name / f"{stem.format('y')}.npy", NAMES[Y])
        np.save(tmp_path / name / "other_y.npy", Y)
        assert open_task(str(tmp_path / name / f"{stem.format('x')}.npy")).digest() == digest
    (tmp_path / "plain" / "other_y.npy").unlink()
    assert open_task(str(tmp_path / "plain")).digest() == digest


def test_npy_files_in_parts(tmp_path):
    for part, rows in (("train", slice(40)), ("test", slice(40, None))):
        np.save(tmp_path / f"X_{part}.npy", X[rows])
        np.save(tmp_path / f"y_{part}.npy", Y[rows])
    task = open_task(str(tmp_path))
    assert (len(task.labelled), len(task.test)) == (40, 20)
    assert open_task(str(tmp_path / "X_train.npy")).digest() == task.digest()


def test_a_lone_npy_says_what_belongs_beside_it(tmp_path):
    np.save(tmp_path / "walks_x.npy", X)
    with pytest.raises(UserError, match=r"no labels beside it; expected walks_y.npy there"):
        open_task(str(tmp_path / "walks_x.npy"))
    np.save(tmp_path / "walks_y.npy", np.array([{}] * N, object), allow_pickle=True)
    with pytest.raises(UserError, match=r"walks_y.npy: holds objects \(a pickle\), never loaded"):
        open_task(str(tmp_path / "walks_x.npy"))


def test_mat_files_whichever_axis_counts_the_items(tmp_path, digest):
    cells = np.array([*NAMES[Y]], object)[None]
    savemat(tmp_path / "mine.mat", {"x": X, "y": cells})
    savemat(tmp_path / "turned.mat", {"x": X.T, "y": cells})
    assert open_task(str(tmp_path / "mine.mat")).digest() == digest
    turned = open_task(str(tmp_path / "turned.mat"))
    assert turned.digest() == digest
    assert "x: items counted by the last axis of (5, 60)" in [f.message for f in turned.findings]


def test_newer_mat_files_and_labels_from_1(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "mine.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"], file["y"] = X.T, Y[None] + 1
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file")
    task = open_task(str(path))
    assert task.classes == ("1", "2", "3")
    assert task.shape == (D,)


def test_names_of_columns_are_of_tables_only(tmp_path):
    np.savez(tmp_path / "mine.npz", x=X, y=Y)
    with pytest.raises(UserError, match=r"label: of tables \(.csv, .parquet\)"):
        open_task(f"{tmp_path / 'mine.npz'}:label=y")


def test_items_to_predict_need_no_label(tmp_path):
    from assay.data.items import Sort, read_items

    path = tmp_path / "new.csv"
    path.write_text("\n".join([",".join(COLUMNS), *(",".join(map(str, map(float, row))) for row in X)]))
    sort = Sort(("run", "sit", "walk"), "vector", (D,), "channel", False)
    assert np.array_equal(read_items(str(path), sort).samples.x, X)
    assert (read_items(str(path), sort).samples.y == -1).all()
