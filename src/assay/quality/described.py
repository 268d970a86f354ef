"""What a score says of its data and of how it was made."""

from __future__ import annotations

from typing import Any

import numpy as np

from assay.quality.dealing import labelled_real
from assay.quality.repeat import Conditions
from assay.runs.runner import versions
from assay.settings import as_dict
from assay.types import Samples, Task


def described(
    task: Task, synthetic: Samples, scoring: dict[str, Any], conditions: Conditions
) -> dict[str, Any]:
    """Task, synthetic data, settings and versions, as plain JSON values."""
    return {
        "task": task.name,
        "kind": task.kind,
        "normalise": task.normalise,
        "classes": list(task.classes),
        "real": len(labelled_real(task)),
        "unlabelled": len(task.unlabelled),
        "synthetic": len(synthetic),
        "task_digest": task.digest(),
        "synthetic_digest": synthetic.digest(),
        "scoring": scoring,
        "against": conditions.against,
        "backbone": as_dict(conditions.backbone),
        "training": as_dict(conditions.training),
        "records": [name for name, part in task.parts() if len(part) and not name.startswith("test")],
        "groups": _groups(task),
        "features": "backbone" if conditions.features is None else "given",
        "device": conditions.device,
        "versions": versions(),
    }


def _groups(task: Task) -> dict[str, int]:
    """Groups of the real items that are scored with, of the test, of both, and of the unlabelled items."""
    real, test, unlabelled = (
        np.unique(part.group) for part in (labelled_real(task), task.test, task.unlabelled)
    )
    both = int(np.isin(test, real).sum())
    return {"real": len(real), "test": len(test), "both": both, "unlabelled": len(unlabelled)}
