"""Planted faults are left out, what is right is kept, with the label to use, and files say so."""

from __future__ import annotations

import csv
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import assay
from assay.cli import main as cli
from assay.errors import UserError
from assay.methods.training import Training
from assay.quality.keeping import WAYS, Agreement, select
from assay.types import UNKNOWN, Samples
from tests.support.toys import MLP, blob_task, blobs

FAST = Training(epochs=8, steps=15, batch=16, learning_rate=5e-3, precision="fp32")
N, WRONG = 80, 24


@pytest.fixture(scope="module")
def made() -> tuple[Samples, np.ndarray]:
    """Synthetic items, the first of another class than they say, and the true classes of all."""
    clean = blobs(N, 9, spread=0.25)
    y = clean.y.copy()
    y[:WRONG] = (y[:WRONG] + 1) % 4
    return Samples(clean.x, y), clean.y


def chosen(made, method, seeds=2, **options):
    options = {"training": FAST, "backbone": MLP, "workers": 1, **options}
    return select(blob_task(), made, method, seeds=seeds, **options)


@pytest.mark.parametrize("method", ["agreement", "trts_filter", "csigan:synthetic=trts,generator_width=4"])
def test_items_that_are_not_what_they_claim_are_left_out(method, made):
    synthetic, truth = made
    kept = chosen(synthetic, method)
    assert kept.kept[:WRONG].mean() < 0.1
    assert kept.kept[WRONG:].mean() > 0.9
    assert (kept.label[kept.kept] == synthetic.y[kept.kept]).all(), (
        "conditions are believed or the item dropped"
    )
    assert (kept.weight[~kept.kept] == 0).all()
    assert ((kept.weight[kept.kept] > 0.5) & (kept.weight[kept.kept] <= 1)).all()
    wrong = np.flatnonzero(~kept.kept)[0]
    names = "abcd"
    assert kept.reason[wrong].startswith(
        f"not taken for {names[synthetic.y[wrong]]} (now for {names[truth[wrong]]}"
    )


@pytest.mark.parametrize("method", ["pseudo_label", "syncheck:start=0.5"])
def test_methods_that_label_anew_say_with_what(method, made):
    synthetic, truth = made
    kept = chosen(synthetic, method)
    assert kept.kept.mean() > 0.8
    assert np.mean(kept.label[kept.kept] == truth[kept.kept]) > 0.95, "planted labels are mended"
    assert (kept.samples().y == kept.label[kept.kept]).all()


def test_syncheck_leaves_out_what_is_of_no_class(made):
    synthetic, _ = made
    far = Samples(np.random.default_rng(0).normal(0, 6, (N, 10)).astype(np.float32), synthetic.y)
    joined = synthetic.joined(far)
    kept = chosen(joined, "syncheck:start=0.5")
    assert kept.kept[:N].mean() > kept.kept[N:].mean() + 0.1
    assert "an outlier of" in " ".join(kept.reason[~kept.kept])


def test_agreement_weighs_by_how_sure_the_models_are(made):
    synthetic, _ = made
    kept, sure = (chosen(synthetic, Agreement(threshold=t), seeds=2) for t in (0.0, 0.9))
    assert 0 < sure.kept.sum() < kept.kept.sum()
    assert (sure.kept == (kept.kept & (kept.weight >= 0.9))).all()
    assert len(set(np.round(kept.weights, 6))) > 10
    assert (kept.weight[kept.kept] == kept.confidence[kept.kept]).all()


def test_what_most_models_keep_is_kept(made, monkeypatch):
    from assay.quality import keeping

    synthetic, _ = made
    said = {0: [1, 1, 0], 1: [1, 0, 0], 2: [1, 0, 1]}

    def judge(task, samples, run):
        kept = np.zeros(N, bool)
        kept[:3] = said[run.seed]
        label = np.zeros(N, int)
        label[2] = run.seed
        return keeping.Judgement(kept, label, np.full((N, 4), 0.25))

    monkeypatch.setattr(keeping, "judge", judge)
    kept = chosen(synthetic, "trts_filter", seeds=3)
    assert kept.kept.tolist() == [True] + [False] * (N - 1)
    assert kept.weight[0] == 1.0
    assert kept.reason[0] == "kept by 3 of 3 models"
    assert kept.reason[1].endswith("kept by 1 of 3")


def test_neither_validation_nor_test_items_are_looked_at(made):
    synthetic, _ = made
    other = dataclasses.replace(blob_task(), validation=blobs(40, 33), test=blobs(200, 34))
    options = {"training": dataclasses.replace(FAST, epochs=2), "backbone": MLP, "workers": 1, "seeds": 1}
    found = [select(task, synthetic, "trts_filter", **options) for task in (blob_task(), other)]
    assert found[0].confidence.tolist() == found[1].confidence.tolist()


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("mixed", "method mixed: selects no synthetic items; known: agreement"),
        ("tea", "unknown method 'tea'"),
        ("syncheck:pools=unlabelled", "selects no synthetic items"),
    ],
)
def test_methods_that_select_nothing_are_refused(method, said, made):
    with pytest.raises(UserError, match=said):
        chosen(made[0], method)


def test_conditions_are_needed_where_they_are_believed(made):
    unknown = made[0].without_labels()
    with pytest.raises(UserError, match="method agreement: needs a condition"):
        chosen(unknown, "agreement")
    assert (chosen(unknown, "pseudo_label", seeds=1).label != UNKNOWN).all()


def test_every_way_is_a_public_name():
    assert set(WAYS) >= {"agreement", "trts_filter", "ssim_filter", "syncheck", "pseudo_label"}
    assert assay.select is select


# -- files


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def kept(made):
    return chosen(made[0], "pseudo_label:threshold=0.6", seeds=1)


def test_the_file_is_synthetic_data_as_any_other(kept, tmp_path):
    paths = kept.save(tmp_path / "kept.npz")
    assert [path.name for path in paths] == ["kept.npz", "kept.csv"]
    read = assay.open_synthetic(str(paths[0]), blob_task())
    assert (read.x == kept.samples().x).all()
    assert (read.y == kept.samples().y).all()
    with np.load(paths[0]) as stored:
        assert (stored["item"] == np.flatnonzero(kept.kept)).all()
        assert np.allclose(stored["weight"], kept.weights)
    found = rows(paths[1])
    assert [row["kept"] for row in found] == [str(bool(k)).lower() for k in kept.kept]
    assert found[0]["reason"] == kept.reason[0]
    assert {row["label"] for row in found if row["kept"] == "false"} <= {""}


def test_a_folder_of_links_stands_by_the_classes_to_use(kept, tmp_path):
    images = [tmp_path / f"{i}.png" for i in range(N)]
    for path in images:
        path.write_text(path.name)
    folder, table = kept.link(tmp_path / "kept", images)
    links = {path.read_text(): path.parent.name for path in folder.rglob("*.png")}
    assert links == {f"{i}.png": "abcd"[kept.label[i]] for i in np.flatnonzero(kept.kept)}
    assert len(rows(table)) == N
    with pytest.raises(UserError, match="has something in it"):
        kept.link(folder, images)


def test_the_verb(tmp_path, monkeypatch, capsys, made):
    monkeypatch.chdir(tmp_path)
    task = blob_task()
    parts = [("labelled", task.labelled), ("test", task.test), ("validation", task.validation)]
    split = np.repeat([name for name, _ in parts], [len(part) for _, part in parts])
    x, y = (np.concatenate([getattr(part, key) for _, part in parts]) for key in ("x", "y"))
    np.savez("mine.npz", x=x, y=y, split=split)
    np.savez("made.npz", x=made[0].x, y=made[0].y)
    fast = ("--training", "epochs=8,steps=15,learning_rate=5e-3", "--seeds", "1", "--workers", "1")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assay", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    code, out, _ = run("select", "mine.npz", "made.npz", *fast)
    count = len(np.load("kept.npz")["y"])
    assert (code, out) == (0, f"{count} of {N} items kept: kept.npz, kept.csv\n")
    assert N - WRONG - 8 < count < N - WRONG + 8
    for words, said in (
        (("made.npz", "-m", "tea"), "unknown method 'tea'"),
        (("made.npz", "-m", "mixed"), "selects no synthetic items"),
        (("gone.npz",), "no such file"),
        (("made.npz", "-o", "folder"), "a folder of links is for images in a folder"),
    ):
        code, out, err = run("select", "mine.npz", *words)
        assert (code, out) == (2, "")
        assert said in err


def test_the_verb_links_images(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder, n in (("photos", 10), ("made", 6)):
        for name, colour in (("dark", 20), ("light", 200)):
            (tmp_path / folder / name).mkdir(parents=True)
            for i in range(n):
                shade = np.random.default_rng([i, n]).integers(0, 40, (8, 8, 3)) + colour
                Image.fromarray(shade.astype(np.uint8)).save(tmp_path / folder / name / f"{i}.png")
    Path("made/dark/0.png").rename("made/light/wrong.png")
    fast = ("--training", "epochs=6,steps=8", "--seeds", "1", "--workers", "1", "--backbone", "mlp")
    monkeypatch.setattr(sys, "argv", ["assay", "select", "photos:size=8", "made", "-o", "kept", *fast])
    with pytest.raises(SystemExit):
        cli.main()
    assert "of 12 items kept: kept, kept.csv" in capsys.readouterr().out
    links = {
        path.resolve().relative_to(tmp_path).as_posix(): path.parent.name
        for path in Path("kept").rglob("*.png")
    }
    assert links == {p: p.split("/")[1] for p in links}
    assert "made/light/wrong.png" not in links
    assert len(links) >= 9
