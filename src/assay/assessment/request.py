"""What an assessment is asked for, and the runs that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay.advice.advise import planned as planned_advice
from assay.assessment.kept import kept_score
from assay.comparison.plan import checked_ways, listed_seeds, plan
from assay.comparison.ways import AnyMethod
from assay.machine.parallel import default_workers
from assay.methods.training import Training
from assay.models.device import chosen_device
from assay.models.table import AnyBackbone
from assay.quality.score import TRAINING, Score, Scoring, prepared
from assay.runs.runner import Job
from assay.settings import as_dict, fingerprint
from assay.types import Samples, Task


@dataclass(frozen=True)
class Request:
    """Real and synthetic data, and what is wanted of them; as the arguments of `assay.assess`."""

    task: Task
    synthetic: Samples
    synthetic_name: str
    parts: Sequence[str]
    methods: Sequence[AnyMethod] | None
    seeds: int | Sequence[int]
    backbone: AnyBackbone | None
    training: Training | None
    scoring: Scoring
    ratios: Sequence[float] | None
    out: Path
    workers: int | None
    device: str | None
    save_models: bool
    metric: str

    @property
    def at_a_time(self) -> int:
        """How much runs at a time."""
        return self.workers or default_workers(chosen_device(self.device))

    @property
    def judging(self) -> Training:
        """How the models of the score are trained."""
        return self.training or TRAINING

    def check(self) -> None:
        """Raise `UserError` unless methods, seeds, training, backbone and device fit the data."""
        training = self.training or Training()
        checked_ways(self.task, self.synthetic, self.methods, self.backbone, training, None)
        listed_seeds(self.seeds)
        chosen_device(self.device)

    def compared(self) -> list[Job]:
        """The runs of the comparison."""
        training = self.training or Training()
        what = self.task, self.synthetic, self.methods, self.seeds, self.backbone
        return [replace(job, models=self.save_models) for job in plan(*what, training, None, self.device)]

    def advised(self) -> list[Job]:
        """The runs of the advice; `UserError` if the data do not allow one."""
        training = self.training or Training()
        what = self.task, self.synthetic, self.seeds, self.ratios, self.backbone
        return [point.job for point in planned_advice(*what, training, self.device)[2]]

    def kept_score(self) -> Score | None:
        """The score that the folder has already; `UserError` if the data do not allow one."""
        _, info = self.scored()
        return kept_score(self.out, info)

    def scored(self) -> tuple[Any, dict[str, Any]]:
        """The conditions of the score, and what it will say of them."""
        what = self.task, self.synthetic, self.scoring, self.backbone
        return prepared(*what, None, self.judging, self.device)

    def facts(self) -> dict[str, Any]:
        """What ``assess.json`` says of data and settings."""
        task, made = self.task, self.synthetic
        return {
            "task": {
                "name": task.name,
                "kind": task.kind,
                "normalise": task.normalise,
                "classes": list(task.classes),
                "counts": {name: len(part) for name, part in task.parts()},
                "digest": task.digest(),
            },
            "synthetic": {"name": self.synthetic_name, "count": len(made), "digest": made.digest()},
            "parts": list(self.parts),
            "settings": fingerprint(self._settings()),
        }

    def _settings(self) -> Mapping[str, Any]:
        return {
            "methods": None if self.methods is None else list(map(str, self.methods)),
            "seeds": listed_seeds(self.seeds),
            "backbone": None if self.backbone is None else str(self.backbone),
            "training": as_dict(self.training or Training()),
            "scoring": as_dict(self.scoring),
            "ratios": None if self.ratios is None else list(self.ratios),
            "metric": self.metric,
        }
