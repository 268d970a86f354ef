"""A full-size training step of the CycleGAN in each precision and memory layout.

Baseline: fp32, contiguous. `assay.generate.csigan` takes contiguous bf16 where the processor multiplies bf16
natively: instance normalisation copies other layouts back, so that they gain next to nothing.

    python benchmarks/cyclegan.py [--width 64] [--batch 8] [--repeats 1] [--threads 1] [--device cuda]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import torch
from timing import alternate, told

from assay.generate.csigan.domains import Domains
from assay.generate.csigan.fit import CsiGan
from assay.generate.csigan.training import CycleTraining

SHAPE = (3, 200, 30)


def step(options: argparse.Namespace, precision: str, layout: torch.memory_format) -> Callable[[], None]:
    """One optimiser step of all four networks on random items."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, options.batch, *SHAPE)).astype(np.float32)
    settings = CsiGan(width=options.width, batch=options.batch, precision=precision)
    training = CycleTraining(settings, Domains(np.arange(len(a)), a, b, 0), 0, options.device)
    training.networks.to(memory_format=layout)
    items = [x.contiguous(memory_format=layout) for x in (training.a, training.b)]

    def once() -> None:
        training.step(*items, rng)
        if options.device == "cuda":
            torch.cuda.synchronize()

    return once


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    forms = {
        f"{precision}, {name}": step(o, precision, layout)
        for precision in ("fp32", "bf16")
        for name, layout in (("contiguous", torch.contiguous_format), ("channels-last", torch.channels_last))
    }
    times = alternate(*forms.values(), repeats=o.repeats)
    print(f"CycleGAN step, width {o.width}, batch {o.batch}, {o.threads} thread(s), {o.device}")
    for name, ours in zip(list(forms)[1:], times[1:]):
        print(told(f"{name} against fp32, contiguous", times[0], ours))


if __name__ == "__main__":
    main()
