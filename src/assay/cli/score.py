"""The verb `score`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.early import check_metrics, check_runs, check_scoring, check_synthetic
from assay.cli.ending import each
from assay.cli.findings import Accept
from assay.cli.options import Device, Made, MaybeOut, Real, TrainingText
from assay.cli.results import command_line, show_score
from assay.cli.terminal import foretell, say_files, slug, unfinished

Repeats = Annotated[int | None, typer.Option(min=1, max=1024, help="Jobs at a time; default: one a core.")]


def score(
    task: Real,
    synthetic: Made,
    scoring: Annotated[
        str, typer.Option(help="key=value,...: repeats, against, neighbours, most, seed.")
    ] = "",
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,... of the models that judge.")] = None,
    training: TrainingText = "",
    out: MaybeOut = None,
    workers: Repeats = None,
    device: Device = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="One more, of your own: FILE.py:FUNCTION; repeatable.")
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="samples.parquet, not samples.csv.")] = False,
    accept: Accept = None,
) -> None:
    """Say how good synthetic data are: affinity, diversity, likeness, copies; a table, a page, the items."""
    out = out or Path("runs") / slug(task, synthetic)
    check_scoring(scoring, training)
    check_runs((), backbone, device=device)
    check_synthetic(synthetic)
    check_metrics(metric or ())

    from assay.data.examine.admit import admit
    from assay.generate.table import open_synthetic, open_task

    real = open_task(task)
    made = open_synthetic(synthetic, real)
    examined = admit(real, made, accept or ())

    from assay.files import check_writable, writing
    from assay.quality.score import TRAINING, Scoring
    from assay.quality.score import score as run
    from assay.report.score.files import check_parquet
    from assay.report.write import write_score
    from assay.runs.progress import repeating
    from assay.settings import with_options

    settings = with_options(Scoring(), scoring, "scoring")
    recipe = with_options(TRAINING, training, "training")
    check_parquet(parquet)
    check_writable(out)
    with unfinished(), repeating("jobs") as report:
        found = run(
            real,
            made,
            settings,
            backbone=backbone,
            training=recipe,
            workers=workers,
            device=device,
            report=report,
            synthetic_name=synthetic,
            examined=examined,
            metrics=metric or (),
            announce=foretell,
        )

    def write() -> None:
        with writing(out):
            command_line(out, "score")
            say_files(write_score(found, real, made, out, parquet))

    each(lambda: show_score(found), write)
