"""What each method and each part took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.comparison.names import BASELINE
from assay.comparison.result import Comparison
from assay.comparison.summary import shown
from assay.report.assessment.result import Assessment


def costs_of_methods(comparison: Comparison) -> list[dict[str, str]]:
    """A row for every method: seconds of a run, how that stands to `real_only`, all its runs, memory."""
    found = {name: _done(comparison, name) for name in shown(comparison)}
    base = _mean(found.get(BASELINE, ()))
    return [_row(name, runs, base) for name, runs in found.items() if runs]


def _done(comparison: Comparison, method: str) -> list[Mapping[str, Any]]:
    return [run["about"] for run in comparison.runs if run["label"] == method and not run["error"]]


def _mean(runs: Sequence[Mapping[str, Any]]) -> float:
    return float(np.mean([run["seconds"] for run in runs])) if runs else 0.0


def _row(name: str, runs: Sequence[Mapping[str, Any]], base: float) -> dict[str, str]:
    seconds, memory = _mean(runs), max(run.get("peak_mb", 0) for run in runs)
    return {
        "method": name,
        "seconds a run": f"{seconds:.1f}",
        f"times {BASELINE}": f"{seconds / base:.1f}" if base else "-",
        "all its runs, s": f"{seconds * len(runs):.0f}",
        "memory, MiB at most": str(memory) if memory else "-",
    }


def costs_of_parts(found: Assessment) -> list[dict[str, str]]:
    """A row for every part that an assessment made: what it took, beside what was foretold."""
    took, expected = (found.asked.get(key, {}) for key in ("took", "expected"))
    return [
        {
            "part": name,
            "took, s": f"{seconds:.0f}",
            "foretold, s": f"{expected[name]:.0f}" if name in expected else "-",
        }
        for name, seconds in took.items()
    ]
