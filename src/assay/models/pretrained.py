"""A backbone that starts from weights in a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, cast

from torch import Generator, nn

from assay.errors import UserError
from assay.models.checkpoint import facts, load_trunk
from assay.models.layers import keep_weights
from assay.models.networks import NETWORKS
from assay.models.timm_model import Timm
from assay.settings import parse

T = TypeVar("T")
NAME_IT = "name it (like=resnet2d:depth=50)"


@dataclass(frozen=True)
class Pretrained:
    """Settings of a pre-trained backbone.

    Parameters
    ----------
    path : str
        What ``assay pretrain`` wrote, or a state dict of torchvision's ResNet (`load_trunk`).
    like : str
        The backbone that the weights are of, as on the command line; by default what the file says.
    digest : str
        Hash of the file, found here: it is part of a run's identity, and the path then is not.
    """

    path: str = ""
    like: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        if Path(self.path).is_file():
            content = Path(self.path).read_bytes()
            object.__setattr__(self, "digest", hashlib.sha256(content).hexdigest()[:20])

    def build(self, shape: tuple[int, ...], generator: Generator) -> nn.Module:
        """Network for items of `shape`, its weights loaded.

        Raises
        ------
        UserError
            If there is no such file, it does not say what network it is of, or it does not fit.
        """
        network = parse(self.network(), NETWORKS, "backbone").build(shape, generator)
        load_trunk(network, Path(self.path))
        return keep_weights(network)

    def network(self) -> str:
        """The network that the weights are of, as on the command line.

        Raises
        ------
        UserError
            If there is no such file, or neither `like` nor the file names a network.
        """
        if not self.path:
            raise UserError("backbone pretrained: path: none given; expected a file of weights")
        like = self.like or facts(Path(self.path)).get("backbone", "")
        if not like:
            raise UserError(f"{self.path}: does not say what network it is of; {NAME_IT}")
        if like.partition(":")[0] == "pretrained":
            raise UserError(f"{self.path}: is said to be of '{like}', a file and not a network; {NAME_IT}")
        return like


def anywhere(backbone: T) -> T:
    """The backbone, but for where its weights lie if it is known what they are."""
    if isinstance(backbone, Timm):
        return cast(T, backbone.anywhere())
    known = isinstance(backbone, Pretrained) and backbone.digest
    return replace(backbone, path="") if known else backbone  # type: ignore[type-var]
