"""Folders of ImageNet as the pre-training sets of Tang and Jia (CVPR 2023): SubImageNet and ImageNet-990."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from assay.data.folder_tree import SUFFIXES
from assay.data.visda_synsets import merged_synsets, synset_map
from assay.errors import UserError

Protocol = Literal["corrected", "released"]
Pairs = Iterator[tuple[Path, str]]


def link_imagenet(root: Path, out: Path, classes: Literal[10, 990], protocol: Protocol) -> dict[str, int]:
    """Make a folder of links ``OUT/<class>/<image>`` to the images in ``ROOT/<synset>``: no image is copied.

    Parameters
    ----------
    root : Path
        The ``train`` folder of ImageNet-1K.
    out : Path
        A new folder; an image folder like any other then.
    classes : {10, 990}
        10 is SubImageNet, the classes of SubVisDA-10. 990 is ImageNet with the folders of each of these
        classes merged into one (992 of them under the corrected protocol).
    protocol : {"corrected", "released"}
        Of the map from synsets to classes: `synset_map`. Corrected, there is no skateboard.

    Returns
    -------
    dict of str to int
        Images of each class.

    Raises
    ------
    UserError
        If a synset is missing, `out` is not new, or links cannot be made there.
    """
    if out.exists():
        raise UserError(f"{out}: is there already; give a new folder")
    pairs = [*(_ten(root, protocol) if classes == 10 else _merged(root, protocol))]
    try:
        counts = {name: 0 for _, name in pairs}
        for folder, name in pairs:
            counts[name] += _link(folder, out / name)
    except OSError as error:
        shutil.rmtree(out, ignore_errors=True)
        raise UserError(f"{out}: links cannot be made ({error.strerror})") from None
    return counts


def _ten(root: Path, protocol: Protocol) -> Pairs:
    for name, synsets in synset_map(protocol).items():
        for synset in synsets:
            if not (root / synset).is_dir():
                raise UserError(f"{root}: no folder {synset} ({name}); expected the train folder of ImageNet")
            yield root / synset, name


def _merged(root: Path, protocol: Protocol) -> Pairs:
    merged = merged_synsets(protocol)
    found = sorted(folder for folder in root.glob("n*") if folder.is_dir())
    missing = sorted({*merged, *merged.values()} - {folder.name for folder in found})
    if missing:
        raise UserError(f"{root}: no folder {missing[0]}; expected the train folder of ImageNet")
    yield from ((folder, merged.get(folder.name, folder.name)) for folder in found)


def _link(folder: Path, target: Path) -> int:
    target.mkdir(parents=True, exist_ok=True)
    images = [path.resolve() for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    for path in images:
        (target / path.name).symlink_to(path)
    return len(images)
