"""Whatever arrays and options come together: a task that can be examined and told, or one line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assay.data.examine.questions import examine
from assay.errors import UserError
from assay.generate.table import open_synthetic, open_task

SIDES = [1, 2, 3, 4, 5, 8, 9, 12, 16, 30]
TYPES = ["u1", "i1", "u2", ">i4", "i8", "f2", "f4", ">f8", "c8", "?"]
OF_BOTH = [
    "",
    "iq=last",
    "iq=first,part=phase",
    "part=magnitude",
    "ignore=0",
    "rename=0:zz",
    "shape=8+8",
    "classes=1+0",
]
OF_TASKS = [
    *OF_BOTH,
    "kind=image",
    "kind=signal",
    "kind=vector",
    "deal=items",
    "deal=groups",
    "shares=0.5+0+0+0.5",
]
PARTS = ["train", "val", "test", "labelled", "test"]


def items(rng: np.random.Generator, n: int) -> np.ndarray:
    """Numbers of any shape, type and range that people store."""
    shape = tuple(rng.choice(SIDES, rng.integers(1, 4)))
    x = rng.normal(size=(n, *shape)) * rng.choice([0.01, 1, 50, 1000])
    x = [x, x * 0, np.abs(x), np.round(rng.random(x.shape)) * 255, rng.random(x.shape)][rng.integers(5)]
    return (x if rng.random() < 0.5 else x.clip(0, 100)).clip(-100, 255).astype(rng.choice(TYPES))


def labels(rng: np.random.Generator, n: int) -> np.ndarray:
    """Two or three classes as people store them."""
    k = rng.integers(2, 4)
    y = rng.integers(0, k, n)
    names = np.array(["a", "B", "c c"])
    return [
        y,
        y + 1,
        3 * y,
        y - 1,
        1.0 * y,
        y == 1,
        y[:, None],
        np.eye(k)[y],
        names[y],
        names.astype("S")[y],
    ][rng.integers(10)]


def arrays(rng: np.random.Generator) -> dict:
    n = int(rng.choice([12, 40, 60]))
    if rng.random() < 0.1:
        x, y = items(rng, n), labels(rng, n)
        return {f"{key}_{part}": values for part in ("train", "test") for key, values in (("x", x), ("y", y))}
    given = {"x": items(rng, n), "y": labels(rng, n)}
    more = {
        "group": rng.integers(0, rng.choice([1, 2, 5, 10]), n),
        "split": rng.choice(PARTS, n),
        "classes": np.array(["a", "B", "c c"]),
        "normalise": rng.choice(["item", "channel", "none"]),
        "axes": rng.choice(["height+width", "channel+time", "time+subcarrier+antenna", "feature"]),
    }
    return given | {key: value for key, value in more.items() if rng.random() < 0.12}


def examined(folder, real: dict, made: dict, options: str, made_options: str) -> str:
    """What is found, as JSON and in lines, or why nothing is."""
    np.savez(folder / "real.npz", **real)
    np.savez(folder / "made.npz", **made)
    try:
        task = open_task(f"{folder / 'real.npz'}:{options}".rstrip(":"))
        examine(task)
        found = examine(task, open_synthetic(f"{folder / 'made.npz'}:{made_options}".rstrip(":"), task))
    except UserError as error:
        return str(error)
    return json.dumps(found.as_dicts()) + "".join(found.lines())


@pytest.mark.parametrize("seed", range(2))
def test_any_input_is_examined_or_refused_in_a_line(tmp_path, seed):
    rng, told = np.random.default_rng(seed), 0
    for _ in range(25):
        real = arrays(rng)
        made = real if rng.random() < 0.7 else arrays(rng)
        options = [str(rng.choice(some)) * (rng.random() < 0.5) for some in (OF_TASKS, OF_BOTH)]
        said = examined(tmp_path, real, made, *options)
        assert "\n" not in said
        told += said.startswith("[")
    assert told >= 4, "most options do not fit, but some do"
