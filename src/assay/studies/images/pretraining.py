"""Pre-training, then adaptation (table 3 and figure 7 of Tang & Jia, CVPR 2023)."""

from __future__ import annotations

from dataclasses import replace

from assay.studies.images.adaptation import FULL, MEASURES, SMALL, method_text
from assay.studies.images.adaptation import METHODS as ADAPTING
from assay.studies.images.study import Cell, ImageStudy, PublishedProtocol, Scheme, Size
from assay.studies.published.images import SOURCE, numbers, row

SOURCE_SET = "train_no_background"
"""As VisDA-2017's rendered images are: before white."""
FEW, MANY = "few photographs to begin with", "many photographs to begin with"
SCHEMES: dict[str, Scheme | None] = {
    "none": None,
    "rendered": Scheme("synthetic_only", "train", FEW),
    "rendered, contrastive": Scheme("contrastive:source=synthetic", "train", FEW),
    "few photographs": Scheme("real_only", "", FEW),
    "rendered and few photographs": Scheme("mixed:real_share=pool", "train", FEW),
    "many photographs": Scheme("real_only", "", MANY),
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
METHODS = tuple(method for method, published in ADAPTING.items() if published)
TARGET, VISDA = "rendered to amazon", "SubVisDA-10"
BIG = "size=224,stream=true"
LINKED = f"{BIG},links=true"
SMALL_SIZE = replace(
    SMALL,
    tasks={
        TARGET: SMALL.tasks[TARGET],
        FEW: "office-caltech:source=caltech,target=amazon,labelled=20",
        MANY: "office-caltech:source=caltech,target=amazon",
    },
    images={"train": 16_200, "": 5400},
)
FULL_SIZE = replace(
    FULL,
    tasks={
        VISDA: f"visda-2017:classes=10,{BIG}",
        FEW: f"subimagenet:{LINKED}",
        MANY: f"imagenet-990:{LINKED}",
    },
    released_tasks={VISDA: f"visda-2017:classes=10,protocol=released,{BIG}"},
    images={"": 120_000},
    training=replace(FULL.training, steps=2042),
    weights="",
)
"""Its folders of photographs are those that ``assay data imagenet`` makes of ImageNet."""


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    given = {WEIGHTS: Scheme(weights=size.weights)} if size.weights else {}
    schemes = {**SCHEMES, **given}
    return [_cell(name, schemes[name], method, size, protocol) for name in schemes for method in METHODS]


def _cell(name: str, scheme: Scheme | None, method: str, size: Size, protocol: PublishedProtocol) -> Cell:
    known = row("fig7_pretraining", scheme=PUBLISHED.get(name, name), method=ADAPTING[method])
    rendered = TARGET in size.tasks
    return Cell(
        {"pre-training": name, "method": method},
        method_text(method, "synthetic" if rendered else "labelled", size, protocol, scheme),
        task=TARGET if rendered else VISDA,
        synthetic=SOURCE_SET if rendered else "",
        items=size.count(SOURCE_SET) if rendered else None,
        scheme=scheme,
        published=numbers(known, {"mean_last": "test.recall"}),
    )


PRETRAINING = ImageStudy(
    "Does pre-training on rendered images help adaptation?",
    f"{SOURCE}, figure 7 (last epoch, read off the figure)",
    MEASURES,
    lambda labels: {**labels, "pre-training": "none"},
    _cells,
    {"small": SMALL_SIZE, "full": FULL_SIZE},
    takes_weights=True,
    is_released=True,
    published_at="last",
)
