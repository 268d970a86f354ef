"""The verbs; no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import App, answering, note
from assay.cli.bench import bench
from assay.cli.blender import app as blender_app
from assay.cli.early import check_ratios, check_runs, check_scoring, check_synthetic
from assay.cli.findings import Accept, examined
from assay.cli.generate import generate
from assay.cli.pack import pack
from assay.cli.predict import predict
from assay.cli.pretrain import pretrain
from assay.cli.select import select
from assay.cli.terminal import (
    console,
    resumable,
    say_files,
    say_version,
    show,
    show_advice,
    show_score,
    slug,
    unfinished,
    write,
)
from assay.cli.train import train
from assay.errors import UserError

app = App(
    help="Measure what synthetic data is worth for training a model on real data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
data_app = App("data ", help="Data sets: what there is, where to get it, is it here, is it intact.")
app.add_typer(data_app, name="data", invoke_without_command=True)
app.add_typer(blender_app, name="blender")

Real = Annotated[str, typer.Argument(help="Real data: NAME, FILE.npz or FOLDER, each with :key=value,...")]
Made = Annotated[str, typer.Argument(help="FILE.npz, FOLDER or GENERATOR.")]
Out = Annotated[Path, typer.Option(help="Folder of runs; finished ones found there are not repeated.")]
MaybeOut = Annotated[Path | None, typer.Option(help="Folder of runs; default: runs/TASK-SYN.")]
Seeds = Annotated[int, typer.Option(min=1, help="Runs of each method, paired by seed.")]
TrainingText = Annotated[
    str, typer.Option("--training", help="key=value,...: epochs, steps, batch, learning_rate ...")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Runs at a time; default: one a core.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; default: the GPU if there is one.")]
Repeats = Annotated[int | None, typer.Option(min=1, help="Repeats at a time; default: one a core.")]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Repeat runs that ended in an error.")]

DEMO_TRAINING = "epochs=15,steps=40,batch=32"
DEMO_SYNTHETIC = "digits-rendered"


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=say_version, is_eager=True)] = False,
) -> None:
    """Measure what synthetic data is worth for training a model on real data."""


@app.command()
def demo(
    out: Out = Path("runs/demo"),
    seeds: Seeds = 5,
    training: TrainingText = DEMO_TRAINING,
    workers: Workers = None,
) -> None:
    """Handwritten digits with few labels, and digits rendered from fonts: are they worth anything?"""
    compare("digits", synthetic=DEMO_SYNTHETIC, out=out, seeds=seeds, training=training, workers=workers)


@app.command()
def compare(
    task: Real,
    synthetic: Annotated[
        str | None, typer.Option("--synthetic", "-s", help="FILE.npz, FOLDER or GENERATOR.")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option("--method", "-m", help="NAME:key=value,...; repeatable.")
    ] = None,
    seeds: Seeds = 3,
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    ratio: Annotated[float | None, typer.Option(help="Synthetic items per labelled real item.")] = None,
    training: TrainingText = "",
    out: MaybeOut = None,
    workers: Workers = None,
    device: Device = None,
    retry_failed: Retry = False,
    save_models: Annotated[
        bool, typer.Option("--save-models", help="Keep each run's model: assay predict, result.best().")
    ] = False,
) -> None:
    """Train the task's model under each way of using the synthetic data, and say what it is worth."""
    out = out or Path("runs") / slug(task, synthetic)
    check_runs(method or (), backbone, training, device)
    check_synthetic(synthetic)
    with resumable(out):
        from assay.generate.table import open_synthetic, open_task
        from assay.settings import with_options

        real = open_task(task)
        made = None if synthetic is None else open_synthetic(synthetic, real, ratio)

        from assay.comparison.compare import compare as run
        from assay.methods.base import Training

        settings = with_options(Training(), training, "training")
        comparison = run(
            real,
            made,
            methods=method,
            seeds=seeds,
            backbone=backbone,
            training=settings,
            ratio=ratio,
            out=out,
            workers=workers,
            device=device,
            retry_failed=retry_failed,
            save_models=save_models,
            synthetic_name=synthetic or "none",
        )
        show(comparison)
        write(comparison, out / "report.html")


@app.command()
def advise(
    task: Real,
    synthetic: Made,
    seeds: Seeds = 5,
    ratios: Annotated[
        str,
        typer.Option(
            help="Synthetic items per labelled real one, as 0.5,1,2 (three or more); default: up to all."
        ),
    ] = "",
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    training: TrainingText = "",
    out: MaybeOut = None,
    workers: Workers = None,
    device: Device = None,
    retry_failed: Retry = False,
) -> None:
    """Say how much of the synthetic data to use, with which labels, and what more data would be worth."""
    out = out or Path("runs") / slug(task, synthetic)
    check_runs((), backbone, training, device)
    check_synthetic(synthetic)
    with resumable(out):
        from assay.generate.table import open_synthetic, open_task
        from assay.settings import with_options

        asked, real = check_ratios(ratios), open_task(task)
        made = open_synthetic(synthetic, real, max(asked, default=None))

        from assay.advice.advise import advise as run
        from assay.methods.base import Training
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
        )
        show_advice(advice)
        say_files(write_advice(advice))


@app.command()
def score(
    task: Real,
    synthetic: Made,
    scoring: Annotated[
        str, typer.Option(help="key=value,...: repeats, against, neighbours, most, seed.")
    ] = "",
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,... of the models that judge.")] = None,
    training: TrainingText = "",
    out: Annotated[Path | None, typer.Option(help="Folder; default: runs/score-TASK-SYN.")] = None,
    workers: Repeats = None,
    device: Device = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="samples.parquet, not samples.csv.")] = False,
) -> None:
    """Say how good synthetic data are: affinity, diversity, likeness, copies; a table, a page, the items."""
    out = out or Path("runs") / slug("score", task, synthetic)
    check_scoring(scoring, training)
    check_runs((), backbone, device=device)
    check_synthetic(synthetic)

    from assay.generate.table import open_synthetic, open_task

    real = open_task(task)
    made = open_synthetic(synthetic, real)

    from assay.files import writing
    from assay.quality.score import TRAINING, Scoring
    from assay.quality.score import score as run
    from assay.report.score.files import check_writable, write_score
    from assay.runs.progress import repeating
    from assay.settings import with_options

    settings = with_options(Scoring(), scoring, "scoring")
    recipe = with_options(TRAINING, training, "training")
    check_writable(out, parquet)
    with unfinished(), repeating() as report:
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
        )
    show_score(found)
    with writing(out):
        files = write_score(found, real, made, out, parquet)
    say_files(files)


for verb in (select, train, predict, generate, pretrain, bench):
    app.command()(verb)


@app.command()
def report(
    runs: Annotated[Path, typer.Argument(help="Folder that compare wrote.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file.")] = Path("report.html"),
) -> None:
    """Write the report of a comparison again, finished or not."""
    from assay.comparison.result import Comparison

    comparison = Comparison.open(runs)
    show(comparison)
    write(comparison, out)


@data_app.callback()
def data(context: typer.Context) -> None:
    """List the data sets."""
    if context.invoked_subcommand is not None:
        return
    from assay.data.catalogue import CATALOGUE

    for name, entry in CATALOGUE.items():
        lines = (entry.what, f"state: {entry.state()}", f"place: {entry.place()}", f"source: {entry.source}")
        typer.echo("\n    ".join((name, *lines)))
        note(data_sets=[{"name": name, "what": entry.what, "state": entry.state(), "place": entry.place()}])


@data_app.command()
def check(
    path: Annotated[str, typer.Argument(help="NAME, FILE.npz or FOLDER, with :key=value,...")],
    root: Annotated[str, typer.Argument(help="Folder of a data set that has no place of its own.")] = "",
    synthetic_for: Annotated[str | None, typer.Option(help="Check as synthetic data for this task.")] = None,
    accept: Accept = None,
) -> None:
    """Check a task (or synthetic data for one), and say what is in it."""
    from rich.table import Table

    from assay.data.adaptation import checked
    from assay.data.table import DATA_SETS
    from assay.generate.table import open_synthetic, open_task

    if root:
        path += f"{',' if ':' in path else ':'}root={root}"
    if synthetic_for is None and (whole := checked(path, DATA_SETS)):
        typer.echo(f"ok: {path}: {whole}")
        note(ok=path, found=whole)
        return
    task = open_task(synthetic_for or path)
    made = None if synthetic_for is None else open_synthetic(path, task)
    examined(task, made, accept, notes=True)
    parts = dict(task.parts()) if made is None else {"synthetic": made}
    table = Table("part", "items", "by class")
    for name, part in parts.items():
        counts = dict(zip(task.classes, part.counts(len(task.classes)).tolist()))
        known = name != "unlabelled" and len(part)
        table.add_row(
            name, str(len(part)), ", ".join(f"{c}: {k}" for c, k in counts.items()) if known else ""
        )
        note(parts=[{"part": name, "items": len(part), "by_class": counts if known else None}])
    console().print(table)
    note(ok=path, shape=task.shape, classes=task.classes, kind=task.kind)
    typer.echo(f"ok: {path}: items of shape {task.shape}, {len(task.classes)} classes, {task.kind}")


data_app.command()(pack)


@data_app.command()
def imagenet(
    root: Annotated[Path, typer.Argument(help="The train folder of ImageNet-1K.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="New folder of links.")] = Path("subimagenet"),
    classes: Annotated[str, typer.Option(help="10 (SubImageNet) or 990.")] = "10",
    protocol: Annotated[
        str, typer.Option(help="corrected, or released: with its wrong synsets.")
    ] = "corrected",
) -> None:
    """Sort ImageNet's folders into the pre-training sets of Tang and Jia (CVPR 2023), by links."""
    from typing import Any

    from assay.data.subimagenet import link_imagenet
    from assay.settings import known

    number: Any = known(classes, {"10": 10, "990": 990}, "--classes")
    chosen: Any = known(protocol, {name: name for name in ("corrected", "released")}, "--protocol")
    counts = link_imagenet(root, out, number, chosen)
    note(files=[out], images=counts)
    typer.echo(f"{out}: {sum(counts.values())} images of {len(counts)} classes (links: {out}:links=true)")


def main() -> None:
    """Entry point: what the user can mend ends in one line and exit code 2."""
    with answering():
        try:
            app()
        except (UserError, OSError) as error:
            said = " ".join(str(error).split())
            note(error=said)
            typer.echo(f"error: {said}", err=True)
            sys.exit(2)
