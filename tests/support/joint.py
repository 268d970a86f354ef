"""What torchrun starts in tests: trains the runs that it is told of; process 0 writes what came out."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import torch

from assay.machine.launched import rank
from assay.models.mlp import Mlp
from assay.train.one_run import train
from tests.support.toys import FAST, blob_task, blobs, run_of

TRAINING = dataclasses.replace(FAST, epochs=3, steps=8)


def trained(method, **options) -> dict:
    """History and final weights of a run of a network without dropout or batch statistics."""
    run = run_of(method, training=TRAINING, backbone=Mlp(width=16, dropout=0.0), **options)
    kept = {}

    def look(method, epoch) -> None:
        kept["weights"] = [p.detach().double().flatten() for n in method.networks for p in n.parameters()]

    result = train(blob_task(), blobs(40, 9), run, observe=look)
    weights = torch.cat(kept["weights"]).tolist() if kept else []
    return {"history": result.history, "selections": result.selections, "weights": weights}


if __name__ == "__main__":
    out, *methods = sys.argv[1:]
    found = {method: trained(method) for method in methods}
    Path(out, f"{rank()}.json").write_text(json.dumps(found))
