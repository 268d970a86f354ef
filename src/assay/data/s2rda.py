"""S2RDA-49 and S2RDA-MS-39: rendered images of everyday objects, and real ones to adapt to.

Tang and Jia, "A New Benchmark: On the Utility of Synthetic Data with Blender for Bare Supervised Learning and
Downstream Domain Adaptation", CVPR 2023.

    S2RDA-49/synthetic/<class>/<image>             12,000 of each of 49 classes
    S2RDA-49/real/<class>/<image>                  60,535, of VisDA-2017, ObjectNet, ImageNet and the web
    S2RDA-49/splits/{real_val,real_test}.txt       a line an image: real/<class>/<image>; names have spaces
    S2RDA-MS-39/...                                likewise, 39 of the classes, 41,735 real ones of MetaShift

Classes are in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from assay.data.adaptation import Adaptation, Domains
from assay.data.listing import Domain, Listing
from assay.data.s2rda_tree import DOMAINS, Published, Tree, published_counts
from assay.errors import UserError

Target = Literal["val", "test", "all"]


@dataclass(frozen=True)
class S2rda(Adaptation):
    """Settings of S2RDA-49 (`S2rda49`) or S2RDA-MS-39 (`S2rdaMs39`); most of them are `Adaptation`'s.

    ``corrected`` (the default) tests on the images of ``real_test.txt`` and learns without labels from those
    of ``real_val.txt``: the only split that was published, two halves of every class without a common image,
    so that no training sees a test image. The labels of ``real_val.txt`` are removed, but for `shots`;
    ``target=val`` exchanges the halves. ``released`` is the paper's evaluation, older than the split: the
    whole real domain is both unlabelled and test, so its accuracies do not compare with ``corrected`` ones.
    The paper's code printed the best epoch by test labels; in Assay that is the selection ``oracle``.

    Accuracy on S2RDA-49 is nearly that of the ten classes of VisDA-2017 (78.5 % of the images): read the
    mean recall too. On S2RDA-MS-39 one image of ``printer`` is 0.64 points of it (4 images in the test).

    Parameters
    ----------
    target : {"val", "test", "all"}, optional
        Real images of the test, by the split files: ``test`` by default, ``all`` in ``released``.
    """

    target: Target | None = None

    published: ClassVar[Published]

    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in alphabetical order."""
        return self.published.classes

    def domains(self) -> Domains:
        """The images of the request; nothing is decoded."""
        target = self._target()
        tree = self._accepted(DOMAINS if self.source == "synthetic" else ("real",))
        synthetic = tree.listing("synthetic") if self.source == "synthetic" else None
        test = tree.listing(target)
        if target == "all":
            return Domains(synthetic, test, test.none())
        return Domains(synthetic, test, tree.listing("val" if target == "test" else "test"))

    def synthetic_listing(self) -> Listing:
        """All synthetic images; nothing is decoded."""
        return self._accepted(("synthetic",)).listing("synthetic")

    def findings(self) -> list[str]:
        """What is missing, extra or wrong in the whole set: a sentence each."""
        return self._tree().findings()

    def contents(self) -> str:
        """What the whole set holds."""
        counts = {domain: sum(self.published.counts(domain).values()) for domain in DOMAINS}
        return ", ".join(f"{count} {domain} images" for domain, count in counts.items())

    def title(self) -> str:
        """Name of the task in tables."""
        return f"{self.name} {self.source} to {self._target()}"

    def _target(self) -> Target:
        if self.target == "all" and self.protocol == "corrected":
            raise UserError(
                f"{self.name}: target=all leaves no image to learn from without labels; give test or val, "
                "or protocol=released"
            )
        return self.target or ("all" if self.protocol == "released" else "test")

    def _tree(self) -> Tree:
        return Tree(self.place(), self.published)

    def _accepted(self, domains: Sequence[Domain]) -> Tree:
        tree = self._tree()
        self.accept(tree.findings(domains))
        return tree


@dataclass(frozen=True)
class S2rda49(S2rda):
    """S2RDA-49: 49 classes, 60,535 real images of four origins. Settings: see `S2rda`."""

    name: ClassVar[str] = "s2rda-49"
    folder: ClassVar[Path] = Path("S2RDA-49")
    published: ClassVar[Published] = published_counts("49")


@dataclass(frozen=True)
class S2rdaMs39(S2rda):
    """S2RDA-MS-39: 39 of the classes, 41,735 real images of MetaShift. Settings: see `S2rda`."""

    name: ClassVar[str] = "s2rda-ms-39"
    folder: ClassVar[Path] = Path("S2RDA-MS-39")
    published: ClassVar[Published] = published_counts("ms39")
