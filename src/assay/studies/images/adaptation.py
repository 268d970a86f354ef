"""Adaptation from rendered images to photographs, and between these: Tang & Jia (CVPR 2023), table 4."""

from __future__ import annotations

from assay.methods.training import Training
from assay.studies.images.study import Cell, ImageStudy, Measure, PublishedProtocol, Scheme, Size
from assay.studies.published.images import SOURCE, row

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
TRUNK_RATE = 0.1
"""Published: a pre-trained trunk learns at a tenth of its heads' rate."""

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
    released_rate=0.01,  # from scratch and in few steps the published 1e-4 would teach nothing
)
BENCHMARKS = {"S2RDA-49": "s2rda-49:size=224,stream=true", "S2RDA-MS-39": "s2rda-ms-39:size=224,stream=true"}
STEPS = {"S2RDA-49": 9187, "S2RDA-MS-39": 7312}
"""Of an epoch: the source once, 64 at a time."""
FULL = Size(
    tasks=BENCHMARKS,
    released_tasks={role: f"{task},protocol=released" for role, task in BENCHMARKS.items()},
    renderer="blender",
    images={"": 5400},
    training=Training(epochs=20, batch=64, augment="weak"),
    backbones={"resnet": "resnet2d:depth=50"},
    weights="resnet50.pth",
)


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    return [_cell(role, method, size, protocol) for role in size.tasks for method in METHODS]


def _cell(role: str, method: str, size: Size, protocol: PublishedProtocol) -> Cell:
    rendered = role.startswith(RENDERED)
    scheme = Scheme(weights=size.weights) if size.weights else None
    return Cell(
        {"task": role, "method": method},
        method_text(method, "synthetic" if rendered else "labelled", size, protocol, scheme),
        task=role,
        synthetic="train" if rendered else "",
        items=size.count("train") if rendered else None,
        training={"steps": STEPS[role]} if role in STEPS else {},
        scheme=scheme,
        published=_published(role, METHODS[method]),
    )


def method_text(
    method: str, source: str, size: Size, protocol: PublishedProtocol, scheme: Scheme | None
) -> str:
    """A method on a source under a protocol, from a pre-trained trunk or none, as on the command line."""
    options = [f"source={source}"]
    if protocol == "released" and METHODS[method]:
        options.append("protocol=released")
        options += [f"learning_rate={size.released_rate}"] if size.released_rate else []
    options += [f"trunk_rate={TRUNK_RATE}"] if scheme else []
    return f"{method}:{','.join(options)}"


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
    takes_weights=True,
    is_released=True,
)
