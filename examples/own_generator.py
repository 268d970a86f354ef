"""A generator of your own from the command line: python examples/own_generator.py, or

assay compare digits -s examples/own_generator.py:shifted:most=2 -m mixed
"""

from __future__ import annotations

import sys

import numpy as np

from assay import Samples, Task


def shifted(task: Task, n: int, rng: np.random.Generator, most: int = 1) -> Samples:
    """Labelled images moved by up to `most` pixels; `origin` says which each is made from."""
    place = rng.integers(len(task.labelled), size=n)
    steps = rng.integers(-most, most + 1, size=(n, 2))
    x = [np.roll(task.labelled.x[i], step, (-2, -1)) for i, step in zip(place, steps.tolist())]
    return Samples(np.array(x), task.labelled.y[place], origin=place)


def main(*options: str) -> None:
    """The command above, shortened; options come after."""
    from assay.cli.main import app

    here = f"{__file__}:shifted:most=2"
    short = ["--training", "epochs=15,steps=40,batch=32", "--seeds", "3", "--out", "runs/own_generator"]
    app(["compare", "digits", "-s", here, "-m", "mixed", *short, *options], standalone_mode=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
