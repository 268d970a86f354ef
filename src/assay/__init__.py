"""Assay measures what synthetic data is worth for training a model on real data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from assay.bench.advise import Advice as Advice
    from assay.bench.advise import advise as advise
    from assay.bench.compare import Comparison as Comparison
    from assay.bench.compare import compare as compare
    from assay.data.split import split_task as split_task
    from assay.errors import UserError as UserError
    from assay.generate import open_synthetic as open_synthetic
    from assay.generate import open_task as open_task
    from assay.generate import synthesise as synthesise
    from assay.methods.base import Training as Training
    from assay.quality import Score as Score
    from assay.quality import Scoring as Scoring
    from assay.quality import score as score
    from assay.report import table as table
    from assay.report import verdict as verdict
    from assay.report import write_advice as write_advice
    from assay.report import write_report as write_report
    from assay.report import write_score as write_score
    from assay.types import Samples as Samples
    from assay.types import Task as Task

_HOMES = {
    "Advice": "assay.bench.advise",
    "Comparison": "assay.bench.compare",
    "Samples": "assay.types",
    "Score": "assay.quality",
    "Scoring": "assay.quality",
    "Task": "assay.types",
    "Training": "assay.methods.base",
    "UserError": "assay.errors",
    "advise": "assay.bench.advise",
    "compare": "assay.bench.compare",
    "open_synthetic": "assay.generate",
    "open_task": "assay.generate",
    "score": "assay.quality",
    "split_task": "assay.data.split",
    "synthesise": "assay.generate",
    "table": "assay.report",
    "verdict": "assay.report",
    "write_advice": "assay.report",
    "write_report": "assay.report",
    "write_score": "assay.report",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing Assay does not import PyTorch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'assay' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
