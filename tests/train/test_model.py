"""What is taken home says of the test items what the table says, from a file and on raw items."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from assay.errors import UserError
from assay.methods.csigan import CsiGanClassifier
from assay.methods.disclusterda import DisClusterDa
from assay.methods.mcd import Mcd
from assay.methods.random_filter import RandomFilter
from assay.methods.supervised import Supervised
from assay.methods.table import METHODS
from assay.metrics.accuracy import confusion
from assay.models.cnn import Cnn2d
from assay.models.networks import NETWORKS
from assay.models.table import BACKBONES, written
from assay.runs.runner import job_of, measure
from assay.runs.store import MODEL, NO_MODEL, PREDICTIONS
from assay.settings import parse
from assay.train import checkpoint
from assay.train.keeping import Keeper
from assay.train.model import Model
from assay.train.one_run import train
from assay.types import Samples, Task
from tests.support.toys import FAST, MLP, blob_task, blobs, run_of

SHORT = dataclasses.replace(FAST, epochs=4, steps=3)
VARIANTS = {
    **{name: settings for name, settings in METHODS.items() if name != "adabn"},  # needs batch normalisation
    "csigan": CsiGanClassifier(generator_width=16),
    "csigan with twins": CsiGanClassifier(generator_width=16, twins_count=True),
    "random_filter of csigan": RandomFilter(CsiGanClassifier(synthetic="trts", generator_width=16)),
    "mcd": Mcd(width=16),
    "disclusterda of two levels": DisClusterDa(neurons=4),
}


def small_task(**options) -> Task:
    task = blob_task(labelled=24, shots=8, unlabelled=32, validation=8)
    return dataclasses.replace(task, **options)


def outcome(task, run, synthetic=None, models=True):
    made = blobs(40, 9) if synthetic is None else synthetic
    return measure(dataclasses.replace(job_of("name", run, task, made), models=models))


def loaded(found, folder, **options) -> Model:
    (folder / MODEL).write_bytes(found.files[MODEL])
    return Model.load(folder / MODEL, **options)


def check_as_in_the_table(model: Model, found, task: Task) -> None:
    """Classes, and with them the whole confusion matrix, of the epoch that validation chose."""
    reported = found.result["selections"]["validation"]
    outputs = len(reported["confusion"][0])
    predicted = np.where(model.predict(task.test.x) < 0, outputs - 1, model.predict(task.test.x))
    assert confusion(task.test.y, predicted, len(task.classes), outputs).tolist() == reported["confusion"]
    assert model.about.trained["epoch"] == reported["epoch"]
    assert model.about.trained["accuracy"] == reported["accuracy"]


FORMATS = [(name, "fp32") for name in sorted(VARIANTS)]
FORMATS += [(name, "bf16") for name in ("contrastive", "csigan", "mcd", "srdc")]


@pytest.mark.parametrize(("name", "precision"), FORMATS)
def test_a_model_of_every_method_predicts_what_the_table_counted(name, precision, tmp_path):
    training = dataclasses.replace(SHORT, precision=precision, learning_rate=0.02)
    task, run = small_task(), run_of(VARIANTS[name], training=training)
    found = outcome(task, run)
    assert found.result["error"] is None
    model = loaded(found, tmp_path)
    check_as_in_the_table(model, found, task)
    with torch.no_grad():
        logits = model.network(torch.from_numpy(task.test.x))
    rough = {"fp32": 1e-5, "bf16": 0.1}[precision]
    ours = logits.softmax(1)[:, :4].numpy()
    assert np.abs(ours - model.predict_proba(task.test.x)).max() < rough, "plain layers say the same"


@pytest.mark.parametrize("normalise", ["item", "channel", "none"])
def test_raw_items_go_in_whatever_the_normalisation(normalise, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 200, (60, 3, 8, 8)).astype(np.uint8)
    x[::2, 1] += 50
    parts = [Samples(part, np.arange(20) % 2) for part in np.split(x, 3)]
    task = Task("images", ("a", "b"), *parts, parts[1], normalise=normalise, kind="image")
    run = run_of("real_only", training=SHORT, backbone=Cnn2d(width=4))
    found = outcome(task, run)
    model = loaded(found, tmp_path)
    check_as_in_the_table(model, found, task)
    with torch.no_grad():
        logits = model.network(torch.from_numpy(task.test.x))
    assert np.abs(logits.softmax(1).numpy() - model.predict_proba(task.test)).max() < 1e-5
    assert model.predict(torch.from_numpy(x)).tolist() == model.predict(x).tolist()
    assert model.predict_proba(x[:0]).shape == (0, 2)


def test_keeping_a_model_changes_no_result_and_the_same_run_gives_the_same_bytes():
    found = [outcome(small_task(), run_of("mixed", training=SHORT), models=m) for m in (True, True, False)]
    assert found[0].result == found[1].result == found[2].result
    assert found[0].files == found[1].files
    assert list(found[2].files) == [PREDICTIONS]
    assert found[2].files[PREDICTIONS] == found[0].files[PREDICTIONS]


@pytest.mark.parametrize("validation", [8, 0])
@pytest.mark.parametrize("unlabelled", [32, 0])
def test_the_epoch_is_chosen_without_test_labels(validation, unlabelled, tmp_path):
    task = blob_task(labelled=24, unlabelled=unlabelled, validation=validation)
    found = outcome(task, run_of("real_only", training=dataclasses.replace(SHORT, learning_rate=0.1)))
    expected = "validation" if validation else "label_free" if unlabelled else "last"
    trained = loaded(found, tmp_path).about.trained
    assert trained["selection"] == expected
    assert trained["epoch"] == found.result["selections"][expected]["epoch"]


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("before", [True, False])
def test_a_killed_run_keeps_the_model_of_an_epoch_before_its_end(before, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    task, run = small_task(), run_of("real_only", training=dataclasses.replace(SHORT, learning_rate=0.1))
    whole, resumed, path = Keeper(True), Keeper(True), tmp_path / "c"
    train(task, None, run, keeper=whole)
    assert whole.record["epoch"] < 2, "else the test shows nothing"

    def report(record):
        if record["epoch"] == 3:
            raise Killed

    with pytest.raises(Killed):
        train(task, None, run, report=report, checkpoint=path, keeper=Keeper(before))
    told = []
    train(task, None, run, report=told.append, checkpoint=path, keeper=resumed)
    assert len(told) == (1 if before else 4), "a checkpoint without the best model is of no use"
    assert resumed.record == whole.record
    assert {k: v.tolist() for k, v in resumed.weights.items()} == {
        k: v.tolist() for k, v in whole.weights.items()
    }
    assert resumed.predictions.predicted.tolist() == whole.predictions.predicted.tolist()


def test_a_method_of_ones_own_without_plain_layers_says_so(monkeypatch):
    from assay.methods.base import Method

    monkeypatch.setattr(Supervised, "plain", Method.plain)
    found = outcome(small_task(), run_of("real_only", training=SHORT))
    assert found.result["error"] is None
    assert list(found.files) == [PREDICTIONS, NO_MODEL]
    assert b"has no plain part that could be kept as a model" in found.files[NO_MODEL]


# -- files


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    run = run_of("real_only", training=dataclasses.replace(SHORT, epochs=1))
    return loaded(outcome(small_task(), run), tmp_path_factory.mktemp("model"))


def test_saved_and_loaded_it_is_the_same(model, tmp_path):
    again = Model.load(model.save(tmp_path / "m.safetensors"))
    assert again.to_bytes() == model.to_bytes()
    assert again.about == model.about
    assert again.classes == ("a", "b", "c", "d")
    assert (tmp_path / "m.safetensors").read_bytes() == model.to_bytes()
    with pytest.raises(UserError, match=r"out: .*m\.pt: expected a name that ends in \.safetensors"):
        model.save(tmp_path / "m.pt")


def test_wrong_items_are_refused(model):
    with pytest.raises(UserError, match=r"x: shape \(5, 9\); the model takes \(n, 10\)"):
        model.predict(np.zeros((5, 9)))
    with pytest.raises(UserError, match="x: complex numbers"):
        model.predict(np.zeros((5, 10), complex))
    with pytest.raises(UserError, match="first in item 3"):
        model.predict(np.where(np.arange(50).reshape(5, 10) == 35, np.nan, 0.0))


def facts(content: bytes) -> dict:
    size = int.from_bytes(content[:8], "little")
    return json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["assay"])


def test_the_file_says_what_is_in_it(model):
    said = facts(model.to_bytes())
    assert said["backbone"] == "mlp:width=32,dropout=0.1"
    assert said["head"] == [["linear", 32, 4]]
    assert said["classes"] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"backbone": "tea"}, "backbone: tea: code of your own"),
        ({"backbone": "mlp:width=33,dropout=0.1"}, "shape"),
        ({"head": [["linear", 32, 5]]}, "shape"),
        ({"head": [["eval", 1]]}, "no layer that a file can hold"),
        ({"classes": "abcd"}, "classes: "),
        ({"tea": 1}, "tea: "),
        ({"normalise": "channel"}, "mean, deviation"),
        ({"backbone": ""}, "backbone: a Python object"),
    ],
)
def test_a_file_that_does_not_fit_together_is_named(model, change, said, tmp_path):
    from assay.models.checkpoint import to_bytes

    path = tmp_path / "m.safetensors"
    about = json.loads(json.dumps(dataclasses.asdict(model.about))) | change
    path.write_bytes(to_bytes(model.plain.state_dict(), json.dumps(about)))
    with pytest.raises(UserError) as caught:
        Model.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_backbone_that_no_text_names_is_given(tmp_path):
    @dataclasses.dataclass(frozen=True)
    class Own:
        def build(self, shape, generator):
            return MLP.build(shape, generator)

    task = small_task()
    found = outcome(task, run_of("real_only", training=SHORT, backbone=Own()))
    assert facts(found.files[MODEL])["backbone"] == ""
    check_as_in_the_table(loaded(found, tmp_path, backbone=Own()), found, task)


@pytest.mark.parametrize("content", [b"", b"not one", b"\xff" * 64])
def test_damaged_files_and_others_are_named(content, tmp_path):
    (tmp_path / "m.safetensors").write_bytes(content)
    with pytest.raises(UserError, match=r"m\.safetensors: cannot be read as weights"):
        Model.load(tmp_path / "m.safetensors")
    with pytest.raises(UserError, match="gone: no such file"):
        Model.load(tmp_path / "gone")


def test_a_trunk_is_no_model(tmp_path):
    from assay.models.checkpoint import save_trunk

    save_trunk(torch.nn.Linear(2, 2), tmp_path / "t.safetensors", {"backbone": "mlp"})
    with pytest.raises(UserError, match="no model of Assay's"):
        Model.load(tmp_path / "t.safetensors")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_of_a_backbone_gives_it_back(name):
    settings = BACKBONES[name]
    assert parse(written(settings), BACKBONES, "backbone") == settings


def test_the_text_of_changed_settings_gives_them_back():
    for text in ("resnet2d:depth=34,widths=1+2+3+4,small=true", "mlp:dropout=0.25", "vit:patch=8"):
        settings = parse(text, BACKBONES, "backbone")
        assert parse(written(settings), BACKBONES, "backbone") == settings
