"""What an advice found, in memory as on disk."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NotRequired

from annotated_types import Ge, MinLen
from typing_extensions import TypedDict

from assay.advice.outlook import Outlook
from assay.errors import UserError
from assay.files import json_bytes, plain, replace_file, writing
from assay.findings import Finding
from assay.markup import html_table
from assay.metrics.statistics import Estimate, with_ends
from assay.metrics.table import ACCURACY, Metric, metric_named
from assay.runs.forms import Count, Settings
from assay.strict import closed, read_json, read_values, strict, unbound

FILE = "advice.json"
ALONE = ("none", "unlabelled")
"""Real data alone: the labelled items, and the unlabelled ones beside them."""
LABELS = (*ALONE, "condition", "pseudo", "drop", "mcc", "anchored")


@closed
@dataclass(frozen=True)
class Option:
    """One amount of data and one use of the labels, at the last epoch.

    Attributes
    ----------
    real, synthetic : int
        Items at hand.
    labels : {"none", "unlabelled", "condition", "pseudo", "drop", "mcc", "anchored"}
    used : float
        Synthetic items learnt from with a label, mean over seeds.
    validation, test : Estimate or None
        The metric over the seeds that succeeded, accuracy by default; None if none did.
    gain : Estimate or None
        How much better it is on test items than the best use of real data alone at the same seed; only at
        the full real size.
    errors : dict of str
        Error by seed, of the runs that failed.
    over_real_only : Estimate or None
        How much better than the labelled items alone, where another use of real data alone is the best.
    """

    real: int
    synthetic: int
    labels: str
    used: float
    validation: Estimate | None
    test: Estimate | None
    gain: Estimate | None
    errors: dict[int, str]
    over_real_only: Estimate | None = None


@closed
@dataclass(frozen=True)
class Advice:
    """What `advise` found.

    Attributes
    ----------
    info : dict
        Task, synthetic data, settings and versions.
    options : tuple of Option
        Everything measured, the smallest real size first.
    choice : Option or None
        The option with the highest validation accuracy at the full real size, of equals the one with least
        synthetic data; None if no run that could be chosen succeeded.
    outlook : Outlook or None
        The learning curve and its predictions; None if it could not be fitted or there is nothing to gain.
    notes : tuple of str
        What a reader must know beside: held-out validation items, why there is no outlook.
    folder : Path
    """

    info: dict[str, Any]
    options: tuple[Option, ...]
    choice: Option | None
    outlook: Outlook | None
    notes: tuple[str, ...]
    folder: Path = field(compare=False)

    def _repr_html_(self) -> str:
        rows = [
            {
                "real": str(option.real),
                "synthetic": str(option.synthetic),
                "labels": option.labels,
                self.metric.head.replace(self.metric.words, "validation"): self.metric.told(
                    option.validation
                ),
                self.metric.head.replace(self.metric.words, "test"): self.metric.told(option.test),
                "gain": self.metric.gained(option.gain),
                "chosen": "yes" if option == self.choice else "",
            }
            for option in self.options
        ]
        return html_table(f"{self.info['task']['name']}: what was tried", rows, self.notes)

    @property
    def metric(self) -> Metric:
        """What chose, and what is told: accuracy unless another was asked for."""
        return metric_named(self.info.get("metric", ACCURACY.name))

    @property
    def candidates(self) -> list[Option]:
        """The options at the full real size."""
        return [option for option in self.options if option.real == self.info["task"]["real"]]

    @property
    def alone(self) -> Option | None:
        """The best use of real data alone, which gains are measured against; None if it failed."""
        return next((o for o in self.candidates if o.labels in ALONE and o.gain is None), None)

    @staticmethod
    def open(folder: str | Path) -> Advice:
        """The newest advice of a folder.

        Raises
        ------
        UserError
            If there is none, or its file is damaged.
        """
        path, remedy = Path(folder) / FILE, "ask for the advice again"
        values = with_ends(read_json(path, remedy))
        read_values(_File, values, str(path), remedy)
        advice = read_values(Advice, {**values, "folder": path.parent}, str(path), remedy)
        if any(
            option.labels not in LABELS for option in (*advice.options, advice.choice or advice.options[0])
        ):
            raise UserError(f"{path}: damaged (options: labels: expected {', '.join(LABELS)}); {remedy}")
        if not advice.candidates or (advice.choice and advice.choice.real != advice.info["task"]["real"]):
            raise UserError(f"{path}: damaged (options, choice: not at the full real size); {remedy}")
        return advice


# -- the file -----------------------------------------------------------------------------------------


@unbound
class _Counts(TypedDict):
    validation: Count
    test: Count


@strict
class _Task(TypedDict):
    name: str
    classes: Annotated[int, Ge(1)]
    real: Annotated[int, Ge(1)]
    counts: _Counts
    digest: str
    given: NotRequired[str]


@strict
class _Synthetic(TypedDict):
    name: str
    count: Count
    digest: str


@strict
class _Info(TypedDict):
    created: str
    task: _Task
    synthetic: _Synthetic
    seeds: Annotated[list[Count], MinLen(1)]
    training: Settings
    backbone: Settings
    device: str
    runs: Count
    versions: dict[str, str]
    findings: NotRequired[list[Finding]]


@strict
class _File(TypedDict):
    info: _Info
    options: Annotated[list[Any], MinLen(1)]
    choice: dict[str, Any] | None
    outlook: dict[str, Any] | None
    notes: list[str]


def saved(advice: Advice) -> Advice:
    """The same, once it is in its folder."""
    values = {name: value for name, value in dataclasses.asdict(advice).items() if name != "folder"}
    with writing(advice.folder):
        replace_file(advice.folder / FILE, json_bytes(plain(values)))
    return advice
