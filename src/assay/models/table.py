"""Every backbone under its name: the networks, and weights in a file."""

from __future__ import annotations

import torch
from torch import Generator

from assay.errors import UserError
from assay.models.networks import DEFAULT, NETWORKS, Backbone
from assay.models.pretrained import Pretrained
from assay.settings import parse, text_of
from assay.types import Kind

BACKBONES: dict[str, Backbone] = {**NETWORKS, "pretrained": Pretrained()}


def chosen(backbone: str | Backbone | None, kind: Kind, shape: tuple[int, ...]) -> Backbone:
    """The backbone's settings, once a network of it has taken an item of `shape`; by default the kind's.

    Raises
    ------
    UserError
        If there is no such backbone or setting, or it does not take such items.
    """
    named = backbone or DEFAULT[kind]
    settings = parse(named, BACKBONES, "backbone") if isinstance(named, str) else named
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
    return text_of(backbone, NETWORKS) or ""
