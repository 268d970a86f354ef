"""The files and objects that the documents speak of, small: what a reader would have at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import TensorDataset

import assay
from assay.methods.training import Training
from tests.support import ROOT

SMALL = Training(epochs=2, steps=2, batch=8)
OWN = {
    "mynet": "import math, torch.nn as nn\n\n\ndef build(shape, width=8):\n"
    "    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), width), nn.ReLU())\n",
    "mygen": "import numpy as np\n\n\ndef make(task, n, rng, noise=0.1):\n"
    "    at = rng.integers(len(task.labelled), size=n)\n    x = task.labelled.x[at]\n"
    "    return x + noise * rng.normal(size=x.shape).astype(np.float32), task.labelled.y[at]\n",
    "mymetric": "import numpy as np\n\n\ndef distance(real, synthetic):\n"
    "    return float(np.linalg.norm(real.mean(0) - synthetic.mean(0)))\n",
    "myaug": "import torch\n\n\ndef shake(x, generator, strength: float = 0.1):\n"
    "    return x + strength * torch.randn(x.shape, generator=generator, device=x.device)\n",
}


def signals(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two rhythms, told apart with ease."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 2
    wave = np.sin(np.arange(16) * (0.5 + y[:, None]) + rng.random((n, 1)))
    return (wave[:, None] + 0.3 * rng.normal(size=(n, 2, 16))).astype(np.float32), y


def equip(folder: Path) -> None:
    """Write ``mine.npz``, ``made.npz``, ``photos/``, ``mynet.py`` and what else commands name."""
    for name, n, seed in (("mine", 120, 0), ("made", 120, 1), ("new", 10, 2)):
        x, y = signals(n, seed)
        np.savez(folder / f"{name}.npz", x=x, y=y)
        lines = [",".join([*map(str, item.ravel()), "walk" if of else "run"]) for item, of in zip(x, y)]
        head = ",".join([*(f"f{i}" for i in range(32)), "label"])
        (folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")
    for name, seed in (("photos", 0), ("rendered", 1)):
        pictures(folder / name, seed)
    for name, code in OWN.items():
        (folder / f"{name}.py").write_text(code)
    method = ROOT / "examples" / "plugin" / "src" / "assay_example" / "method.py"
    (folder / "mymethod.py").write_text(method.read_text().replace("SomeOfIt", "Mine"))


def pictures(folder: Path, seed: int) -> None:
    """Twenty pictures of each of two classes."""
    rng = np.random.default_rng(seed)
    for i in range(40):
        grey = rng.integers(0, 120, (16, 16, 3)) + 120 * (i % 2)
        path = folder / ("mug", "chair")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey.astype(np.uint8)).save(path)


def names() -> dict[str, Any]:
    """What blocks of Python take for granted."""
    (x, y), (made_x, made_y), (new, _) = signals(120, 0), signals(120, 1), signals(10, 2)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32, 8), torch.nn.ReLU())
    given = {
        "x": x,
        "y": y,
        "made_x": made_x,
        "made_y": made_y,
        "new": new,
        "x_test": x[:40] + 1,
        "y_test": y[:40],
    }
    made = assay.Samples(made_x, made_y)
    pairs = {"train_set": (x, y), "test_set": (x[:40] + 1, y[:40]), "made_set": (made_x, made_y)}
    sets = {name: TensorDataset(*map(torch.from_numpy, pair)) for name, pair in pairs.items()}
    split = np.array(["train", "val", "test"])[np.arange(120) // 40]
    task = assay.split_task(assay.Samples(x, y), name="mine")
    more = {
        "net": net,
        "Net": lambda shape: net,
        "split": split,
        "task": task,
        "made": made,
        "synthetic": made,
    }
    more["rows"] = [{"f0": a, "f1": b, "label": of} for (a, b), of in zip(x[:, :, 0].tolist(), y.tolist())]
    return {"assay": assay, "np": np, "torch": torch, **given, **sets, **more}
