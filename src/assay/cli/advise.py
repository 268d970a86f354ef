"""The verb `advise`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.early import check_metric, check_ratios, check_runs, check_synthetic
from assay.cli.ending import each
from assay.cli.findings import Accept
from assay.cli.options import Device, Made, MaybeOut, Metric, Real, Retry, TrainingText, Workers
from assay.cli.results import command_line, show_advice
from assay.cli.terminal import resumable, say_files, slug

RATIOS = typer.Option(
    help="Synthetic items per labelled real one, as 0.5,1,2 (three or more); default: up to all."
)


def advise(
    task: Real,
    synthetic: Made,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Runs of each option, paired by seed.")] = 5,
    ratios: Annotated[str, RATIOS] = "",
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    training: TrainingText = "",
    out: MaybeOut = None,
    workers: Workers = None,
    device: Device = None,
    retry_failed: Retry = False,
    metric: Metric = "accuracy",
    accept: Accept = None,
) -> None:
    """Say how much of the synthetic data to use, with which labels, and what more data would be worth."""
    out = out or Path("runs") / slug(task, synthetic)
    check_runs((), backbone, training, device)
    check_synthetic(synthetic)
    check_metric(metric)
    with resumable(out):
        from assay.data.examine.admit import admit
        from assay.generate.table import open_synthetic, open_task
        from assay.settings import with_options

        asked, real = check_ratios(ratios), open_task(task)
        made = open_synthetic(synthetic, real, max(asked, default=None))
        examined = admit(real, made, accept or ())

        from assay.advice.advise import advise as run
        from assay.methods.training import Training
        from assay.report.write import write_advice

        advice = run(
            real,
            made,
            seeds=seeds,
            ratios=asked or None,
            backbone=backbone,
            training=with_options(Training(), training, "training"),
            out=out,
            workers=workers,
            device=device,
            retry_failed=retry_failed,
            synthetic_name=synthetic,
            metric=metric,
            examined=examined,
        )
        command_line(out, "advise")
        each(lambda: show_advice(advice), lambda: say_files(write_advice(advice)))
