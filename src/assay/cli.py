"""The verbs; no logic."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.errors import UserError

if TYPE_CHECKING:
    from assay.bench.compare import Comparison

app = typer.Typer(
    help="Measure what synthetic data is worth for training a model on real data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="Data sets: what there is, where to get it, is it here, is it intact.")
app.add_typer(data_app, name="data", invoke_without_command=True)

Out = Annotated[Path, typer.Option(help="Folder of runs; finished ones found there are not repeated.")]
MaybeOut = Annotated[Path | None, typer.Option(help="Folder of runs; default: runs/TASK-SYN.")]
Seeds = Annotated[int, typer.Option(min=1, help="Runs of each method, paired by seed.")]
TrainingText = Annotated[
    str, typer.Option("--training", help="key=value,...: epochs, steps, batch, learning_rate ...")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Runs at a time; default: one a core.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; default: the GPU if there is one.")]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Repeat runs that ended in an error.")]

DEMO_TRAINING = "epochs=15,steps=40,batch=32"
DEMO_SYNTHETIC = "digits-rendered"


def say_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from assay import __version__

        typer.echo(f"assay {__version__}")
        raise typer.Exit


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
    task: Annotated[
        str, typer.Argument(help="Real data: NAME, FILE.npz or FOLDER, each with :key=value,...")
    ],
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
) -> None:
    """Train the task's model under each way of using the synthetic data, and say what it is worth."""
    out = out or Path("runs") / slug(task, synthetic)
    with resumable(out):
        from assay.bench.compare import compare as run
        from assay.generate import open_synthetic, open_task
        from assay.methods import Training
        from assay.settings import with_options

        real = open_task(task)
        made = None if synthetic is None else open_synthetic(synthetic, real, ratio)
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
            synthetic_name=synthetic or "none",
        )
        show(comparison)
        write(comparison, out / "report.html")


@app.command()
def generate(
    generator: Annotated[str, typer.Argument(help="NAME:key=value,...")],
    task: Annotated[str, typer.Argument(help="The task that the data are for.")] = "digits",
    n: Annotated[int, typer.Option("-n", min=1, help="How many items.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    out: Annotated[Path, typer.Option("-o", "--out", help="The .npz file to write.")] = Path("synthetic.npz"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints beside OUT.")] = False,
    device: Device = None,
) -> None:
    """Make synthetic data for a task: an .npz, a manifest and a picture of real beside synthetic."""
    from assay.bench.progress import learning
    from assay.bench.store import json_bytes, replace_file, writing
    from assay.generate import GENERATORS, open_task, synthesise
    from assay.generate.base import Workspace
    from assay.generate.files import manifest, npz_bytes
    from assay.report.sheet_png import sheet_png
    from assay.settings import parse
    from assay.train import best_device

    if out.suffix != ".npz":
        raise UserError(f"out: {out}: expected a name that ends in .npz")
    settings, real, start = parse(generator, GENERATORS, "generator"), open_task(task), time.perf_counter()
    with learning() as report, resumable_learning(out):
        workspace = Workspace(out.with_suffix(".checkpoints"), resume, device or best_device(), report)
        samples, factors = synthesise(settings, n, real, seed, workspace)
    record = manifest(settings, real, samples, seed, time.perf_counter() - start)
    files = {
        ".npz": npz_bytes(samples, real.classes, factors),
        ".json": json_bytes(record),
        ".png": sheet_png(real, samples),
    }
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for suffix, content in files.items():
            replace_file(out.with_suffix(suffix), content)
    typer.echo(f"{n} items: {', '.join(str(out.with_suffix(suffix)) for suffix in files)}")


@app.command()
def report(
    runs: Annotated[Path, typer.Argument(help="Folder that compare wrote.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file.")] = Path("report.html"),
) -> None:
    """Write the report of a comparison again, finished or not."""
    from assay.bench.compare import Comparison

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


@data_app.command()
def check(
    path: Annotated[str, typer.Argument(help="NAME, FILE.npz or FOLDER, with :key=value,...")],
    synthetic_for: Annotated[str | None, typer.Option(help="Check as synthetic data for this task.")] = None,
) -> None:
    """Check a task (or synthetic data for one), and say what is in it."""
    from rich.table import Table

    from assay.generate import open_synthetic, open_task

    task = open_task(synthetic_for or path)
    parts = dict(task.parts()) if synthetic_for is None else {"synthetic": open_synthetic(path, task)}
    table = Table("part", "items", "by class")
    for name, part in parts.items():
        counts = zip(task.classes, part.counts(len(task.classes)))
        known = name != "unlabelled" and len(part)
        table.add_row(name, str(len(part)), ", ".join(f"{c}: {k}" for c, k in counts) if known else "")
    console().print(table)
    typer.echo(f"ok: {path}: items of shape {task.shape}, {len(task.classes)} classes, {task.kind}")


def show(comparison: Comparison) -> None:
    """Print the table and the advice."""
    from rich.table import Table

    from assay.report.advice import advise
    from assay.report.summary import cells, headline, summarise

    lines = [line for line in summarise(comparison) if line.selection == headline(comparison)]
    table = Table(title=f"{comparison.info['task']['name']}, selection: {headline(comparison)}")
    for key in cells(lines[0]):
        table.add_column(key, overflow="fold")
    for line in lines:
        table.add_row(*cells(line).values())
    console().print(table)
    console().print(advise(comparison), highlight=False)


def write(comparison: Comparison, path: Path) -> None:
    """Write the report and say where."""
    from assay.bench.store import writing
    from assay.report import write_report

    with writing(path):
        typer.echo(f"report: {write_report(comparison, path)}")


@contextmanager
def resumable(out: Path) -> Iterator[None]:
    """Context in which an interruption ends politely."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            f"\nstopped; finished runs are kept in {out}: the same command goes on from there", err=True
        )
        raise typer.Exit(130) from None
    except TerminatedWorkerError as error:
        typer.echo(
            f"\nerror: a worker was killed, out of memory perhaps ({str(error).splitlines()[0]})", err=True
        )
        typer.echo(f"finished runs are kept in {out}: the same command goes on from there", err=True)
        raise typer.Exit(1) from None


@contextmanager
def resumable_learning(out: Path) -> Iterator[None]:
    """Context in which an interruption of a generator's training says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; checkpoints are beside {out}: add --resume to go on from there", err=True)
        raise typer.Exit(130) from None


def slug(*words: str | None) -> str:
    """A folder's name from the words of a command."""
    return re.sub(r"[^\w.=+-]+", "-", "-".join(word for word in words if word)).strip("-.")


def console() -> Any:
    """Standard output, as wide as the terminal; wide enough for the tables where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False)


def main() -> None:
    """Entry point: what the user can mend ends in one line and exit code 2."""
    try:
        app()
    except (UserError, OSError) as error:
        typer.echo(f"error: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
