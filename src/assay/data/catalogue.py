"""Which data sets Assay knows, where to get them, whether they are here and whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.data import signfi, widar, widar_bvp
from assay.data.csi_har import FILE, counted, read_csi_har
from assay.data.digits import read_digits
from assay.data.folder_tree import walk
from assay.data.office_caltech import FOLDER
from assay.data.root import data_root
from assay.data.s2rda import S2rda49, S2rdaMs39
from assay.data.signfi import protocol_arrays
from assay.data.visda import Visda2017
from assay.data.widar import Widar, items, log_path
from assay.data.widar_bvp import read_widar_bvp
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
    return counted(read_csi_har(data_root() / FILE))


def _check_signfi() -> str:
    arrays = protocol_arrays(data_root() / signfi.FILE)
    users = signfi.users_of(data_root() / signfi.FILE)
    return f"{len(arrays['train'])} labelled and {len(arrays['leaveout_test'])} test items; {users} users"


def _check_widar() -> str:
    root = data_root() / widar.FOLDER
    listed = {part: len(items(root, part, (1,))) for part in widar.PARTS}
    first = items(root, "train", Widar().train_receivers)[0]
    if not log_path(root, *first[:2]).is_file():
        raise UserError(f"{log_path(root, *first[:2])}: missing")
    logs = sum(1 for _ in root.glob("*/*/*.dat"))
    records = ", ".join(f"{count} {part} records" for part, count in listed.items())
    return f"{records} listed; {logs} logs there"


def _check_widar_bvp() -> str:
    data = read_widar_bvp(data_root() / widar_bvp.FILE)
    people, rooms = (len(np.unique(data[key])) for key in ("user", "room"))
    return (
        f"{len(data['label'])} recordings, {people} people, {rooms} rooms, {len(data['gestures'])} gestures"
    )


def _check_office_caltech() -> str:
    counts = {}
    for domain, expected in (("amazon", 860), ("caltech", 1026)):
        folder = data_root() / FOLDER / domain
        counts[domain] = len(walk(folder, links=True).pictures)
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
    "signfi": Entry(
        "Wi-Fi CSI of sign language, 50 of 150 signs in the CsiGAN protocol, one user left out",
        "GitHub: yongsen/SignFi, dataset_lab_150.mat",
        signfi.FILE,
        _check_signfi,
    ),
    "widar3": Entry(
        "Wi-Fi gestures, raw Intel 5300 logs of six receivers, as Doppler spectra of 121 × 512",
        "Widar3.0 project page, dates 20181130, 1204, 1209 and 1211; split files from RFBoost's repository",
        widar.FOLDER,
        _check_widar,
    ),
    "widar-bvp": Entry(
        "Widar3.0 velocity profiles of six gestures, 11 people, 2 rooms, 20 × 24 × 20",
        "GitHub: Ktonight/Widar3_recognition, packed as docs/data.md says",
        widar_bvp.FILE,
        _check_widar_bvp,
    ),
    "s2rda-49": Entry(
        "rendered and real images of 49 kinds of objects: 588,000 and 60,535",
        "links and split files in GitHub: huitangtang/On_the_Utility_of_Synthetic_Data, as docs/data.md says",
        S2rda49.folder,
        S2rda49().check,
    ),
    "s2rda-ms-39": Entry(
        "rendered images of 39 kinds of objects and MetaShift's photographs of them: 468,000 and 41,735",
        "links and split files in GitHub: huitangtang/On_the_Utility_of_Synthetic_Data, as docs/data.md says",
        S2rdaMs39.folder,
        S2rdaMs39().check,
    ),
    "visda-2017": Entry(
        "rendered and real images of 12 kinds of objects: 152,397, 55,388 and 72,372",
        "GitHub: VisionLearningGroup/taskcv-2017-public, classification, as docs/data.md says",
        Visda2017.folder,
        Visda2017().check,
    ),
}
