"""The verb `bench`: published studies; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.early import check_runs, check_study
from assay.cli.findings import Accept
from assay.cli.options import Device, Verbose
from assay.cli.results import show_study
from assay.cli.terminal import list_studies, resumable, show_forecast, show_status
from assay.errors import UserError
from assay.machine.launched import processes

METHOD = typer.Option(
    "--method",
    "-m",
    help="A row beside those of syncheck-... or battery: NAME, FILE.py:NAME, :key=value,...; repeatable.",
)
STUDY = typer.Argument(help="Name of the study; none lists them.")
SCENARIO = typer.Option(
    "--generator",
    "-g",
    help="csigan or rf-diffusion (of syncheck-...), blender; options of theirs after a colon.",
)
PROTOCOL = typer.Option(
    help="corrected or released; syncheck-...: switches too, as in released:overlap=false."
)
ONLY = typer.Option(help="Cells as column=value+value,...: columns of the table, seed, backbone, variant.")
WEIGHTS = typer.Option(
    help="Of rendered-adaptation and -pretraining: a file of weights to start from, 'assay pretrain's or a "
    "ResNet's in torchvision's names."
)
SELECTION = typer.Option(help="last, validation, label_free, oracle ... in the place of the protocol's own.")


def bench(
    study: Annotated[str | None, STUDY] = None,
    generator: Annotated[str | None, SCENARIO] = None,
    preset: Annotated[
        str, typer.Option(help="small: a laptop's hour or two; full: the published size.")
    ] = "small",
    protocol: Annotated[str, PROTOCOL] = "corrected",
    task: Annotated[str | None, typer.Option(help="Real data; default: the preset's.")] = None,
    synthetic: Annotated[
        str | None,
        typer.Option(
            "--synthetic",
            "-s",
            help="FILE, FOLDER or another GENERATOR (rendered-...: a folder of rendered sets).",
        ),
    ] = None,
    unconditional: Annotated[str | None, typer.Option(help="Likewise, made without a condition.")] = None,
    weights: Annotated[str, WEIGHTS] = "",
    training: Annotated[str, typer.Option(help="key=value,... in the place of the preset's.")] = "",
    method: Annotated[list[str] | None, METHOD] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1, max=10_000, help="How many: syncheck-... first the published five; rendered-... 0, 1, 2."
        ),
    ] = None,
    only: Annotated[str, ONLY] = "",
    selection: Annotated[str | None, SELECTION] = None,
    out: Annotated[Path, typer.Option(help="Folder of runs, shared by all studies.")] = Path("runs/bench"),
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Runs at a time; default: one a core.")
    ] = None,
    ray: Annotated[str | None, typer.Option(help="Address of a Ray cluster, or 'local'.")] = None,
    device: Device = None,
    retry: Annotated[str, typer.Option(help="'failed' repeats runs that ended in an error.")] = "",
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Learning curves for TensorBoard too.")
    ] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Confusions, features, attention, of studies of images.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the cells, their time and memory.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show what is done, running, failed, missing.")
    ] = False,
    accept: Accept = None,
    verbose: Verbose = False,
) -> None:
    """Run a published study: its tables and figures, beside the published numbers."""
    if study is None:
        list_studies()
        return
    from assay.studies.source import Source

    name, _, options = (generator or "").partition(":")
    source = Source(task, options, synthetic, unconditional, weights, tuple(accept or ()))
    asked = (study, name, preset, protocol, source, training, seeds, only, out, tuple(method or ()))
    check_runs(method or (), device=device)
    check_study(*asked, device=None, selection=selection, retry=retry)
    with resumable(out):
        from assay.studies.requests import pictured, request_of

        request = request_of(*asked, device)
        if pictures and processes() > 1:
            raise UserError("--pictures: draw them without torchrun; the runs are kept")
        drawn = pictured(request) if pictures else None
        if status:
            show_status(request.runs())
        elif dry_run:
            show_forecast(request, workers)
        else:
            runs = request.run(workers, ray, retry, tensorboard)
            if drawn:
                from assay.report.images.pictures import draw

                draw(drawn, drawn.runs(), workers)
            show_study(runs, selection, verbose)
