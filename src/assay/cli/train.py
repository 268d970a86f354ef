"""The verb `train`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_model, check_runs, check_synthetic
from assay.cli.findings import Accept
from assay.cli.options import Device
from assay.files import check_place

METHOD = typer.Option("--method", "-m", help="NAME:key=value,...; default: the best of --runs.")
NO_TEST = ("duplicates_test", "synthetic_is_test")
"""Refused where test items measure something; here they are learnt from."""
RUNS = typer.Option(help="Folder of a comparison of the same data: its best method, and its settings.")


def train(
    task: Annotated[str, typer.Argument(help="Real data: NAME, FILE.npz or FOLDER.")],
    synthetic: Annotated[str | None, typer.Argument(help="FILE.npz, FOLDER or GENERATOR.")] = None,
    method: Annotated[str | None, METHOD] = None,
    runs: Annotated[Path | None, RUNS] = None,
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    ratio: Annotated[float | None, typer.Option(help="Synthetic items per labelled real item.")] = None,
    training: Annotated[str, typer.Option(help="key=value,...: epochs, steps, batch ...")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same model.")] = 0,
    device: Device = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="The .safetensors file to write.")] = Path(
        "model.safetensors"
    ),
    accept: Accept = None,
) -> None:
    """Train the one model to use, on all labelled data, test items among them: assay predict OUT DATA."""
    check_model(out, method, runs)
    check_runs([method] if method else (), backbone, training, device)
    check_synthetic(synthetic)
    check_place(out)

    from assay.comparison.final import train_model
    from assay.comparison.result import Comparison
    from assay.data.examine.admit import admit
    from assay.files import writing
    from assay.generate.table import open_synthetic, open_task
    from assay.methods.training import Training
    from assay.runs.progress import learning
    from assay.settings import with_options

    like = Comparison.open(runs) if runs else None
    real = open_task(task)
    made = None if synthetic is None else open_synthetic(synthetic, real, ratio)
    admit(real, made, (*(accept or ()), *NO_TEST))
    settings = with_options(Training(), training, "training") if training else None
    with learning() as report:
        model = train_model(
            real,
            made,
            method,
            like=like,
            backbone=backbone,
            training=settings,
            ratio=ratio,
            seed=seed,
            device=device,
            report=report,
        )
    with writing(out):
        model.save(out)
    note(files=[out], method=model.about.method, trained=model.about.trained)
    typer.echo(f"{out}: {model.about.method}, on all labelled items: none is left to measure it on")
