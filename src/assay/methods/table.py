"""Every method under its name; a new one is one file, one test, one line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from assay.errors import UserError
from assay.methods.adabn import AdaBn
from assay.methods.anchored import Anchored
from assay.methods.base import MethodSettings
from assay.methods.contrastive import Contrastive
from assay.methods.csigan import CsiGanClassifier
from assay.methods.dann import Dann
from assay.methods.disclusterda import DisClusterDa
from assay.methods.mcc import Mcc
from assay.methods.mcd import Mcd
from assay.methods.mixed import Mixed
from assay.methods.no_adaptation import NoAdaptation
from assay.methods.pretrain_then_real import PretrainThenReal
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.random_filter import RandomFilter
from assay.methods.rca import Rca
from assay.methods.real_only import RealOnly
from assay.methods.real_unlabelled import RealUnlabelled
from assay.methods.self_training import SelfTraining
from assay.methods.srdc import Srdc
from assay.methods.ssim_filter import SsimFilter
from assay.methods.syncheck import IN_DOMAIN, SynCheck
from assay.methods.synthetic_only import SyntheticOnly
from assay.methods.target_only import TargetOnly
from assay.methods.trts_filter import TrtsFilter
from assay.own.installed import named
from assay.settings import replaced

NEEDS = ("synthetic", "conditions", "origin", "shots", "unlabelled")
"""What a method may need, alone or as ``shots or unlabelled``."""
METHODS: dict[str, MethodSettings] = {
    "real_only": RealOnly(),
    "real_unlabelled": RealUnlabelled(),
    "target_only": TargetOnly(),
    "synthetic_only": SyntheticOnly(),
    "mixed": Mixed(),
    "pretrain_then_real": PretrainThenReal(),
    "random_filter": RandomFilter(),
    "ssim_filter": SsimFilter(),
    "trts_filter": TrtsFilter(),
    "pseudo_label": PseudoLabel(),
    "csigan": CsiGanClassifier(),
    "contrastive": Contrastive(),
    "syncheck": SynCheck(),
    "syncheck_in_domain": IN_DOMAIN,
    "no_adaptation": NoAdaptation(),
    "dann": Dann(),
    "mcd": Mcd(),
    "rca": Rca(),
    "srdc": Srdc(),
    "disclusterda": DisClusterDa(),
    "mcc": Mcc(),
    "anchored": Anchored(),
    "adabn": AdaBn(),
    "self_training": SelfTraining(),
}


def method_settings(text: str, known: Mapping[str, MethodSettings] = METHODS) -> MethodSettings:
    """The method that a text names: a known one, of a package, at ``MODULE:NAME`` or ``FILE.py:NAME``.

    Raises
    ------
    UserError
        If there is none, or an option is wrong.
    """
    return named(text, known, "method", _adopted)


def as_method(thing: Any) -> MethodSettings:
    """The settings that are held in Python: an instance, or a class that can be made without arguments.

    Raises
    ------
    UserError
        If they are no method's.
    """
    kind = thing if isinstance(thing, type) else type(thing)
    return _adopted(thing, kind.__name__, {})


def _adopted(thing: Any, text: str, options: dict[str, Any]) -> MethodSettings:
    try:
        settings: Any = thing() if isinstance(thing, type) else thing
    except TypeError as error:
        raise UserError(f"method {text}: {error}") from None
    if not (dataclasses.is_dataclass(settings) and hasattr(settings, "needs") and hasattr(settings, "build")):
        raise UserError(f"method {text}: no method; expected a dataclass with `needs` and `build(setup)`")
    words = [word for need in settings.needs for word in need.split(" or ")]
    strange = next((word for word in words if word not in NEEDS), None)
    if strange is not None:
        raise UserError(f"method {text}: needs: '{strange}'; expected a tuple of {', '.join(NEEDS)}")
    return cast(MethodSettings, replaced(settings, options, f"method {text}") if options else settings)
