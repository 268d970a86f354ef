"""`assay predict`: files, folders and tasks in; a line an item out."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest
from PIL import Image

from assay.cli import main as cli
from assay.comparison.result import Comparison

QUICK = ("--training", "epochs=2,steps=4", "--seeds", "1", "--workers", "1")


@pytest.fixture
def assay(monkeypatch, capsys, tmp_path):
    """Run a command in an empty folder; exit code, and what was said."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assay", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def lines(path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def two_kinds(n: int) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(n) % 2
    x = np.random.default_rng(0).normal(0, 0.3, (n, 3)) + y[:, None]
    return x.astype(np.float32), y


def table(path, rows, *columns):
    path.write_text("\n".join([",".join(columns), *(",".join(row[c] for c in columns) for row in rows)]))


def test_a_tables_columns_are_taken_by_name(assay, tmp_path):
    x, y = two_kinds(60)
    rows = [
        {"a": f"{row[0]:.4f}", "b": f"{9 * row[1]:.4f}", "c": "pq"[k], "y": ["no", "yes"][k]}
        for row, k in zip(x, y)
    ]
    table(tmp_path / "mine.csv", rows, "a", "b", "c", "y")
    assert assay("compare", "mine.csv", "--out", "runs", "--save-models", *QUICK)[0] == 0
    table(tmp_path / "same.csv", rows, "a", "b", "c", "y")
    table(tmp_path / "turned.csv", rows, "y", "c", "b", "a")
    table(tmp_path / "unlabelled.csv", rows, "c", "b", "a")
    said = {name: assay("predict", "runs", f"{name}.csv", "-o", name)[1] for name in ("same", "turned")}
    assert (tmp_path / "same").read_text() == (tmp_path / "turned").read_text()
    assert "of 60 right" in said["turned"]
    model = Comparison.open(tmp_path / "runs").best()
    assert np.array_equal(model.predict_proba(tmp_path / "turned.csv"), model.predict_proba("same.csv"))
    assert assay("predict", "runs", "unlabelled.csv", "-o", "bare")[0] == 0
    assert [row["p(no)"] for row in lines(tmp_path / "bare")] == [
        row["p(no)"] for row in lines(tmp_path / "same")
    ]
    table(tmp_path / "short.csv", rows, "a", "c")
    code, _, err = assay("predict", "runs", "short.csv", "-o", "short")
    assert code == 2
    assert "short.csv: column 'b': not there" in err
    table(tmp_path / "odd.csv", [{**rows[0], "c": "r"}, *rows[1:]], "a", "b", "c")
    assert "warning: column 'c': r: in no real row (1 of 60)" in assay("predict", "runs", "odd.csv")[1]


def test_arrays_of_a_file_with_and_without_classes(assay, tmp_path):
    x, y = two_kinds(60)
    names = np.array(["no", "yes"])
    np.savez(tmp_path / "mine.npz", x=x, y=y, classes=names)
    assert assay("compare", "mine.npz", "--out", "runs", "--save-models", *QUICK)[0] == 0
    comparison = Comparison.open(tmp_path / "runs")
    model = comparison.best()
    path = tmp_path / "m.safetensors"
    model.save(path)
    np.savez(tmp_path / "new.npz", x=x)
    np.savez(tmp_path / "known.npz", x=x, y=1 - y, classes=names[::-1])
    code, out, _ = assay("predict", path, "new.npz", "-o", "a.csv")
    assert (code, out) == (0, "a.csv: 60 items\n")
    found = lines(tmp_path / "a.csv")
    assert list(found[0]) == ["item", "predicted", "p(no)", "p(yes)"]
    assert [row["predicted"] for row in found] == names[model.predict(x)].tolist()
    probabilities = np.array([[float(row["p(no)"]), float(row["p(yes)"])] for row in found])
    assert np.abs(probabilities - model.predict_proba(x)).max() < 1e-5
    code, out, _ = assay("predict", path, "known.npz", "-o", "b.csv")
    right = np.mean(model.predict(x) == y)
    assert out == f"b.csv: 60 items, {100 * right:.1f} % of 60 right\n"
    assert [row["class"] for row in lines(tmp_path / "b.csv")] == names[y].tolist(), "by name, not by place"


def test_images_of_a_folder_by_class_and_without(assay, tmp_path):
    rng = np.random.default_rng(0)
    for name, colour in (("dark", 30), ("light", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(8):
            pixels = rng.integers(0, 40, (16, 16, 3), dtype=np.uint8) + np.uint8(colour)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{i}.png")
    options = ("--backbone", "cnn2d:width=4", "--out", "runs", "--save-models")
    assert assay("compare", "photos:size=16", *options, *QUICK)[0] == 0
    best = Comparison.open(tmp_path / "runs").best()
    best.save(tmp_path / "m.safetensors")
    said = [assay("predict", place, "photos", "-o", "a.csv")[1] for place in ("m.safetensors", "runs")]
    assert said[0] == said[1], "runs stand for their best model"
    assert assay("predict", "runs", "photos", "-m", best.about.method, "-o", "a.csv")[1] == said[0]
    assert "known methods: real_only" in assay("predict", "runs", "photos", "-m", "tea")[2]
    assert assay("predict", "m.safetensors", "photos")[0] == 0
    found = {row["item"]: row for row in lines(tmp_path / "predictions.csv")}
    assert len(found) == 16
    assert found["dark/3.png"]["class"] == "dark"
    assert assay("predict", "m.safetensors", "photos/light", "-o", "b.csv")[1] == "b.csv: 8 items\n"
    alone = {f"light/{row['item']}": row for row in lines(tmp_path / "b.csv")}
    assert all(found[name]["p(dark)"] == row["p(dark)"] for name, row in alone.items())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("here.safetensors", "digits", "-m", "mixed"), "--method: mixed: here.safetensors is one model"),
        ((".", "digits"), "no compare.json here"),
        (("gone.safetensors", "digits"), "gone.safetensors: no such file"),
        (("here.safetensors", "gone"), "data 'gone': no such file, folder or task"),
        (("here.safetensors", "digits:tea=1"), "unknown option 'tea'"),
        (("here.safetensors", "digits"), "here.safetensors: cannot be read as weights"),
    ],
)
def test_mistakes_are_told_in_a_line(assay, tmp_path, words, said):
    (tmp_path / "here.safetensors").write_text("")
    code, out, err = assay("predict", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "predictions.csv").exists()
