"""Networks and estimators of one's own in a comparison: beside each other, resumed, taken home."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from torch import nn

import assay
from assay.comparison.ways import resolve
from assay.errors import UserError
from assay.methods.mixed import Mixed
from assay.models.estimator import estimator
from assay.runs.progress import Silent
from assay.train.one_run import train
from tests.support.toys import FAST, MLP, blob_task, blobs, replaced, run_of

BRIEF = dataclasses.replace(FAST, epochs=2, steps=6)
SYNTHETIC = blobs(60, 11)


class Net(nn.Module):
    """Ends in a classifier of the four classes."""

    def __init__(self, shape, width=12):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(shape[0], width), nn.ReLU(), nn.Dropout(0.2))
        self.last = nn.Linear(width, 4)

    def forward(self, x):
        return self.last(self.body(x))


def compared(out, methods, backbone=MLP, **options):
    options = {"seeds": 1, "training": BRIEF, "workers": 1, "watcher": Silent(), **options}
    return assay.compare(blob_task(), SYNTHETIC, methods=methods, backbone=backbone, out=out, **options)


def errors(result):
    return [(run["label"], run["error"]) for run in result.runs if run["error"]]


def test_a_table_has_estimators_beside_the_network(tmp_path):
    pair = ("synthetic_only", LogisticRegression(C=0.5))
    methods = ["mixed", "trts_filter@sklearn.naive_bayes:GaussianNB", "random_filter", pair]
    result = compared(tmp_path, methods, save_models=True)
    assert errors(result) == []
    assert list(result.info["methods"]) == [
        "real_only",
        "mixed",
        "real_only@sklearn.naive_bayes:GaussianNB",
        "trts_filter@sklearn.naive_bayes:GaussianNB",
        "random_filter (trts_filter@sklearn.naive_bayes:GaussianNB)",
        "real_only@LogisticRegression(C=0.5)",
        "synthetic_only@LogisticRegression(C=0.5)",
    ]
    rows = {row["method"]: row for row in result.rows() if row["selection"] == "last"}
    kept = rows["trts_filter@sklearn.naive_bayes:GaussianNB"]["used"]
    assert 40 < kept <= 60, "it selects with the estimator that real items taught"
    assert rows["synthetic_only@LogisticRegression(C=0.5)"]["real"] == 0
    assert "Against real_only@LogisticRegression(C=0.5): synthetic_only@Log" in assay.verdict(result)
    with pytest.raises(UserError, match="no file that is safe to open holds one"):
        result.best("synthetic_only@LogisticRegression(C=0.5)")


@pytest.mark.parametrize("method", ["real_only", "synthetic_only", "mixed"])
@pytest.mark.parametrize("model", [LogisticRegression(), LinearSVC()])
def test_an_estimator_learns_what_it_would_learn_alone(method, model):
    task, made = blob_task(validation=0), replaced(SYNTHETIC, lambda y: np.minimum(y, 2))
    run = run_of(method, backbone=estimator(model), training=dataclasses.replace(FAST, epochs=1, steps=1))
    found = train(task, made, run).selections["last"]["accuracy"]
    parts = {"real_only": [task.labelled], "synthetic_only": [made], "mixed": [task.labelled, made]}[method]
    x, y = (np.concatenate([getattr(part, key) for part in parts]) for key in "xy")
    alone = model.fit(x, y).predict(task.test.x)
    assert found == pytest.approx((alone == task.test.y).mean()), "also where a class is never seen"


class Nearest:
    """As little of an estimator as boosting libraries of old had: no parameters to clone."""

    def __init__(self, wrong=None, random_state=None):
        self.wrong, self.random_state = wrong, random_state

    def fit(self, x, y):
        self.means = np.stack([x[y == label].mean(0) for label in np.unique(y)])

    def predict(self, x):
        if self.wrong:
            return np.full(len(x), self.wrong)
        return ((x[:, None] - self.means) ** 2).sum(2).argmin(1)


class Writes(Nearest):
    def predict(self, x):
        said = super().predict(x)
        x[:] = 0
        return said


class Sure(Nearest):
    def predict_proba(self, x):
        return np.eye(4)[self.predict(x)][:, : self.wrong]


def test_whatever_has_fit_and_predict_is_an_estimator(tmp_path):
    same = [("mixed", Nearest()), ("mixed", Sure()), ("mixed", Writes())]
    result = compared(tmp_path / "good", same, backbone=Nearest)
    found = [run["selections"]["last"]["accuracy"] for run in result.runs if run["label"] != "real_only"]
    assert errors(result) == []
    assert min(found) > 0.9
    assert estimator(Nearest()).digest != estimator(Nearest(wrong="a")).digest
    assert estimator(Nearest()).build((10,), torch.Generator().manual_seed(3)).estimator.random_state == 3
    result = compared(tmp_path / "bad", [("mixed", Nearest("a")), ("mixed", Sure(2))])
    assert [error for label, error in errors(result) if label.startswith("mixed")] == [
        "UserError: predict says 'a', a class that it was not taught",
        "UserError: probabilities of shape (40, 2); expected (40, 4)",
    ]


def test_an_estimator_draws_from_the_seed_of_the_run(tmp_path):
    forest = "sklearn.ensemble:RandomForestClassifier:n_estimators=3,max_depth=2"
    first, again = (compared(tmp_path / f"{i}", None, forest, seeds=2) for i in range(2))
    accuracies = [[run["selections"]["last"]["accuracy"] for run in result.runs] for result in (first, again)]
    assert accuracies[0] == accuracies[1]
    assert accuracies[0][0] != accuracies[0][1]
    assert "syncheck" not in first.info["methods"], "of the default methods those that can train it"


def test_methods_that_train_a_network_take_no_estimator(tmp_path):
    with pytest.raises(UserError, match="method dann@logistic: trains a network"):
        compared(tmp_path, ["dann@logistic"])
    with pytest.raises(UserError, match=r"mixed@<lambda> is there twice"):
        resolve([("mixed", lambda shape: Net(shape)), ("mixed", lambda shape: Net(shape, 3))])
    assert list(resolve([(Mixed(), Net)])) == ["real_only", "real_only@Net", "mixed@Net"]


def test_a_network_of_ones_own_is_resumed_and_taken_home(tmp_path):
    result = compared(tmp_path, ["mixed"], Net, save_models=True)
    assert errors(result) == []
    assert result.info["backbone"]["cut"] == "last"
    task, model = blob_task(), result.best()
    assert (model.predict(task.test.x) == task.test.y).mean() == model.about.trained["accuracy"]
    path = model.save(tmp_path / "model.safetensors")
    again = assay.Model.load(path, Net)
    assert (again.predict_proba(task.test.x) == model.predict_proba(task.test.x)).all()
    with pytest.raises(UserError, match="backbone: Net: code of your own, which no file of weights holds"):
        assay.Model.load(path)
    with pytest.raises(UserError, match="code of your own"):
        assay.Comparison.open(tmp_path).best()
    assert assay.Comparison.open(tmp_path).best(backbone=Net).classes == task.classes
    keys = {run["key"] for run in compared(tmp_path, ["mixed"], Net).runs}
    assert keys == {run["key"] for run in result.runs}, "the same code is the same run"
    other = compared(tmp_path, ["mixed"], assay.backbone(Net, options={"width": 5}))
    assert keys.isdisjoint(run["key"] for run in other.runs)
    assert assay.train_model(task, SYNTHETIC, like=result).about.backbone == "Net"


@dataclasses.dataclass(frozen=True)
class NoNeeds:
    def build(self, setup):
        return setup


@dataclasses.dataclass(frozen=True)
class WrongNeeds(NoNeeds):
    needs = ("synthetic or shots", "tea")


@dataclasses.dataclass(frozen=True)
class WordNeeds(NoNeeds):
    needs = "shots"


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (NoNeeds(), "method NoNeeds: no method; expected a dataclass"),
        (WrongNeeds, "method WrongNeeds: needs: 'tea'; expected a tuple of synthetic, conditions"),
        (WordNeeds(), "method WordNeeds: needs: 's'; expected a tuple"),
        (3, "method int: no method"),
        (lambda setup: None, "method function: no method"),
    ],
)
def test_what_is_no_method_is_refused_in_a_line(method, said):
    with pytest.raises(UserError, match=said):
        resolve([method])


def test_a_class_of_settings_and_a_single_name_are_methods():
    assert list(resolve([Mixed])) == list(resolve("mixed")) == ["real_only", "mixed"]
