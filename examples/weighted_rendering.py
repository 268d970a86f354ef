r"""Is it worth learning how to render? Weighted against even factors, at equal numbers of pictures.

    python examples/weighted_rendering.py office-caltech:source=caltech,target=amazon,size=48 \
        blender:models=MESHES,samples=4,background=none+colour+drawing+environment -n 900

Learns the factors' distributions from the task's unlabelled photographs, renders as many pictures from these
and from the settings as given, trains `synthetic_only` on each set and tests on the task's photographs: for
every seed, other pictures and another network. The distributions are learnt once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import assay
from assay.comparison.summary import percent
from assay.generate.blender.fit import Blender
from assay.generate.blender.stream import open_stream
from assay.generate.blender.weighting.learn import learn_factors
from assay.generate.blender.weighting.pictures import render_pictures
from assay.generate.blender.weighting.rounds import Weighting
from assay.methods.synthetic_only import SyntheticOnly
from assay.metrics.statistics import SHARE, estimate, paired_difference
from assay.models.table import chosen
from assay.settings import parse, with_options
from assay.train.one_run import Run, train
from assay.types import Samples, Task


def rendered(settings: Blender, task: Task, n: int, seed: int, folder: Path, workers: int) -> Samples:
    """Pictures of the task's classes, as its labels count them."""
    stream = open_stream(settings.fit(task).settings, seed)
    names = settings.fit(task).settings.classes
    pictures = render_pictures(stream, n, folder, workers, lambda *_: None)
    return Samples(pictures.x, np.array([names.index(stream.label(index)) for index in pictures.indices]))


def accuracy(task: Task, samples: Samples, seed: int, training: assay.Training) -> float:
    run = Run(SyntheticOnly(), chosen(None, task.kind, task.shape), training, seed)
    return float(train(task, samples, run).selections["last"]["accuracy"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("generator")
    parser.add_argument("-n", type=int, default=900, help="pictures to train on")
    parser.add_argument("--weighting", default="", help="as in rounds=4,images=400")
    parser.add_argument("--training", default="epochs=15,steps=60,batch=32")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/weighted"))
    options = parser.parse_args()
    task = assay.open_task(options.task)
    even = parse(options.generator, {"blender": Blender()}, "generator")
    weighting = with_options(Weighting(), options.weighting, "weighting")
    training = with_options(assay.Training(), options.training, "training")
    rounds = options.out / "rounds"
    start = even.fit(task).settings
    learned = learn_factors(start, task.unlabelled, weighting, folder=rounds, workers=options.workers)
    print(f"{learned.stopped}; round {learned.best} came nearest\n{learned.text}\n")
    found: dict[str, dict[int, float]] = {}
    for name, settings in (("even", start), ("weighted", learned.settings)):
        for seed in range(options.seeds):
            folder = options.out / f"{name}-{seed}"
            samples = rendered(settings, task, options.n, 1000 + seed, folder, options.workers)
            found.setdefault(name, {})[seed] = accuracy(task, samples, seed, training)
        print(f"| {name} | {percent(estimate(list(found[name].values()), SHARE))} |", flush=True)
    print(f"| weighted - even | {percent(paired_difference(found['weighted'], found['even']))} |")


if __name__ == "__main__":
    main()
