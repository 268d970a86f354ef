"""The verb `select`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_runs, check_selecting, check_synthetic
from assay.cli.findings import Accept
from assay.cli.options import Device
from assay.cli.terminal import unfinished
from assay.files import check_place, check_writable

METHOD = typer.Option(
    "--method",
    "-m",
    help="agreement, trts_filter, ssim_filter, syncheck, pseudo_label, csigan:synthetic=trts.",
)
OUT = typer.Option(
    "-o", "--out", help="FILE.npz; for images in a folder also a new FOLDER, of links by class."
)


def select(
    task: Annotated[str, typer.Argument(help="Real data: NAME, FILE.npz or FOLDER.")],
    synthetic: Annotated[str, typer.Argument(help="FILE.npz, FOLDER or GENERATOR.")],
    method: Annotated[str, METHOD] = "agreement",
    seeds: Annotated[
        int, typer.Option(min=1, max=10_000, help="Models that judge; most of them decide.")
    ] = 3,
    backbone: Annotated[str | None, typer.Option(help="NAME:key=value,...")] = None,
    training: Annotated[str, typer.Option(help="key=value,...: epochs, steps, batch ...")] = "",
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Models at a time; default: one a core.")
    ] = None,
    device: Device = None,
    out: Annotated[Path, OUT] = Path("kept.npz"),
    accept: Accept = None,
) -> None:
    """Choose the synthetic items worth keeping: which, with what label and weight, and why (a CSV)."""
    check_selecting(method, training)
    check_runs((), backbone, device=device)
    check_synthetic(synthetic)
    check_place(out) if out.suffix == ".npz" else check_writable(out.parent)

    from assay.data.examine.admit import admit
    from assay.data.items import images_of
    from assay.generate.table import open_synthetic, open_task
    from assay.quality.keeping import TRAINING
    from assay.quality.keeping import select as run
    from assay.runs.progress import repeating
    from assay.settings import with_options

    real = open_task(task)
    made = open_synthetic(synthetic, real)
    admit(real, made, accept or ())
    images = None if out.suffix == ".npz" else images_of(made)
    recipe = with_options(TRAINING, training, "training")
    with unfinished(), repeating("models") as report:
        kept = run(
            real,
            made,
            method,
            seeds=seeds,
            backbone=backbone,
            training=recipe,
            workers=workers,
            device=device,
            report=report,
        )
    files = kept.save(out) if images is None else kept.link(out, images)
    note(files=files, kept=int(kept.kept.sum()), items=len(made))
    typer.echo(f"{kept.kept.sum()} of {len(made)} items kept: {', '.join(map(str, files))}")
