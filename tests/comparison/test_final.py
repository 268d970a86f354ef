"""The one model to use: by the method that a comparison speaks for, on all labelled items."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

import assay
from assay.cli import main as cli
from assay.comparison.final import train_model, whole
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.methods.dann import Dann
from assay.train.model import Model
from assay.train.one_run import fit
from tests.comparison.test_compare import BRIEF, compared
from tests.support.toys import MLP, blob_task, blobs, run_of

OPTIONS = {"backbone": MLP, "training": BRIEF}


def test_all_labelled_items_are_learnt_from():
    task = blob_task()
    model = train_model(task, method="real_only", **OPTIONS)
    items = task.labelled.joined(task.validation).joined(task.test)
    by_hand = fit(dataclasses.replace(task, labelled=items), items, run_of("real_only", training=BRIEF))
    weights, same = model.plain.state_dict(), by_hand.plain().state_dict()
    assert all((weights[name] == same[name]).all() for name in same)
    assert model.about.trained["accuracy"] is None, "nothing is left to measure it on"
    assert model.about.trained["epoch"] == BRIEF.epochs - 1


def test_validation_and_test_items_are_of_the_place_that_shots_are_of():
    task = whole(blob_task(shots=8))
    assert (len(task.labelled), len(task.shots), len(task.validation)) == (40, 8 + 40 + 200, 0)
    task = whole(blob_task())
    assert (len(task.labelled), len(task.shots), len(task.validation)) == (40 + 40 + 200, 0, 0)


def test_channels_are_normalised_by_all_items_that_are_learnt_from(tmp_path):
    task = blob_task()
    shifted = dataclasses.replace(task.test, x=task.test.x + 5)
    task = dataclasses.replace(task, test=shifted, normalise="channel")
    model = train_model(task, method="real_only", **OPTIONS)
    everything = np.concatenate(
        [part.x for part in (task.labelled, task.validation, task.test, task.unlabelled)]
    )
    assert np.allclose(model.statistics[0], everything.mean(0, keepdims=True), atol=1e-5)
    again = Model.load(model.save(tmp_path / "m.safetensors"))
    assert (again.predict(task.test.x) == model.predict(task.test.x)).all()


def test_synthetic_and_unlabelled_items_take_part():
    task, synthetic = blob_task(), blobs(40, 9)
    told = []
    options = {"method": Dann(), "training": BRIEF, "backbone": MLP}
    models = [
        train_model(task, made, **options, report=lambda *words: told.append(words))
        for made in (synthetic, blobs(40, 10))
    ]
    first, second = ([x.tolist() for x in model.plain.state_dict().values()] for model in models)
    assert first != second
    assert [words[:2] for words in told] == [(1, 2), (2, 2)] * 2
    assert set(told[0][2]) == {"label", "domain_source", "domain_target"}


def test_a_comparison_gives_method_and_settings(tmp_path):
    task, synthetic = blob_task(), blobs(40, 9)
    like = compared(tmp_path, ["mixed", "pseudo_label:threshold=0.25"], seeds=1, ratio=0.5)
    for run in like.runs:
        best = run["label"].startswith("pseudo")
        run["history"] = [{**r, "validation_accuracy": float(best)} for r in run["history"]]
    model = train_model(task, synthetic, like=like)
    assert model.about.method == "pseudo_label:threshold=0.25"
    assert model.about.backbone == "mlp:width=32,dropout=0.1"
    same = train_model(task, synthetic, "pseudo_label:threshold=0.25", ratio=0.5, **OPTIONS)
    assert model.to_bytes() == same.to_bytes()
    other = train_model(task, synthetic, like=like, training=dataclasses.replace(BRIEF, epochs=3))
    assert other.about.trained["epoch"] == 2
    with pytest.raises(UserError, match=r"task: not what .* compared"):
        train_model(blob_task(labelled=44), synthetic, like=like)
    with pytest.raises(UserError, match=r"synthetic: not what .* compared"):
        train_model(task, blobs(40, 8), like=like)


def test_what_cannot_be_trained_is_refused():
    with pytest.raises(UserError, match="method: none given"):
        train_model(blob_task())
    with pytest.raises(UserError, match="method mixed: needs synthetic data"):
        train_model(blob_task(), method="mixed")


def test_the_verb_writes_a_model_that_predict_takes(tmp_path, monkeypatch, capsys):
    task = blob_task()
    parts = [("labelled", task.labelled), ("test", task.test), ("validation", task.validation)]
    split = np.repeat([name for name, _ in parts], [len(part) for _, part in parts])
    x, y = (np.concatenate([getattr(part, key) for _, part in parts]) for key in ("x", "y"))
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", x=x, y=y, split=split, classes=np.array(list("abcd")))
    np.savez("made.npz", x=blobs(40, 9).x, y=blobs(40, 9).y)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assay", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    real, made = assay.open_task("mine.npz"), assay.Samples(blobs(40, 9).x, blobs(40, 9).y)
    assay.compare(real, made, methods=["mixed"], seeds=1, training=BRIEF, out="runs", workers=1)
    code, out, _ = run("train", "mine.npz", "made.npz", "--runs", "runs")
    method = Model.load("model.safetensors").about.method
    assert (code, out) == (
        0,
        f"model.safetensors: {method}, on all labelled items: none is left to measure it on\n",
    )
    expected = train_model(real, made, like=Comparison.open("runs"))
    assert (tmp_path / "model.safetensors").read_bytes() == expected.to_bytes()
    code, out, _ = run("predict", "model.safetensors", "mine.npz")
    assert out.startswith("predictions.csv: 280 items, ")
    for words, said in (
        (("train", "mine.npz"), "method: none given"),
        (("train", "mine.npz", "-m", "mixed", "-o", "m.pt"), "expected a name that ends in .safetensors"),
        (("train", "mine.npz", "--runs", "gone"), "gone: no compare.json here"),
        (("train", "mine.npz", "-m", "tea"), "unknown method 'tea'"),
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert said in err
