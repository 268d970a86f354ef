"""Pre-training, then adaptation (table 3 and figure 7 of Tang & Jia, CVPR 2023)."""

from __future__ import annotations

from dataclasses import replace

from assay.bench.images.adaptation import MEASURES, SMALL, method_text
from assay.bench.images.study import Cell, ImageStudy, PublishedProtocol, Scheme, Size
from assay.bench.published.images import SOURCE, numbers, row

FEW, MANY = "few photographs to begin with", "many photographs to begin with"
LONG = {"epochs": 5 * SMALL.training.epochs}
"""Published: 200,000 steps before 40,840 of adaptation."""
SCHEMES: dict[str, Scheme | None] = {
    "none": None,
    "rendered": Scheme("synthetic_only", "train", FEW, LONG),
    "rendered, contrastive": Scheme("contrastive:source=synthetic", "train", FEW, LONG),
    "few photographs": Scheme("real_only", "", FEW, LONG),
    "rendered and few photographs": Scheme("mixed", "train", FEW, LONG),
    "many photographs": Scheme("real_only", "", MANY, LONG),
}
WEIGHTS = "weights in a file"
PUBLISHED = {
    "none": "No Pre-training",
    "rendered": "Ours",
    "few photographs": "SubImageNet",
    "rendered and few photographs": "Ours+SubImageNet",
    "many photographs": "ImageNet (10 epochs)",
    WEIGHTS: "ImageNet ★",
}
METHODS = {"no_adaptation": "", "mcd": "MCD", "disclusterda": "DisClusterDA"}
TARGET = "rendered to amazon"
SIZE = replace(
    SMALL,
    tasks={
        TARGET: SMALL.tasks[TARGET],
        FEW: "office-caltech:source=caltech,target=amazon,labelled=20",
        MANY: "office-caltech:source=caltech,target=amazon",
    },
    images={"train": 16_200, "": 5400},
)


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    given = {WEIGHTS: Scheme(weights=size.weights)} if size.weights else {}
    schemes = {**SCHEMES, **given}
    return [_cell(name, schemes[name], method, size, protocol) for name in schemes for method in METHODS]


def _cell(name: str, scheme: Scheme | None, method: str, size: Size, protocol: PublishedProtocol) -> Cell:
    known = row("fig7_pretraining", scheme=PUBLISHED.get(name, name), method=METHODS[method])
    return Cell(
        {"pre-training": name, "method": method},
        method_text(method, "synthetic", size, protocol, scheme),
        task=TARGET,
        synthetic="train_no_background",
        items=size.count("train_no_background"),
        scheme=scheme,
        published=numbers(known, {"mean_last": "test.recall"}),
    )


PRETRAINING = ImageStudy(
    "Does pre-training on rendered images help adaptation?",
    f"{SOURCE}, figure 7 (last epoch, read off the figure)",
    MEASURES,
    lambda labels: {**labels, "pre-training": "none"},
    _cells,
    {"small": SIZE},
    takes_weights=True,
)
