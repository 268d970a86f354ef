r"""Rendered images first, a few photographs then: worth more than the photographs alone?

    python examples/pretrain_then_tune.py PHOTOS RENDERED --seeds 3

For every seed a network learns from the rendered images alone; its trunk is kept, and another network learns
from the task's photographs, once from that trunk and once from scratch. In both, the same steps.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import assay
from assay.comparison.summary import percent, points
from assay.data.table import read_synthetic
from assay.methods.real_only import RealOnly
from assay.methods.synthetic_only import SyntheticOnly
from assay.metrics.statistics import SHARE, estimate, paired_difference
from assay.models.networks import Backbone
from assay.models.pretrained import Pretrained
from assay.models.table import chosen
from assay.runs.runner import job_of
from assay.settings import with_options
from assay.studies.trunk import pretrain
from assay.train.one_run import Run, train
from assay.types import Task


def accuracy(task: Task, backbone: Backbone, training: assay.Training, seed: int) -> float:
    run = Run(RealOnly(), backbone, training, seed)
    return float(train(task, None, run).selections["last"]["accuracy"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("synthetic", type=Path)
    parser.add_argument("--backbone", default="resnet2d_fast:depth=10")
    parser.add_argument("--training", default="augment=strong,epochs=6,steps=60,batch=32")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/tune"))
    options = parser.parse_args()
    task = assay.open_task(options.task)
    rendered = read_synthetic(options.synthetic, task)
    training = with_options(assay.Training(), options.training, "training")
    plain = chosen(options.backbone, task.kind, task.shape)
    found: dict[str, dict[int, float]] = {"real alone": {}, "rendered alone": {}, "rendered, then real": {}}
    for seed in range(options.seeds):
        path = options.out / f"trunk-{seed}.safetensors"
        job = job_of("rendered", Run(SyntheticOnly(), plain, training, seed), task, rendered)
        found["rendered alone"][seed] = pretrain(job, options.backbone, path)
        found["real alone"][seed] = accuracy(task, plain, training, seed)
        found["rendered, then real"][seed] = accuracy(task, Pretrained(str(path)), training, seed)
    print("| learnt from | accuracy % | difference to real alone |\n|---|---|---|")
    for name, values in found.items():
        difference = paired_difference(values, found["real alone"])
        print(f"| {name} | {percent(estimate(list(values.values()), SHARE))} | {points(difference)} |")


if __name__ == "__main__":
    main()
