"""Methods that train a classifier of scikit-learn as well as a network: those of one pool of items."""

from __future__ import annotations

import dataclasses

from assay.methods.base import MethodSettings
from assay.methods.mixed import Mixed
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.random_filter import RandomFilter
from assay.methods.real_only import RealOnly
from assay.methods.ssim_filter import SsimFilter
from assay.methods.synthetic_only import SyntheticOnly
from assay.methods.target_only import TargetOnly
from assay.methods.training import Training
from assay.methods.trts_filter import TrtsFilter

ESTIMATING = RealOnly | TargetOnly | SyntheticOnly | Mixed | SsimFilter | TrtsFilter | PseudoLabel


def takes_estimator(settings: MethodSettings) -> bool:
    """Whether a method can train a classifier of scikit-learn."""
    return isinstance(settings.like if isinstance(settings, RandomFilter) else settings, ESTIMATING)


def one_fit(training: Training) -> Training:
    """The loop's settings for such a classifier, which learns from a whole pool at once."""
    return dataclasses.replace(training, epochs=1, steps=1, batch=1)
