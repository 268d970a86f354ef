"""Models as ONNX files say the same in another runtime."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
import torch

from assay.errors import UserError
from assay.methods.mcd import Mcd
from assay.models.cnn import Cnn1d
from assay.models.plain import Plain
from assay.models.vit import Vit
from assay.runs.runner import job_of, measure
from assay.runs.store import MODEL
from assay.train.model import Model
from assay.types import Samples, Task
from tests.support.toys import FAST, MLP, blob_task, run_of

BRIEF = dataclasses.replace(FAST, epochs=1, steps=2)


def of_shape(shape: tuple[int, ...], normalise: str) -> Task:
    rng = np.random.default_rng(0)
    parts = [Samples(rng.normal(3, 2, (12, *shape)).astype(np.float32), np.arange(12) % 2) for _ in range(3)]
    return Task("shaped", ("a", "b"), *parts, normalise=normalise, kind="signal")


def model_of(task, folder, backbone=MLP, method="real_only") -> Model:
    job = job_of("name", run_of(method, training=BRIEF, backbone=backbone), task, None)
    path = folder / MODEL
    path.write_bytes(measure(dataclasses.replace(job, models=True)).files[MODEL])
    return Model.load(path)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("shape", "backbone", "normalise", "method"),
    [
        ((10,), MLP, "none", "real_only"),
        ((3, 16), Cnn1d(width=8), "item", Mcd(width=16)),
        ((3, 16, 16), Vit(patch=8, dim=32, depth=2, heads=2, mlp=64), "channel", "real_only"),
    ],
)
def test_the_file_gives_the_networks_logits(shape, backbone, normalise, method, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    task = of_shape(shape, normalise)
    model = model_of(task, tmp_path, backbone, method)
    session = onnxruntime.InferenceSession(model.to_onnx(tmp_path / "m.onnx"))
    for n in (1, 5, 12):
        x = task.test.x[:n]
        with torch.no_grad():
            ours = model.network(torch.from_numpy(x)).numpy()
        assert np.abs(session.run(["logits"], {"x": x})[0] - ours).max() < 1e-5


class FixedBatch(torch.nn.Module):
    out_features = 10

    def forward(self, x):
        return x.expand(len(x), -1) + torch.zeros(len(x), 10)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_a_backbone_that_fixes_the_number_of_items_is_refused(tmp_path):
    pytest.importorskip("onnxruntime")
    model = model_of(blob_task(), tmp_path)
    fixed = Model(Plain(FixedBatch(), torch.nn.Linear(10, 4)), model.about)
    with pytest.raises(UserError, match="fixes the number of items"):
        fixed.to_onnx(tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    model = model_of(blob_task(), tmp_path)
    with pytest.raises(UserError, match=r"install it with: pip install 'assay\[onnx\]'"):
        model.to_onnx(tmp_path / "m.onnx")
    with pytest.raises(UserError, match=r"expected a name that ends in \.onnx"):
        model.to_onnx(tmp_path / "m.pt")
