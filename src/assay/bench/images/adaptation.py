"""Adaptation from rendered images to photographs, and between these: Tang & Jia (CVPR 2023), table 4."""

from __future__ import annotations

from assay.bench.images.study import Cell, ImageStudy, Measure, PublishedProtocol, Size
from assay.bench.published.images import SOURCE, row
from assay.methods.base import Training

MEASURES = (Measure("test", "accuracy", "accuracy"), Measure("test", "recall", "mean recall"))
METHODS = {
    "no_adaptation": "No Adaptation",
    "dann": "DANN",
    "mcd": "MCD",
    "rca": "RCA",
    "srdc": "SRDC",
    "disclusterda": "DisClusterDA",
    "mcc": "",
}
"""Ours to the published name; mcc (Jin et al., ECCV 2020) is a later baseline."""
RENDERED = "rendered"
FROM_SCRATCH = 0.01
"""Learning rate of the published optimiser without pre-training, where 1e-4 would teach nothing."""

SMALL = Size(
    tasks={
        "rendered to amazon": "office-caltech:source=caltech,target=amazon",
        "rendered to caltech": "office-caltech:source=amazon,target=caltech",
        "amazon to caltech": "office-caltech:source=amazon,target=caltech",
    },
    renderer="blender:samples=4",
    images={"": 5400},
    training=Training(epochs=6, steps=50, batch=32, augment="weak"),
    backbones={"resnet": "resnet2d_fast:depth=10"},
)
FULL = Size(
    tasks={"S2RDA-49": "s2rda-49:size=224,stream=true", "S2RDA-MS-39": "s2rda-ms-39:size=224,stream=true"},
    renderer="blender",
    images={"": 5400},
    training=Training(epochs=20, steps=9187, batch=64, augment="weak"),
    backbones={"resnet": "pretrained:path=resnet50.pth,like=resnet2d:depth=50"},
)


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    return [_cell(role, method, protocol) for role in size.tasks for method in METHODS]


def _cell(role: str, method: str, protocol: PublishedProtocol) -> Cell:
    rendered = role.startswith(RENDERED)
    return Cell(
        {"task": role, "method": method},
        method_text(method, "synthetic" if rendered else "labelled", protocol),
        task=role,
        synthetic="train" if rendered else "",
        items=5400 if rendered else None,
        published=_published(role, METHODS[method]),
    )


def method_text(method: str, source: str, protocol: PublishedProtocol) -> str:
    """A method on a source under a protocol, as on the command line."""
    released = f",protocol=released,learning_rate={FROM_SCRATCH}" if METHODS[method] else ""
    return f"{method}:source={source}" + (released if protocol == "released" else "")


def _published(role: str, method: str) -> dict[str, float]:
    names = {"acc": "test.accuracy", "mean": "test.recall"}
    found = {metric: row("table4_s2rda", task=role, metric=metric, method=method) for metric in names}
    return {names[metric]: float(cells["value"]) for metric, cells in found.items() if cells}


ADAPTATION = ImageStudy(
    "Which adaptation method makes the most of rendered images and unlabelled photographs?",
    f"{SOURCE}, table 4",
    MEASURES,
    lambda labels: {**labels, "method": "no_adaptation"},
    _cells,
    {"small": SMALL, "full": FULL},
)
