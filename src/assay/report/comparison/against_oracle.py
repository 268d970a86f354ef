"""The selections against the oracle: does a score rank as the test accuracy does, and what is lost by it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.comparison.result import Comparison
from assay.comparison.summary import percent
from assay.metrics.statistics import SHARE, Estimate, Range, estimate
from assay.studies.runs import StudyRuns
from assay.train.selection import CRITERIA, LABEL_FREE, SELECTIONS

Run = Mapping[str, Any]
"""A finished run: seed, history, selections, error."""
TITLE = "The selections against the oracle"
FEWEST = 3
"""Values below which ranks are not correlated: two agree or disagree altogether."""
UNKNOWN = "cannot tell"
CORRELATION: Range = (-1.0, 1.0)
NOTE = (
    "Rank correlation: Spearman's ρ of a selection's score (turned: higher is better) with the accuracy on "
    "the test items: over the epochs of each run (mean over runs), and over the methods of each seed at "
    "their last epoch. +1: the score ranks as the oracle does; 0: it says nothing of the accuracy; "
    f"{UNKNOWN}: fewer than {FEWEST} values, or all equal. Points lost: accuracy at the oracle's epoch minus "
    "that at the selection's, mean over runs. Intervals: 95 % over seeds. These numbers look at test labels "
    "and choose nothing."
)


def of_comparison(comparison: Comparison) -> list[dict[str, str]]:
    """The table of a comparison; empty without unlabelled items."""
    return table(comparison.runs)


def of_study(study: StudyRuns) -> list[dict[str, str]]:
    """The table of a study, every run once; each of its cells counts as a method."""
    planned = {run["key"]: run["seed"] for cell in study.info["cells"] for run in cell["runs"]}
    done = [(key, seed) for key, seed in planned.items() if key in study.records]
    return table([{**study.records[key], "seed": seed} for key, seed in done])


def table(runs: Sequence[Run]) -> list[dict[str, str]]:
    """One row of text for every selection but the oracle; none if no run has a label-free score.

    Runs that failed, or that do not have a selection, are left out of its row.
    """
    good = [run for run in runs if not run["error"]]
    having = {name: [run for run in good if name in run["selections"]] for name in SELECTIONS}
    if not any(having[name] for name in LABEL_FREE):
        return []
    return [_cells(name, mine) for name, mine in having.items() if mine and name != "oracle"]


def _cells(selection: str, runs: Sequence[Run]) -> dict[str, str]:
    lost = over_seeds([(run["seed"], accuracy_lost(run, selection)) for run in runs], SHARE)
    return {
        "selection": selection,
        "rank correlation over epochs": _over_epochs(selection, runs),
        "over methods": _over_methods(selection, runs),
        "points lost to the oracle": percent(lost),
        "runs": str(len(runs)),
    }


def _over_epochs(selection: str, runs: Sequence[Run]) -> str:
    if selection not in CRITERIA:
        return "-"
    found = [(run["seed"], correlation_over_epochs(run, selection)) for run in runs]
    told = sum(math.isfinite(rho) for _, rho in found)
    part = f" ({told} of {len(runs)} runs)" if 0 < told < len(runs) else ""
    return _signed(over_seeds(found, CORRELATION)) + part


def _over_methods(selection: str, runs: Sequence[Run]) -> str:
    if selection not in CRITERIA:
        return "-"
    seeds = dict.fromkeys(run["seed"] for run in runs)
    mine = {seed: [run for run in runs if run["seed"] == seed] for seed in seeds}
    found = [(seed, correlation_over_methods(some, selection)) for seed, some in mine.items()]
    return _signed(over_seeds(found, CORRELATION))


def _signed(value: Estimate | None) -> str:
    return value.told("+.2f") if value else UNKNOWN


# -- quantities ---------------------------------------------------------------------------------------


def correlation_over_epochs(run: Run, selection: str) -> float:
    """Rank correlation of score and test accuracy over a run's epochs; NaN if that cannot be told."""
    return rank_correlation(*_series(run, selection))


def correlation_over_methods(runs: Sequence[Run], selection: str) -> float:
    """Rank correlation of score and test accuracy between runs at their last epoch, NaN likewise."""
    series = [_series(run, selection) for run in runs]
    return rank_correlation([scores[-1] for scores, _ in series], [right[-1] for _, right in series])


def accuracy_lost(run: Run, selection: str) -> float:
    """Test accuracy at the oracle's epoch minus that at the selection's: 0 or more."""
    chosen = run["selections"]
    return float(chosen["oracle"]["accuracy"] - chosen[selection]["accuracy"])


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's ρ, equals sharing their mean rank; NaN for fewer than three pairs or a constant."""
    from scipy.stats import rankdata

    if len(a) < FEWEST or len(set(a)) == 1 or len(set(b)) == 1:
        return math.nan
    return float(np.corrcoef(rankdata([a, b], axis=1))[0, 1])  # `spearmanr` takes its time for a p-value


def over_seeds(values: Sequence[tuple[int, float]], within: Range) -> Estimate | None:
    """Mean of the values of each seed, then over seeds; NaN is left out, None if nothing remains.

    Parameters
    ----------
    values : sequence of (int, float)
        Seed and value.
    within : (float, float)
        Where the quantity can be.
    """
    known: dict[int, list[float]] = {}
    for seed, value in values:
        if math.isfinite(value):
            known.setdefault(seed, []).append(value)
    return estimate([float(np.mean(mine)) for mine in known.values()], within) if known else None


def _series(run: Run, selection: str) -> tuple[list[float], list[float]]:
    """Score and test accuracy after every epoch."""
    return CRITERIA[selection].values(run["history"]), CRITERIA["oracle"].values(run["history"])
