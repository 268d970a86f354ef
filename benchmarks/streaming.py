"""Training images per second: read from disk while a ResNet trains, against the same images held in memory.

Baseline: the run in memory, without the time that reading everything at first takes. Ours: the same run with
``stream=true``; both give the same losses, which is checked. The aim: a rate of 90 % of the baseline. On a
machine that others use too the wall ratio wavers; CPU-seconds, of decoders too, say what reading costs.

    python benchmarks/streaming.py [--size 64] [--source 96] [--batch 32] [--steps 20] [--decoders 2]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from assay.data.images import read_folder
from assay.machine.torchrun import ALONE
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.table import BACKBONES
from assay.train.building import setup_of, to_device
from assay.train.loop import Loop
from assay.train.one_run import Run
from assay.types import Samples, Task

CLASSES = tuple("abcd")
Measured = tuple[float, float]


def write_images(root: Path, n: int, side: int) -> None:
    """JPEG files with as much detail as photographs: smooth shapes, some edges, a little noise."""
    rng = np.random.default_rng(0)
    for number in range(n):
        folder = root / CLASSES[number % len(CLASSES)]
        folder.mkdir(exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3)).astype(np.uint8))
        smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), np.float32)
        x = np.clip(smooth + rng.normal(0, 8, smooth.shape), 0, 255).astype(np.uint8)
        Image.fromarray(x).save(folder / f"{number}.jpg", quality=90)


def cpu() -> float:
    """CPU-seconds of this process and of its children that have ended or can be looked at."""
    own = time.process_time()
    return own + sum(_of(int(child)) for child in _children())


def _children() -> list[str]:
    return [c for task in Path("/proc/self/task").iterdir() for c in (task / "children").read_text().split()]


def _of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def loop_of(task: Task, run: Run) -> tuple[Loop, Callable[[], None]]:
    """The loop of a run, and what ends its decoders."""
    pools, _ = to_device(task, Samples.none_like(task.labelled), run.device, run.training.decoders)
    method = run.method.build(setup_of(task, pools, run))
    return Loop(method, run, None, ALONE), pools.close


def measured(loop: Loop, epoch: int) -> tuple[Measured, float]:
    """Wall and CPU-seconds of an epoch, and its loss."""
    wall, busy = time.perf_counter(), cpu()
    loss = loop.learn(epoch)["cross_entropy"]
    if loop.run.device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - wall, cpu() - busy), loss


def medians(rounds: Sequence[Measured]) -> Measured:
    wall, busy = (statistics.median(column) for column in zip(*rounds))
    return wall, busy


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("size", 64), ("source", 96), ("batch", 32), ("steps", 20), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--decoders", type=int, default=2)
    parser.add_argument("--backbone", default="resnet2d_fast")
    parser.add_argument("--device", default="cpu")
    o = parser.parse_args()
    training = Training(epochs=o.repeats + 1, steps=o.steps, batch=o.batch, decoders=o.decoders)
    run = Run(METHODS["real_only"], BACKBONES[o.backbone], training, 0, device=o.device)
    torch.set_num_threads(training.threads)
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder), o.images, o.source)
        loops = []
        for stream in (False, True):
            items = read_folder(Path(folder), CLASSES, o.size, stream=stream)
            task = Task("benchmark", CLASSES, items, items, normalise="channel", kind="image")
            loops.append(loop_of(task, run))
        rounds = [[measured(loop, epoch) for loop, _ in loops] for epoch in range(training.epochs)]
        for _, close in loops:
            close()
    assert all(here[1] == there[1] for here, there in rounds), "the same batches, so the same losses"
    here, there = (medians([pair[side][0] for pair in rounds[1:]]) for side in (0, 1))
    images, look = o.steps * o.batch, f"{o.backbone} at {o.size} px from JPEG of {o.source} px"
    print(f"{look}, batch {o.batch}, {o.decoders} decoders, {o.device}, medians of {o.repeats} epochs")
    print(f"in memory: {images / here[0]:.1f} images/s, {1000 * here[1] / images:.2f} CPU-ms an image")
    print(f"streamed:  {images / there[0]:.1f} images/s, {1000 * there[1] / images:.2f} CPU-ms an image")
    print(
        f"streamed over in memory: {here[0] / there[0]:.3f} of the rate; {there[1] / here[1]:.3f} of the CPU"
    )


if __name__ == "__main__":
    main()
