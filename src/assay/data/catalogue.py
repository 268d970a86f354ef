"""Which data sets Assay knows, where to get them, whether they are here and whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assay.data.csi_har import FILE, read_csi_har
from assay.data.digits import read_digits
from assay.data.images import class_folders, list_images
from assay.data.office_caltech import FOLDER
from assay.data.root import data_root
from assay.errors import UserError


@dataclass(frozen=True)
class Entry:
    """A data set: what it is, where to get it, where it belongs, and how to check it.

    `check` raises `UserError` if the data are not whole, and returns what it counted.
    """

    what: str
    source: str
    path: Path | None
    check: Callable[[], str]

    def place(self) -> str:
        """Where the data are expected."""
        return "embedded" if self.path is None else str(data_root() / self.path)

    def here(self) -> bool:
        """Whether there is anything at that place."""
        return self.path is None or (data_root() / self.path).exists()

    def state(self) -> str:
        """Absent, intact (with counts) or damaged (with the reason)."""
        if not self.here():
            return "absent"
        try:
            return f"intact: {self.check()}"
        except UserError as error:
            return f"damaged: {error}"


def _check_digits() -> str:
    return f"{len(read_digits()[1])} items"


def _check_csi_har() -> str:
    data = read_csi_har(data_root() / FILE)
    if len(data["label"]) != 1681:
        raise UserError(f"{len(data['label'])} recordings; expected 1681")
    return "1681 recordings"


def _check_office_caltech() -> str:
    counts = {}
    for domain, expected in (("amazon", 860), ("caltech", 1026)):
        folder = data_root() / FOLDER / domain
        counts[domain] = len(list_images(folder, class_folders(folder), flat=False))
        if counts[domain] != expected:
            raise UserError(f"{folder}: {counts[domain]} images; expected {expected}")
    return ", ".join(f"{count} {domain}" for domain, count in counts.items())


CATALOGUE: dict[str, Entry] = {
    "digits": Entry(
        "scikit-learn's optical digits: handwriting of 13 writers, 1 × 8 × 8",
        "comes with scikit-learn",
        None,
        _check_digits,
    ),
    "csi-har": Entry(
        "Wi-Fi CSI of 11 activities, 4 people × 2 rooms, 3 antennas × 200 packets × 30 subcarriers",
        "GitHub: qiang5love1314/CSI-dataset-for-human-activity-recognition, packed as docs/data.md says",
        FILE,
        _check_csi_har,
    ),
    "office-caltech": Entry(
        "photographs of 9 kinds of everyday objects, shop pictures (amazon) and found pictures (caltech)",
        "GitHub: redhat12345/OfficeCaltechDomainAdaptation, amazon and caltech, as docs/data.md says",
        FOLDER,
        _check_office_caltech,
    ),
}
