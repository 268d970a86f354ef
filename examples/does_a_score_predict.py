r"""Does a score predict what synthetic data is worth? Rank correlations over sets of graded quality.

    python examples/does_a_score_predict.py digits:labelled=30 digits-rendered
    python examples/does_a_score_predict.py simulated-csi:users=3,packets=64,repetitions=40 simulate-csi \
        --backbone cnn1d:width=24,depth=3

For each task two kinds of synthetic data, real items that the task does not use and a generator's, each as
it is and with every fault of `assay.quality.faults` at two strengths. Each set is scored, and used: its
worth is the accuracy of `mixed` minus that of `real_only` on the test items, mean over seeds. What is
finished is kept in the folder. At the end: Spearman's rank correlation of every measure with the worth,
better counted up, with a 95 % interval from resampled sets, and a picture.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import assay
from assay.metrics.statistics import paired_difference
from assay.quality.faults import FAULTS
from assay.quality.measures import MEASURES
from assay.quality.score import Scoring, score
from assay.settings import with_options
from assay.types import Samples, Task

Floats = NDArray[np.float64]
Found = dict[str, dict[str, float]]
LABELLED = 5


def few_labels(task: Task) -> tuple[Task, Samples]:
    """The task with a few labelled items of each class, and the others: perfect synthetic data."""
    y = task.labelled.y
    rank = np.array([np.count_nonzero(y[:i] == label) for i, label in enumerate(y)])
    few = rank < LABELLED
    return dataclasses.replace(task, labelled=task.labelled[few]), task.labelled[~few]


def graded(perfect: Samples, generated: Samples, task: Task) -> Iterator[tuple[str, Samples]]:
    """Sets by name: two kinds, each as it is and with every fault, weak and strong."""
    real = task.real.joined(task.validation)
    for kind, items in (("real", perfect), ("generated", generated)):
        yield kind, items
        for name, fault in FAULTS.items():
            for strength in fault.strengths[1:]:
                yield f"{kind}, {name} {strength}", fault.planted(items, strength, real, seed=0)


def examined(task: Task, items: Samples, options: argparse.Namespace) -> dict[str, float]:
    """Every measure of a set, better counted up, and its worth."""
    training = with_options(assay.Training(), options.training, "training")
    scoring = with_options(Scoring(), options.scoring, "scoring")
    found = score(task, items, scoring, options.backbone, training=training)
    signs = {m.name: 1 if m.better == "higher" else -1 for m in MEASURES}
    rows = {row.measure.name: signs[row.measure.name] * row.value.mean for row in found.rows}
    return {**rows, "worth": worth(task, items, options, training)}


def worth(task: Task, items: Samples, options: argparse.Namespace, training: assay.Training) -> float:
    """Accuracy of `mixed` minus that of `real_only`, mean over seeds, at the last epoch."""
    settings = {"backbone": options.backbone, "training": training, "out": options.out / "runs"}
    result = assay.compare(task, items, methods=["mixed"], seeds=options.seeds, **settings)
    rows = [row for row in result.rows() if row.get("selection") == "last"]
    mixed, real = (
        {row["seed"]: row["accuracy"] for row in rows if row["method"] == name}
        for name in ("mixed", "real_only")
    )
    difference = paired_difference(mixed, real)
    return difference.mean if difference else float("nan")


def correlations(found: Found) -> dict[str, tuple[float, float, float]]:
    """Spearman's correlation of every measure with the worth, and its interval over resampled sets."""
    from scipy.stats import spearmanr

    rng, sets = np.random.default_rng(0), list(found.values())
    draws = [np.arange(len(sets)), *rng.integers(len(sets), size=(1000, len(sets)))]
    table = {name: np.array([row[name] for row in sets]) for name in sets[0]}

    def ranked(name: str, draw: NDArray[np.int64]) -> float:
        a, b = table[name][draw], table["worth"][draw]
        return float(spearmanr(a, b).statistic) if np.ptp(a) and np.ptp(b) else 0.0

    result = {}
    for name in table:
        value, *others = (ranked(name, draw) for draw in draws)
        result[name] = (value, *np.quantile(others, [0.025, 0.975]).tolist())
    return {name: result[name] for name in sorted(result, key=lambda n: -result[n][0]) if name != "worth"}


def scatter(found: Found, best: list[str], path: Path, title: str) -> None:
    """Worth against the measures that predict it best."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(best), 3.4), layout="constrained")
    axes = figure.subplots(1, len(best), sharey=True, squeeze=False)[0]
    for axis, name in zip(axes, best, strict=True):
        for kind, colour in (("real", "#0072b2"), ("generated", "#d55e00")):
            rows = [row for label, row in found.items() if label.startswith(kind)]
            x, y = [row[name] for row in rows], [100 * row["worth"] for row in rows]
            axis.scatter(x, y, color=colour, s=18, label=kind)
        axis.axhline(0, color="#999", linewidth=0.8)
        axis.set_xlabel(name + (" (sign turned)" if max(row[name] for row in found.values()) <= 0 else ""))
    axes[0].set_ylabel("gain over real_only (points)")
    axes[0].legend(frameon=False)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("generator")
    parser.add_argument("--out", type=Path, default=Path("runs/predict"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scoring", default="repeats=3,against=labelled")
    parser.add_argument("--training", default="epochs=10,steps=30,batch=32")
    parser.add_argument("--backbone", help="by default the task kind's")
    parser.add_argument("--sets", type=int, help="only the first so many, for a quick look")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    name = options.task.split(":")[0]
    task, perfect = few_labels(assay.open_task(options.task))
    generated, _ = assay.synthesise(options.generator, len(perfect), task)
    kept = options.out / f"{name}.json"
    found: Found = json.loads(kept.read_text()) if kept.exists() else {}
    for label, items in list(graded(perfect, generated, task))[: options.sets]:
        if label not in found:
            found[label] = examined(task, items, options)
            kept.write_text(json.dumps(found, indent=1))
    ranked = correlations(found)
    print(f"\n{name}: {len(found)} sets\n\n| measure | rank correlation with the gain |\n|---|---|")
    for measure, (value, low, high) in ranked.items():
        print(f"| {measure} | {value:+.2f} [{low:+.2f}, {high:+.2f}] |")
    scatter(found, list(ranked)[:4], options.out / f"{name}.png", f"{name}: {len(found)} synthetic sets")


if __name__ == "__main__":
    main()
