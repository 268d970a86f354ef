"""Studies of images as declared cells: set, method, network, augmentation, and what was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from assay.methods.training import Training

PublishedProtocol = Literal["corrected", "released"]


class Measure(NamedTuple):
    """A column of numbers: the test set ("test": the task's own), "accuracy" or mean "recall", a title."""

    test: str
    metric: str
    title: str

    @property
    def name(self) -> str:
        """In files, and of the published number."""
        return f"{self.test}.{self.metric}"


@dataclass(frozen=True)
class Scheme:
    """How a trunk is trained before it is adapted, or the file that has one.

    Attributes
    ----------
    method : str
        As on the command line.
    synthetic : str
        Name of the rendered set, "" for none.
    task : str
        Role of the task that has the real items, and says how items are normalised.
    weights : str
        Weights that are there already, as options of the backbone `pretrained`: ``PATH`` or
        ``PATH,like=BACKBONE``. Then nothing is trained, and all else has no meaning.
    """

    method: str = ""
    synthetic: str = ""
    task: str = ""
    weights: str = ""


@dataclass(frozen=True)
class Cell:
    """A row of a study's table; every seed makes a run of it.

    Attributes
    ----------
    labels : mapping
        What it is, by column.
    method : str
        As on the command line.
    backbone : str
        Name in the size's `backbones`.
    task : str
        Role of the real data in the size's `tasks`.
    synthetic : str
        Name of a rendered set, "" for none.
    items : int, optional
        The first so many of that set; all by default.
    training : mapping
        In the place of the size's.
    never_repeats : bool
        Whether it means that no image is seen twice.
    scheme : Scheme, optional
        How its trunk is pre-trained; not at all by default.
    published : mapping
        Published numbers, per cent, by the name of their measure.
    """

    labels: Mapping[str, str]
    method: str = "synthetic_only"
    backbone: str = "resnet"
    task: str = "photographs"
    synthetic: str = "train"
    items: int | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    never_repeats: bool = False
    scheme: Scheme | None = None
    published: Mapping[str, float] = field(default_factory=dict)

    @property
    def pretraining(self) -> Scheme | None:
        """How its trunk is to be trained; None if it has none, or one from a file."""
        return None if self.scheme is None or self.scheme.weights else self.scheme

    @property
    def label(self) -> str:
        """What progress lines call it."""
        return ", ".join(self.labels.values())


@dataclass(frozen=True)
class Size:
    """How large a study is.

    Attributes
    ----------
    tasks : mapping
        Role to real data, as on the command line.
    renderer : str
        Settings of the renderer, as on the command line.
    images : mapping
        How many images of each rendered set; "" is any that is not named.
    training : Training
    backbones : mapping
        Published name to ours.
    fixed : int
        Images of the fixed set, published: 120,000.
    rates : mapping
        Learning rates of networks that do not suit the training's.
    released_tasks : mapping
        In the place of `tasks` under the released protocol.
    released_rate : float, optional
        Learning rate under the released protocol; by default the published one, which suits networks that
        start from ImageNet's weights.
    weights : str
        What studies that can start from a file of weights start from, as `Scheme` has it; "" for none.
    """

    tasks: Mapping[str, str]
    renderer: str
    images: Mapping[str, int]
    training: Training
    backbones: Mapping[str, str]
    fixed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    released_tasks: Mapping[str, str] = field(default_factory=dict)
    released_rate: float | None = None
    weights: str = ""

    def count(self, name: str) -> int:
        """Images of a rendered set."""
        return self.images.get(name, self.images[""])


@dataclass(frozen=True)
class ImageStudy:
    """A published table or figure.

    Attributes
    ----------
    question : str
        What it asks.
    source : str
        Where its published numbers stand.
    measures : tuple of Measure
        The first is the one that differences are taken of.
    baseline : callable
        Labels of a cell to those of the cell that it is compared with; equal for a baseline itself.
    cells : callable
        (size, protocol) to the cells.
    sizes : mapping
    takes_weights : bool
        Whether its networks can start from weights in a file.
    is_released : bool
        Whether its runs differ under the released protocol.
    published_at : {"best", "last", "unknown"}
        The epoch that the published numbers are of: the best on the test items, or the last.
    """

    question: str
    source: str
    measures: tuple[Measure, ...]
    baseline: Callable[[Mapping[str, str]], Mapping[str, str]]
    cells: Callable[[Size, PublishedProtocol], list[Cell]]
    sizes: Mapping[str, Size]
    takes_weights: bool = False
    is_released: bool = False
    published_at: Literal["best", "last", "unknown"] = "unknown"

    @property
    def rendered_tests(self) -> bool:
        """Whether models are tested on rendered images too."""
        return any(measure.test != "test" for measure in self.measures)
