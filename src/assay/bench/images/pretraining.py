"""Pre-training, then adaptation (table 3 and figure 7 of Tang & Jia, CVPR 2023)."""

from __future__ import annotations

from dataclasses import replace

from assay.bench.images.adaptation import MEASURES, SMALL, method_text
from assay.bench.images.study import Cell, ImageStudy, PublishedProtocol, Scheme, Size
from assay.bench.published.images import SOURCE, numbers, row

REAL = "photographs to begin with"
SCHEMES: dict[str, Scheme | None] = {
    "none": None,
    "rendered": Scheme("synthetic_only", "train", REAL),
    "rendered, contrastive": Scheme("contrastive:source=synthetic", "train", REAL),
    "few photographs": Scheme("real_only", "", REAL),
    "rendered and few photographs": Scheme("mixed", "train", REAL),
}
PUBLISHED = {"none": "No Pre-training", "rendered": "Ours"}
PUBLISHED |= {"few photographs": "SubImageNet", "rendered and few photographs": "Ours+SubImageNet"}
METHODS = {"no_adaptation": "", "mcd": "MCD", "disclusterda": "DisClusterDA"}
TARGET = "rendered to amazon"
SIZE = replace(
    SMALL,
    tasks={
        TARGET: SMALL.tasks[TARGET],
        REAL: "office-caltech:source=caltech,target=amazon,labelled=20",
    },
    images={"train": 16_200, "": 5400},
)
TRUNK_RATE = 0.1
"""Published: a pre-trained trunk learns at a tenth of its heads' rate."""


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    del size
    return [_cell(name, method, protocol) for name in SCHEMES for method in METHODS]


def _cell(name: str, method: str, protocol: PublishedProtocol) -> Cell:
    rate = f",trunk_rate={TRUNK_RATE}" if SCHEMES[name] else ""
    known = row("fig7_pretraining", scheme=PUBLISHED.get(name, name), method=METHODS[method])
    return Cell(
        {"pre-training": name, "method": method},
        method_text(method, "synthetic", protocol) + rate,
        task=TARGET,
        synthetic="train_no_background",
        items=5400,
        scheme=SCHEMES[name],
        published=numbers(known, {"mean_last": "test.recall"}),
    )


PRETRAINING = ImageStudy(
    "Does pre-training on rendered images help adaptation?",
    f"{SOURCE}, figure 7 (last epoch, read off the figure)",
    MEASURES,
    lambda labels: {**labels, "pre-training": "none"},
    _cells,
    {"small": SIZE},
)
