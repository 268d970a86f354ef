"""Bare supervised learning on rendered images: table 1, figure 5 and figure 6 of Tang & Jia (CVPR 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from assay.methods.training import Training
from assay.studies.images.study import Cell, ImageStudy, Measure, PublishedProtocol, Size
from assay.studies.published.images import SOURCE, numbers, row

MEASURES = (
    Measure("test", "accuracy", "OOD"),
    Measure("test", "recall", "OOD, mean recall"),
    Measure("iid", "accuracy", "IID"),
    Measure("iid_no_background", "accuracy", "IID, no background"),
)
NAMES = {
    "iid": "iid.accuracy",
    "iid_without_background": "iid_no_background.accuracy",
    "ood_acc": "test.accuracy",
    "ood_mean": "test.recall",
}
AUGMENTATIONS = {"N": "none", "W": "weak", "S": "strong"}
NEVER = {"reshuffle": "pass"}
PHOTOGRAPHS = "office-caltech:source=amazon,target=caltech,unlabelled=0.1"

SMALL = Size(
    tasks={"photographs": PHOTOGRAPHS},
    renderer="blender:samples=4",
    images={"train": 16_200, "test_iid": 900, "test_iid_no_background": 900, "": 810},
    fixed=1620,
    training=Training(epochs=6, steps=84, batch=32),
    rates={"vit": 5e-4, "mixer": 5e-4},  # they diverge at the rate that suits convolutions
    backbones={
        "resnet": "resnet2d_fast:depth=10",
        "vit": "vit_small:patch=16",
        "mixer": "mixer_small:patch=16",
        "mixer S": "mixer_small:patch=16,dim=64,depth=3",
        "mixer L": "mixer_small:patch=16,dim=256,depth=8",
    },
)
FULL = Size(
    tasks={"photographs": "visda-2017:classes=10,size=224,stream=true"},
    renderer="blender:samples=16",
    images={"train": 12_800_000, "test_iid": 60_000, "test_iid_no_background": 60_000, "": 120_000},
    fixed=120_000,
    rates={"vit": 1e-3, "mixer": 1e-3},
    training=Training(
        epochs=400,
        steps=500,
        batch=64,
        optimiser="sgd",
        learning_rate=0.01,
        weight_decay=1e-4,
        schedule="cosine_steps",
        clip=1.0,
    ),
    backbones={
        "resnet": "resnet2d:depth=50",
        "vit": "vit",
        "mixer": "mixer",
        "mixer S": "mixer:dim=512,depth=8",
        "mixer L": "mixer:dim=1024,depth=24",
    },
)
SIZES = {"small": SMALL, "full": FULL}
PUBLISHED = {"resnet": "ResNet-50", "vit": "ViT-B", "mixer": "Mixer-B"}


def _supervised(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    del protocol  # the flaw of the published table is its selection: the best epoch on the test photographs
    return [
        _cell(size, network, data, letter)
        for network in PUBLISHED
        for letter in AUGMENTATIONS
        for data in ("fixed", "never repeated")
    ]


def _cell(size: Size, network: str, data: str, letter: str) -> Cell:
    never = data == "never repeated"
    known = {"fixed_dataset": "F" if never else "T", "augmentation": letter, "data": "synthetic"}
    return Cell(
        {"network": network, "augmentation": AUGMENTATIONS[letter], "data": data},
        backbone=network,
        items=None if never else size.fixed,
        training={**rate(size, network), **(NEVER if never else {}), "augment": AUGMENTATIONS[letter]},
        never_repeats=never,
        published=numbers(row("table1_supervised", backbone=PUBLISHED[network], **known), NAMES),
    )


def rate(size: Size, network: str) -> dict[str, float]:
    """The learning rate of a kind of network, where it is not the training's."""
    return {"learning_rate": size.rates[network]} if network in size.rates else {}


def _plain(labels: Mapping[str, str]) -> Mapping[str, str]:
    """The fixed set without augmentation, on the same network."""
    return {**labels, "augmentation": "none", "data": "fixed"}


SUPERVISED = ImageStudy(
    "What does a model learn from rendered images alone, fixed or never repeated?",
    f"{SOURCE}, table 1 (best epoch on the test photographs)",
    MEASURES,
    _plain,
    _supervised,
    SIZES,
    published_at="best",
)

QUANTITIES = {"1/8": "15K", "1/2": "60K", "2": "240K", "all": "12.8M"}
"""In fixed sets, and as published; all: the whole stream, of which none comes twice."""


def _quantity(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    del protocol
    return [
        Cell(
            {"fixed sets": sets, "augmentation": augment},
            items=None if sets == "all" else round(Fraction(sets) * size.fixed),
            training={**NEVER, "augment": augment},
            never_repeats=sets == "all",
            published=_published_quantity(images) if augment == "none" else {},
        )
        for augment in ("none", "strong")
        for sets, images in QUANTITIES.items()
    ]


def _published_quantity(images: str) -> dict[str, float]:
    names = {key: value for key, value in NAMES.items() if key != "ood_acc"}
    return numbers(row("fig6_quantity", images=images), names)


QUANTITY = ImageStudy(
    "How does accuracy grow with the number of rendered images, at the same number of steps?",
    f"{SOURCE}, figure 6 (read off the figure)",
    MEASURES,
    lambda labels: {**labels, "fixed sets": "1/8"},
    _quantity,
    SIZES,
)


def _capacity(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    del protocol
    return [
        Cell(
            {"network": name},
            backbone=backbone,
            training={**NEVER, **rate(size, "mixer"), "augment": "strong"},
            never_repeats=True,
            published=numbers(row("fig5_capacity", backbone=name), NAMES),
        )
        for name, backbone in {"Mixer-S": "mixer S", "Mixer-B": "mixer", "Mixer-L": "mixer L"}.items()
    ]


CAPACITY = ImageStudy(
    "Does a larger network learn more from rendered images that never repeat?",
    f"{SOURCE}, figure 5 (read off the figure)",
    MEASURES,
    lambda labels: {**labels, "network": "Mixer-S"},
    _capacity,
    SIZES,
)
