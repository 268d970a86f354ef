"""Assay measures what synthetic data is worth for training a model on real data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from assay.version import __version__ as __version__

if TYPE_CHECKING:
    from assay.advice.advise import advise as advise
    from assay.advice.result import Advice as Advice
    from assay.assessment.assess import assess as assess
    from assay.comparison.compare import compare as compare
    from assay.comparison.estimator import Classifier as Classifier
    from assay.comparison.final import train_model as train_model
    from assay.comparison.result import Comparison as Comparison
    from assay.data.objects.bring import samples as samples
    from assay.data.objects.split import split_task as split_task
    from assay.data.packing.pack import pack as pack
    from assay.errors import UserError as UserError
    from assay.findings import Examination as Examination
    from assay.findings import Finding as Finding
    from assay.generate.examined import examine as examine
    from assay.generate.table import open_synthetic as open_synthetic
    from assay.generate.table import open_task as open_task
    from assay.generate.table import synthesise as synthesise
    from assay.methods.training import Training as Training
    from assay.models.given import backbone as backbone
    from assay.quality.keeping import select as select
    from assay.quality.score import Score as Score
    from assay.quality.score import Scoring as Scoring
    from assay.quality.score import score as score
    from assay.report.assessment.result import Assessment as Assessment
    from assay.report.write import table as table
    from assay.report.write import verdict as verdict
    from assay.report.write import write_advice as write_advice
    from assay.report.write import write_report as write_report
    from assay.report.write import write_score as write_score
    from assay.train.features import features as features
    from assay.train.model import Model as Model
    from assay.types import Samples as Samples
    from assay.types import Task as Task

_HOMES = {
    "Advice": "assay.advice.result",
    "Assessment": "assay.report.assessment.result",
    "Classifier": "assay.comparison.estimator",
    "Comparison": "assay.comparison.result",
    "Examination": "assay.findings",
    "Finding": "assay.findings",
    "Model": "assay.train.model",
    "Samples": "assay.types",
    "Score": "assay.quality.score",
    "Scoring": "assay.quality.score",
    "Task": "assay.types",
    "Training": "assay.methods.training",
    "UserError": "assay.errors",
    "advise": "assay.advice.advise",
    "assess": "assay.assessment.assess",
    "backbone": "assay.models.given",
    "compare": "assay.comparison.compare",
    "examine": "assay.generate.examined",
    "features": "assay.train.features",
    "open_synthetic": "assay.generate.table",
    "open_task": "assay.generate.table",
    "pack": "assay.data.packing.pack",
    "samples": "assay.data.objects.bring",
    "score": "assay.quality.score",
    "select": "assay.quality.keeping",
    "split_task": "assay.data.objects.split",
    "synthesise": "assay.generate.table",
    "table": "assay.report.write",
    "train_model": "assay.comparison.final",
    "verdict": "assay.report.write",
    "write_advice": "assay.report.write",
    "write_report": "assay.report.write",
    "write_score": "assay.report.write",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing Assay does not import PyTorch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'assay' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
