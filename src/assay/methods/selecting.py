"""Methods that choose among the synthetic items, and how each says why it left one out."""

from __future__ import annotations

from typing import TypeGuard

from assay.methods.base import MethodSettings
from assay.methods.csigan import CsiGanClassifier
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.random_filter import FilterSettings, is_filter, is_own_filter
from assay.methods.ssim_filter import SsimFilter
from assay.methods.syncheck import SynCheck

Selecting = FilterSettings | PseudoLabel | SynCheck


def selects(settings: MethodSettings) -> TypeGuard[Selecting]:
    """Whether a method chooses which synthetic items to learn from with a label."""
    if isinstance(settings, SynCheck):
        return "synthetic" in settings.pools
    return is_filter(settings) or isinstance(settings, PseudoLabel)


def why_left_out(settings: Selecting) -> str:
    """The reason in words, with places for what a model says: ``{predicted}``, ``{confidence}``."""
    if is_own_filter(settings):
        return "left out by the filter"
    if isinstance(settings, SsimFilter):
        return f"resembles no real item (SSIM not above {settings.threshold:g})"
    if isinstance(settings, CsiGanClassifier) and settings.synthetic == "ssim":
        return f"resembles no real item (SSIM not above {settings.threshold:g})"
    if isinstance(settings, PseudoLabel):
        return f"probability of its class not {settings.threshold:g} (now {{confidence}})"
    if isinstance(settings, SynCheck):
        return "an outlier of {predicted}, which it is taken for"
    return "not taken for {condition} (now for {predicted})"
