"""The verbs; no logic."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from assay.cli.advise import advise
from assay.cli.answer import App, answering, note
from assay.cli.assess import assess
from assay.cli.bench import bench
from assay.cli.blender import app as blender_app
from assay.cli.early import check_metric, check_runs, check_synthetic
from assay.cli.ending import each, ending, speaking
from assay.cli.findings import Accept, examined
from assay.cli.generate import generate
from assay.cli.options import (
    Device,
    MaybeOut,
    Methods,
    Metric,
    Out,
    Real,
    Retry,
    SaveModels,
    Seeds,
    TrainingText,
    Verbose,
    Workers,
)
from assay.cli.pack import pack
from assay.cli.plugins import plugins
from assay.cli.predict import predict
from assay.cli.pretrain import pretrain
from assay.cli.report import report
from assay.cli.results import check_any_run, command_line, show, write
from assay.cli.score import score
from assay.cli.select import select
from assay.cli.terminal import console, resumable, say_version, slug
from assay.cli.train import train

app = App(
    help="Measure what synthetic data is worth for training a model on real data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
data_app = App("data ", help="Data sets: what there is, where to get it, is it here, is it intact.")
app.add_typer(data_app, name="data", invoke_without_command=True)
app.add_typer(blender_app, name="blender")

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
    verbose: Verbose = False,
) -> None:
    """Handwritten digits with few labels, and digits rendered from fonts: are they worth anything?"""
    options = {"out": out, "seeds": seeds, "training": training, "workers": workers, "verbose": verbose}
    compare("digits", synthetic=DEMO_SYNTHETIC, **options)  # type: ignore[arg-type]
    typer.echo(
        f"how good the items are, and how many to use: assay assess digits {DEMO_SYNTHETIC} "
        f"--training {training} --out {out}"
    )


@app.command()
def compare(
    task: Real,
    synthetic: Annotated[
        str | None, typer.Option("--synthetic", "-s", help="FILE, FOLDER or GENERATOR.")
    ] = None,
    method: Methods = None,
    seeds: Seeds = 3,
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    ratio: Annotated[float | None, typer.Option(help="Synthetic items per labelled real item.")] = None,
    training: TrainingText = "",
    out: MaybeOut = None,
    workers: Workers = None,
    device: Device = None,
    retry_failed: Retry = False,
    metric: Metric = "accuracy",
    save_models: SaveModels = False,
    accept: Accept = None,
    verbose: Verbose = False,
) -> None:
    """Train the task's model under each way of using the synthetic data, and say what it is worth."""
    out = out or Path("runs") / slug(task, synthetic)
    check_runs(method or (), backbone, training, device)
    check_synthetic(synthetic)
    check_metric(metric)
    with resumable(out):
        from assay.data.examine.admit import admit
        from assay.generate.table import open_synthetic, open_task
        from assay.settings import with_options

        real = open_task(task)
        made = None if synthetic is None else open_synthetic(synthetic, real, ratio)
        found = admit(real, made, accept or ())

        from assay.comparison.compare import compare as run
        from assay.methods.training import Training

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
            metric=metric,
            synthetic_name=synthetic or "none",
            examined=found,
        )
        command_line(out, "compare")
        each(lambda: show(comparison, verbose), lambda: write(comparison, out / "report.html"))
        check_any_run(comparison.runs)


for verb in (assess, advise, score, select, train, predict, generate, pretrain, bench, report, plugins):
    app.command()(verb)


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
    path: Annotated[str, typer.Argument(help="NAME, FILE or FOLDER, with :key=value,...")],
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
    from assay.data.subimagenet import link_imagenet
    from assay.settings import known

    number: Any = known(classes, {"10": 10, "990": 990}, "--classes")
    chosen: Any = known(protocol, {name: name for name in ("corrected", "released")}, "--protocol")
    counts = link_imagenet(root, out, number, chosen)
    note(files=[out], images=counts)
    typer.echo(f"{out}: {sum(counts.values())} images of {len(counts)} classes (links: {out}:links=true)")


@functools.cache
def command() -> Callable[..., Any]:
    """What runs the verbs, made once: typer's `app` makes it anew at every call."""
    return typer.main.get_command(app)


def main() -> None:
    """Entry point: what the user can mend ends in one line and exit code 2."""
    with speaking(), answering(), ending():
        sys.exit(command()(standalone_mode=False) or 0)
