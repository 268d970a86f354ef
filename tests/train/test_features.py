"""Tasks as a frozen trunk sees them, with a tiny network of timm."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import torch

import assay
from assay.errors import UserError
from assay.methods.training import Training
from assay.models.table import chosen
from assay.models.timm_model import Timm
from assay.quality.model import trained
from assay.runs.progress import Silent
from assay.train import looks
from assay.train.features import features, one_view
from assay.types import Samples, Task

if importlib.util.find_spec("timm") is None:
    pytest.skip("needs timm", allow_module_level=True)
FAST = Training(epochs=2, steps=3, batch=8, precision="fp32")


def photographs(n: int, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.integers(0, 120, (n, 3, 16, 16)) + 100 * y[:, None, None, None]
    return Samples(x.astype(np.uint8), y)


TASK = Task(
    "t", ("a", "b"), photographs(12, 0), photographs(10, 1), photographs(8, 2), photographs(6, 3),
    normalise="channel", kind="image",
)  # fmt: skip
MADE = photographs(14, 4)


@pytest.fixture
def trunk(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    looks._network.cache_clear()
    torch.manual_seed(0)
    torch.save(Timm("test_resnet").trunk((3, 16, 16)).network.state_dict(), tmp_path / "r.pth")
    return f"timm:weights={tmp_path / 'r.pth'},size=16,frozen=true,width=8"


def compared(trunk: str, out, **options):
    methods = options.pop("methods", ["mixed", "mcc"])
    return assay.compare(
        TASK, MADE, methods=methods, seeds=1, backbone=trunk, out=out, workers=1, watcher=Silent(),
        **{"training": FAST, **options},
    )  # fmt: skip


def test_features_are_those_of_the_trunk_for_images_as_it_was_trained(trunk):
    task, made = features(TASK, MADE, trunk)
    assert (task.kind, task.shape, made.shape) == ("vector", (96,), (96,))
    own = chosen(trunk, "image", TASK.shape).trunk(TASK.shape).eval()
    with torch.no_grad():
        expected = own(torch.from_numpy(TASK.test.x / np.float32(255)))
    np.testing.assert_allclose(task.test.x, expected, atol=1e-5)
    assert np.array_equal(made.y, MADE.y)
    scaled = {part: Samples(getattr(TASK, part).x / np.float32(255), getattr(TASK, part).y)
              for part in ("labelled", "test", "unlabelled", "validation")}  # fmt: skip
    again, _ = features(replace(TASK, **scaled, normalise="none"), None, trunk)
    np.testing.assert_allclose(again.test.x, task.test.x, atol=1e-5)


def test_every_image_is_looked_at_once(trunk, monkeypatch):
    seen: list[int] = []
    computed = looks._computed
    monkeypatch.setattr(looks, "_computed", lambda x, *rest: seen.append(len(x)) or computed(x, *rest))
    features(TASK, MADE, trunk)
    assert sum(seen) == 12 + 10 + 8 + 6 + 14
    fewer = replace(TASK, labelled=TASK.labelled[[5, 2]], test=TASK.test[::-1])
    features(fewer, MADE[3:], trunk)
    assert sum(seen) == 50


def test_methods_learn_from_vectors_and_results_speak_of_the_images(trunk, tmp_path):
    result = compared(trunk, tmp_path / "runs", methods=["mixed", "ssim_filter", "mcc", "syncheck"])
    assert [run["error"] for run in result.runs] == [None] * 5
    assert result.info["task"]["shape"] == [3, 16, 16]
    assert result.info["backbone"]["frozen"]


def test_kept_models_take_images(trunk, tmp_path):
    result = compared(trunk, tmp_path / "runs", save_models=True)
    model = result.best()
    (tmp_path / "r.pth").unlink()
    copy = assay.Model.load(model.save(tmp_path / "m.safetensors"))
    (best,) = [run for run in result.runs if run["label"] == model.about.method]
    told = [s for s in best["selections"].values() if s["epoch"] == model.about.trained["epoch"]]
    assert np.mean(copy.predict(TASK.test.x) == TASK.test.y) == pytest.approx(told[0]["accuracy"])
    assert copy.about.shape == (3, 16, 16)


def test_a_model_of_all_items_takes_images(trunk):
    model = assay.train_model(TASK, MADE, "mixed", backbone=trunk, training=FAST)
    assert model.predict(TASK.test.x).shape == (10,)


def test_views_are_drawn_from_while_training_and_never_in_a_test(trunk, tmp_path):
    task, made = features(TASK, MADE, f"{trunk},views=2", augment="weak")
    assert task.shape == (96, 3)
    assert not np.array_equal(made.x[..., 0], made.x[..., 1])
    assert np.array_equal(task.test.x[..., 0], task.test.x[..., 2])
    again, _ = features(replace(TASK, labelled=TASK.labelled[3:]), None, f"{trunk},views=2", augment="weak")
    assert np.array_equal(again.labelled.x, task.labelled.x[3:])
    training = replace(FAST, augment="weak")
    result = compared(f"{trunk},views=2", tmp_path / "runs", training=training)
    assert [run["error"] for run in result.runs] == [None] * 3
    assert result.runs[0]["counts"]["labelled"] == 12
    drawn = one_view(torch.from_numpy(made.x), torch.Generator().manual_seed(0))[..., 0]
    which = (drawn[:, :, None] == torch.from_numpy(made.x)).all(1)
    assert which.any(1).all()
    assert which.sum(0).min() > 0


@pytest.mark.parametrize(("views", "augment"), [(0, "weak"), (2, "none")])
def test_augmented_images_and_views_go_together(trunk, tmp_path, views, augment):
    with pytest.raises(UserError, match=f"augment={augment}, views={views}: "):
        compared(f"{trunk},views={views}", tmp_path / "runs", training=replace(FAST, augment=augment))


def test_a_score_looks_with_the_trunk(trunk):
    judge = trained(TASK, TASK.labelled, chosen(trunk, "image", TASK.shape), FAST, 0, "cpu")
    items = judge.examine(MADE, None)
    assert np.array_equal(items.features, features(TASK, MADE, trunk)[1].x)
    assert items.x.shape == MADE.x.shape
    assert items.probabilities.shape == (14, 2)


def test_networks_without_weights_are_no_trunks():
    with pytest.raises(UserError, match="trunk cnn2d: has no weights"):
        features(TASK, None, "cnn2d")
