"""The best model of a comparison as a file: of the test items it says what the table says; ONNX too."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np

import assay


def main(out: str = "runs/home", seeds: int = 3, epochs: int = 15) -> None:
    """Handwritten digits with digits rendered from fonts."""
    task = assay.open_task("digits")
    synthetic = assay.open_synthetic("digits-rendered", task)
    training = assay.Training(epochs=epochs, steps=40, batch=32)
    result = assay.compare(
        task,
        synthetic,
        methods=["mixed", "trts_filter"],
        seeds=seeds,
        training=training,
        out=out,
        save_models=True,
    )
    model = result.best()  # chosen on validation items
    trained = model.about.trained
    right = np.mean(model.predict(task.test.x) == task.test.y)
    print(f"{model.about.method}, seed {trained['seed']}, epoch {trained['epoch']}: {100 * right:.1f} %")
    assert right == trained["accuracy"], "the table's own number"
    model.save(f"{out}/model.safetensors")
    again = assay.Model.load(f"{out}/model.safetensors")
    assert (again.predict_proba(task.test.x) == model.predict_proba(task.test.x)).all()

    if find_spec("onnxscript") and find_spec("onnxruntime"):  # pip install 'assay[onnx]' onnxruntime
        import onnxruntime
        import torch

        session = onnxruntime.InferenceSession(model.to_onnx(f"{out}/model.onnx"))
        x = task.test.x.astype(np.float32)
        with torch.no_grad():
            ours = model.network(torch.from_numpy(x)).numpy()
        apart = np.abs(session.run(["logits"], {"x": x})[0] - ours).max()
        print(f"ONNX: logits of {len(x)} items differ by {apart:.1e} at most")
        assert apart < 1e-5

    final = assay.train_model(task, synthetic, like=result)  # on all labelled items; nothing left to measure
    print(final.save(f"{out}/final.safetensors"))


if __name__ == "__main__":
    main(*sys.argv[1:2])
