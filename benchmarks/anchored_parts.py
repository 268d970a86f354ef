"""What the parts of `anchored` do, and how much synthetic data, and how wrong, it makes use of.

    python benchmarks/anchored_parts.py parts     # each part turned off
    python benchmarks/anchored_parts.py amount    # so many synthetic items per labelled real one
    python benchmarks/anchored_parts.py wrong     # so large a share of the conditions is wrong

On tasks of the battery's half `tune`; ``-t TASK`` (repeatable), ``-n SEEDS`` (3). Prints tables in Markdown:
means over seeds, per cent of test items at the last epoch.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from assay.methods.table import METHODS
from assay.models.table import chosen
from assay.quality.faults import flip_conditions
from assay.settings import parse
from assay.studies.battery.sources import Workplace
from assay.studies.battery.tasks import BatteryTask, task_named
from assay.train.one_run import Run, train

PLACE = Workplace(Path("runs/anchored"), "cpu", lambda *_: None)
TASKS = {
    "parts": ("digits-5", "digits-5-flipped-30", "simulated", "csi-har-1-0", "amazon-1"),
    "amount": ("digits-5", "simulated"),
    "wrong": ("digits-5", "simulated"),
}
OFF = (
    *("synthetic=0", "confusion=0", "by_class=false", "doubt=1", "horizon=0", "of_target=false", "alone=0"),
)
BESIDE = ("real_only", "real_unlabelled", "mixed", "mcc", "anchored")
AMOUNTS = (0.5, 2.0, 5.0, 20.0)
WRONG = (0.0, 0.15, 0.3, 0.45, 0.6)


def accuracy(task: BatteryTask, method: str, seeds: int, ratio: float | None = None) -> float:
    """Mean over seeds, in per cent."""
    real, made = task.open(PLACE)
    backbone, settings = chosen(task.backbone, real.kind, real.shape), parse(method, METHODS, "method")
    runs = (Run(settings, backbone, task.training, seed, ratio) for seed in range(seeds))
    return 100 * float(np.mean([train(real, made, run).selections["last"]["accuracy"] for run in runs]))


def parts(tasks: Iterable[BatteryTask], seeds: int) -> None:
    """A row for each part turned off, a column a task."""
    rows = {"all parts": "anchored", **{f"`{option}`": f"anchored:{option}" for option in OFF}}
    columns = {
        task.name: {row: accuracy(task, method, seeds) for row, method in rows.items()} for task in tasks
    }
    show("", columns)


def amount(tasks: Iterable[BatteryTask], seeds: int) -> None:
    """A row a method, a column an amount."""
    for task in tasks:
        found = {f"{n:g} an item": among(task, seeds, n) for n in AMOUNTS}
        show(task.name, found)


def wrong(tasks: Iterable[BatteryTask], seeds: int) -> None:
    """A row a method, a column a share."""
    for task in tasks:
        columns = {
            f"{share:.0%} wrong": among(replace(task, plant=flip_conditions, strength=share), seeds)
            for share in WRONG
        }
        show(task.name, columns)


def among(task: BatteryTask, seeds: int, ratio: float | None = None) -> dict[str, float]:
    """Accuracies of the methods that are set beside each other."""
    return {f"`{method}`": accuracy(task, method, seeds, ratio) for method in BESIDE}


def show(name: str, columns: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table, column by column given."""
    print(f"\n| {name} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|", sep="\n")
    for row in next(iter(columns.values())):
        print(f"| {row} | {' | '.join(f'{column[row]:.1f}' for column in columns.values())} |", flush=True)


def main() -> None:
    """One table a call."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=sorted(TASKS))
    parser.add_argument("-t", "--task", action="append", default=[])
    parser.add_argument("-n", "--seeds", type=int, default=3)
    words = parser.parse_args()
    tasks = [task_named(name) for name in words.task or TASKS[words.what]]
    {"parts": parts, "amount": amount, "wrong": wrong}[words.what](tasks, words.seeds)


if __name__ == "__main__":
    main()
