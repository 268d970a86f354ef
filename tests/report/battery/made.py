"""A battery whose numbers are known, without a single run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.tasks import SMALL

BASE, SEEDS = 0.6, 5
GAINS = {"real_only": 0.0, "real_unlabelled": 0.05, "better": 0.1, "risky": 0.02, "worse": -0.03}
MANY = GAINS | {f"a_method_of_a_long_name_{i}": 0.01 * i for i in range(7)}
"""Mean gain of each method; `risky` loses 4 points on every fourth task and gains 4 on the others."""


def made_runs(
    folder: Path, seeds: int = SEEDS, scatter: float = 0.005, gains: Mapping[str, float] = GAINS
) -> BatteryRuns:
    """The small battery as if these methods had run on it."""
    rng = np.random.default_rng(0)
    cells, records = [], {}
    for place, task in enumerate(SMALL):
        for method, gain in gains.items():
            runs = []
            for seed in range(seeds):
                key = f"{len(records):020x}"
                mine = (-0.04 if place % 4 == 0 else 0.04) if method == "risky" else gain
                accuracy = BASE + mine + (scatter * rng.standard_normal() if method != "real_only" else 0.0)
                records[key] = record(accuracy, 2.0 if method == "better" else 1.0)
                runs.append({"seed": seed, "key": key})
            cell = {"task": task.name, "method": method, "settings": {}, "synthetic": True, "runs": runs}
            cells.append(cell)
    tasks: list[dict[str, Any]] = [
        {
            **{key: getattr(task, key) for key in ("name", "half", "family", "about")},
            "counts": {"labelled": 50, "test": 100},
            "synthetic": 200,
            "training": {"epochs": 1, "steps": 2, "batch": 3},
            "backbone": {"kind": "Mlp"},
        }
        for task in SMALL
    ]
    info = {
        "study": "battery",
        "preset": "small",
        "question": "Which?",
        "selection": "last",
        "created": "now",
    }
    info |= {"battery": tasks, "cells": cells, "left_out": {"caltech-9": "is not here"}}
    return BatteryRuns("battery-small", info, records, folder)


def record(accuracy: float, seconds: float) -> dict[str, Any]:
    """A run as it is kept."""
    about = {"seconds": 9.0, "cpu_seconds": seconds}
    return {"error": None, "selections": {"last": {"accuracy": accuracy}}, "about": about}
