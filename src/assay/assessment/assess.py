"""One question in one run: the data, the score, the comparison and the advice, the cheapest first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.advice.advise import SEEDS, advise
from assay.assessment.ahead import Ahead, look_ahead
from assay.assessment.request import Request
from assay.comparison.compare import compare, keep_shown, pictured
from assay.comparison.result import Comparison
from assay.comparison.ways import AnyMethod
from assay.data.examine.admit import admit
from assay.errors import UserError
from assay.files import check_writable
from assay.findings import Examination
from assay.generate.table import open_synthetic, open_task
from assay.machine.launched import processes
from assay.methods.training import Training
from assay.metrics.table import metric_named
from assay.models.table import AnyBackbone
from assay.quality.score import Scoring, score
from assay.report.advice.files import write_advice
from assay.report.assessment.asked import write_asked
from assay.report.assessment.page import write_page
from assay.report.assessment.parts import PARTS, checked_parts
from assay.report.assessment.result import Assessment, Part, assessments, data_of_asked
from assay.report.score.files import write_score
from assay.report.write import REPORT
from assay.runs.progress import Bar, repeating
from assay.runs.runner import versions
from assay.runs.store import Store

Told = Callable[[str, Assessment, float], None]
"""Told the name of a part, all that is known, and how many seconds are left."""


def assess(
    task: Any,
    synthetic: Any,
    *,
    parts: Sequence[str] = PARTS,
    methods: Sequence[AnyMethod] | None = None,
    seeds: int | Sequence[int] = SEEDS,
    backbone: AnyBackbone | None = None,
    training: Training | None = None,
    scoring: Scoring | None = None,
    ratios: Sequence[float] | None = None,
    out: str | Path = "runs/assess",
    workers: int | None = None,
    device: str | None = None,
    retry_failed: bool = False,
    save_models: bool = False,
    synthetic_name: str = "synthetic",
    metric: str = "accuracy",
    accept: Sequence[str] = (),
    examined: Examination | None = None,
    told: Told | None = None,
) -> Assessment:
    """Examine the data, score the synthetic items, compare ways of using them, and advise how many to use.

    The cheapest comes first, and after each part the page, ``report.html``, holds all that is known: whoever
    knows enough stops there (Ctrl-C), and the same call goes on from there. What is finished is not repeated.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
        Real data.
    synthetic : Samples, or as of `assay.open_synthetic`
    parts : sequence of {"score", "comparison", "advice"}
        Beside the examination of the data; by default all. A part that the data do not allow is left out, and
        the page says why.
    methods, backbone, save_models
        As of `assay.compare`; of the backbone also the models that judge.
    seeds : int or sequence of int
        How many, or which; three or more for any claim.
    training : Training, optional
        Of all models; by default that of `compare`, and a shorter one for the models of the score.
    scoring : Scoring, optional
        As of `assay.score`.
    ratios : sequence of float, optional
        As of `assay.advise`.
    out : path
        Folder of the runs and of the page.
    workers, device, retry_failed, synthetic_name, metric, accept, examined
        As of `assay.compare`.
    told : callable, optional
        Told of "examination" when the data are looked at, of "forecast" once it is known how long all of it
        will take, of every part when it is there, and of "stopping" and "stopped": with all that is known and
        the seconds that are left.

    Returns
    -------
    Assessment
        With ``examination``, ``score``, ``comparison`` and ``advice``.

    Raises
    ------
    UserError
        Before anything is written, if the data are refused, or settings and data do not fit together.
    """
    if processes() > 1:
        raise UserError("assess: is one process; under torchrun compare, score and advise one by one")
    metric_named(metric)
    wanted, task = checked_parts(parts), open_task(task)
    synthetic = open_synthetic(synthetic, task, max(ratios or (), default=None))
    found = admit(task, synthetic, accept, examined)
    request = Request(
        task=task,
        synthetic=synthetic,
        synthetic_name=synthetic_name,
        parts=wanted,
        methods=methods,
        seeds=seeds,
        backbone=backbone,
        training=training,
        scoring=scoring or Scoring(),
        ratios=ratios,
        out=Path(out),
        workers=workers,
        device=device,
        save_models=save_models,
        metric=metric,
    )
    request.check()
    return _Run(request, found, retry_failed, told or _silent).done()


def _silent(part: str, found: Assessment, left: float) -> None:
    del part, found, left


def _before(folder: Path, facts: Mapping[str, Any]) -> Assessment:
    """What a folder has of the same data already."""
    new = Assessment(Examination(), folder=folder)
    with suppress(UserError):  # damaged: it is made again
        return next((found for found in assessments(folder) if data_of_asked(facts) in found.data()), new)
    return new


class _Run:
    """The parts one after the other, each written and told of when it is there."""

    def __init__(self, request: Request, found: Examination, retry_failed: bool, told: Told) -> None:
        self.request, self.retry_failed, self.told = request, retry_failed, told
        self.facts = request.facts()
        self.found = replace(_before(request.out, self.facts), examination=found)
        same = self.found.asked.get("settings") == self.facts["settings"]
        self.before = self.found.asked if same else {}
        self.ahead = Ahead({}, {})
        self.took: dict[str, float] = {}
        self.shown: tuple[Any, ...] = ()
        self.drawn = False

    def done(self) -> Assessment:
        """All that is wanted and possible; what there is, on a page, if it is stopped before."""
        check_writable(self.request.out)
        Store(self.request.out).save_samples(pictured(self.request.task, self.request.synthetic))
        self._keep("examination")
        self.ahead = look_ahead(self.request)
        self._keep("forecast")
        for part in self.request.parts:
            if part not in self.ahead.impossible:
                self._do(part)
        self._draw(anyhow=not self.drawn)
        return self.found

    def _do(self, part: str) -> None:
        start = time.monotonic()
        try:
            made = getattr(self, part)()
        except UserError as error:
            self.ahead.impossible[part] = str(error)
            self._keep("")
            return
        except KeyboardInterrupt:
            self.took[part] = time.monotonic() - start
            self._stopped()
            raise
        self.took[part] = time.monotonic() - start
        self.found = self.found.with_part(made)
        self._keep(part)

    def _keep(self, part: str) -> None:
        """Write what is known, and tell of it."""
        self.found = self._as_asked()
        write_asked(self.request.out, self.found.asked)
        self._draw()
        if part:
            self.told(part, self.found, self.ahead.left(self.took))

    def _draw(self, anyhow: bool = False) -> None:
        """Write the page, unless all that is on it has been there before."""
        parts = self.found.parts()
        shown = (self.found.examination, dict(self.ahead.impossible), list(map(id, parts.values())))
        first = not self.shown and not (parts and (self.request.out / REPORT).is_file())
        if anyhow or first or (self.shown and shown != self.shown):
            write_page(self.found, self.request.out / REPORT)
            self.drawn = True
        self.shown = shown

    def _stopped(self) -> None:
        """A page of what there is of a comparison that was stopped."""
        self.told("stopping", self.found, 0.0)
        with_runs = (
            Comparison.open(self.request.out) if (self.request.out / "compare.json").is_file() else None
        )
        if with_runs and with_runs.runs:
            keep_shown(with_runs, self.request.task)
            self.found = self.found.with_part(with_runs)
        self._keep("stopped")

    def _as_asked(self) -> Assessment:
        return replace(self.found, asked=self._asked())

    def _asked(self) -> Mapping[str, Any]:
        took, expected = (self.before.get(key, {}) for key in ("took", "expected"))
        return {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            **self.facts,
            "findings": self.found.examination.as_dicts(),
            "impossible": self.ahead.impossible,
            "expected": self.ahead.seconds | expected,
            "took": took | {part: took.get(part, 0.0) + seconds for part, seconds in self.took.items()},
            "versions": versions(),
        }

    # -- the parts --------------------------------------------------------------------------------

    def score(self) -> Part:
        """The score that is kept, or a new one, written."""
        request = self.request
        if kept := request.kept_score():
            return self.found.score or kept
        what = request.task, request.synthetic, request.scoring, request.backbone, None, request.judging
        with repeating("jobs") as report:
            found = score(
                *what,
                request.workers,
                request.device,
                report,
                request.synthetic_name,
                examined=self.found.examination,
            )
        write_score(found, request.task, request.synthetic, request.out)
        return found

    def comparison(self) -> Part:
        """All of its runs."""
        return compare(
            self.request.task,
            self.request.synthetic,
            methods=self.request.methods,
            save_models=self.request.save_models,
            **self._common("comparison"),
        )

    def advice(self) -> Part:
        """All of its runs that the comparison has not had."""
        found = advise(
            self.request.task,
            self.request.synthetic,
            ratios=self.request.ratios,
            **self._common("advice"),
        )
        write_advice(found)
        return found

    def _common(self, part: str) -> dict[str, Any]:
        names = "seeds", "backbone", "training", "out", "workers", "device", "synthetic_name", "metric"
        return {
            **{name: getattr(self.request, name) for name in names},
            "retry_failed": self.retry_failed,
            "watcher": Bar(self.ahead.seconds.get(part)),
            "examined": self.found.examination,
        }
