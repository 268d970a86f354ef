"""Tasks that learn from synthetic images and work on real ones: what S2RDA and VisDA have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Le

from assay.data.decode import check_memory, decoded, streamed
from assay.data.listing import Listing
from assay.data.root import data_root
from assay.errors import UserError
from assay.settings import parse
from assay.types import Samples, Seed, Task

Protocol = Literal["corrected", "released"]
Source = Literal["synthetic", "real"]
Parts = dict[str, Listing]
VALIDATION = {"corrected": 0.1, "released": 0.0}


class Domains(NamedTuple):
    """The synthetic images (none if the settings ask for none), the test images, and the other real ones."""

    synthetic: Listing | None
    test: Listing
    other: Listing


@dataclass(frozen=True)
class Adaptation(ABC):
    """Settings that the image benchmarks share.

    Two protocols decide which real images are learned from without labels:

    - ``corrected``: real images that are not in the test. The reported accuracy is of images that no training
      saw, and a label-free choice of the epoch looks at none of them.
    - ``released``: the test images themselves, as the published evaluation has it (transductive); all
      synthetic images are labelled, none are set aside.

    Parameters
    ----------
    root : str
        Folder of the data set; by default the one that ``assay data`` names.
    source : {"synthetic", "real"}
        What `labelled` holds. ``synthetic``: the synthetic domain, the source of an adaptation task; `shots`
        are then the task's shots. ``real``: those `shots`, to train on beside synthetic data that are given
        apart (`Adaptation.synthetic`, or the folder itself).
    protocol : {"corrected", "released"}
    shots : int
        Labelled real images of each class, never from the test.
    limit : int, optional
        At most so many images of each class in each domain and part, drawn by the seed: of the unlabelled
        ones too, whose classes are then balanced more than a user's would be.
    validation : float, optional
        Share of the synthetic images that may choose the epoch: by default 0.1, and none in ``released``.
    size : int
        Side of the images in pixels.
    partial : bool
        Take what is there of a set that is not whole. By default anything missing, extra or of another
        number than was published is an error.
    seed : int
        Of what is drawn.
    stream : bool
        Read images from their files while a model trains, not before: for sets larger than the memory.
    """

    root: str = ""
    source: Source = "synthetic"
    protocol: Protocol = "corrected"
    shots: Annotated[int, Ge(0)] = 0
    limit: Annotated[int, Ge(1)] | None = None
    validation: Annotated[float, Ge(0), Le(0.5)] | None = None
    size: Annotated[int, Ge(8), Le(1024)] = 64
    partial: bool = False
    seed: Seed = 0
    stream: bool = False

    name: ClassVar[str]
    folder: ClassVar[Path]

    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; class i has the label i."""

    @abstractmethod
    def domains(self) -> Domains:
        """The images of the request; nothing is decoded."""

    @abstractmethod
    def synthetic_listing(self) -> Listing:
        """All synthetic images; nothing is decoded."""

    @abstractmethod
    def title(self) -> str:
        """Name of the task in tables."""

    @abstractmethod
    def contents(self) -> str:
        """What the whole set holds."""

    @abstractmethod
    def findings(self) -> list[str]:
        """What is missing, extra or wrong in the whole set: a sentence each."""

    def load(self) -> Task:
        """The task, decoded, or streamed.

        Raises
        ------
        UserError
            If the data are not here, not whole or not readable, or would fill the memory.
        """
        parts = self.parts()
        learned_twice = [parts["test"]] if self.protocol == "released" else []
        read = self._reading([*parts.values(), *learned_twice])
        samples: dict[str, Any] = {part: read(listing, self.size) for part, listing in parts.items()}
        if self.protocol == "released":
            samples["unlabelled"] = samples["test"]  # one array for both; the task removes the labels
        return Task(self._title(), self.class_names(), **samples, normalise="channel", kind="image")

    def synthetic(self) -> Samples:
        """The synthetic images, at most `limit` of each class: synthetic data for the task.

        Raises
        ------
        UserError
            As `load`.
        """
        listing = self.synthetic_listing().limited(self.limit, self.seed)
        return self._reading([listing])(listing, self.size)

    def check(self) -> str:
        """Look at folders, lists and counts; with a `limit`, decode that many images of each class too.

        Raises
        ------
        UserError
                With all that is missing, extra or wrong.
        """
        self.accept(self.findings(), whole=True)
        if self.limit is None:
            return f"{self.contents()}; limit=N would decode N of each class too"
        read = [f"{len(part)} {name}" for name, part in self.load().parts() if len(part)]
        return f"{self.contents()}; decoded: {', '.join(read)}"

    def parts(self) -> Parts:
        """The images of each part of the task (in ``released`` the unlabelled ones are the test's)."""
        self._check_options()
        synthetic, test, other = self.domains()
        self._check_shots(other)
        shots, rest = other.parted(lambda n: min(self.shots, n), self.seed)
        parts = {"test": test.limited(self.limit, self.seed)}
        if self.protocol == "corrected":
            parts["unlabelled"] = rest.limited(self.limit, self.seed)
        if synthetic is None:
            return {"labelled": shots, **parts}
        return {**self._source_parts(synthetic), "shots": shots, **parts}

    def place(self) -> Path:
        """The folder of the data set.

        Raises
        ------
        UserError
            If it is not there.
        """
        root = Path(self.root) if self.root else data_root() / self.folder
        if not root.is_dir():
            raise UserError(f"{self.name}: {root} is not here; 'assay data' says where to get it")
        return root

    def accept(self, findings: Sequence[str], whole: bool = False) -> None:
        """Raise `UserError` with all findings, unless part of a set will do."""
        if findings and (whole or not self.partial):
            hint = "" if whole else "; partial=true takes what is there"
            raise UserError(f"{self.name}: {self.place()}: {'; '.join(findings)}{hint}")

    def _reading(self, listings: Sequence[Listing]) -> Callable[[Listing, int], Samples]:
        if self.stream:
            return streamed
        check_memory(self.name, listings, self.size, "limit=images of each class")
        return decoded

    def _source_parts(self, synthetic: Listing) -> Parts:
        share = VALIDATION[self.protocol] if self.validation is None else self.validation
        chosen = synthetic.limited(self.limit, self.seed)
        validation, labelled = chosen.parted(lambda n: round(share * n), self.seed)
        return {"labelled": labelled, "validation": validation}

    def _check_options(self) -> None:
        if self.source == "real" and not self.shots:
            raise UserError(f"{self.name}: shots=0: with source=real the shots are what is learned from")
        if self.source == "real" and self.validation is not None:
            raise UserError(f"{self.name}: validation: a share of the synthetic images; source=real has none")

    def _check_shots(self, other: Listing) -> None:
        counts = other.counts(len(self.class_names()))
        rarest = int(np.argmin(counts))
        if self.shots > counts[rarest]:
            where = f"class '{self.class_names()[rarest]}' has {counts[rarest]} real images outside the test"
            raise UserError(f"{self.name}: shots={self.shots}: {where}")

    def _title(self) -> str:
        notes = [f"{self.limit} a class"] if self.limit else []
        notes += ["transductive"] if self.protocol == "released" else []
        notes += ["of what is there"] if self.partial else []
        return ", ".join([self.title(), *notes])


def checked(text: str, data_sets: Mapping[str, object]) -> str | None:
    """What `Adaptation.check` says of the data set that `text` names; None if it is no such set."""
    if not isinstance(data_sets.get(text.partition(":")[0]), Adaptation):
        return None
    settings = parse(text, data_sets, "task")
    assert isinstance(settings, Adaptation)
    return settings.check()
