"""The verb `predict`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_backbone, check_items
from assay.cli.options import Device
from assay.files import check_place


def predict(
    model: Annotated[Path, typer.Argument(help="MODEL.safetensors, or runs of --save-models: the best.")],
    data: Annotated[str, typer.Argument(help="FILE, FOLDER of images, or a task: its test items.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The CSV file to write.")] = Path(
        "predictions.csv"
    ),
    method: Annotated[
        str | None, typer.Option("--method", "-m", help="Of runs: the best of this method.")
    ] = None,
    backbone: Annotated[
        str | None, typer.Option(help="Of a model with a network of your own: FILE.py:NAME.")
    ] = None,
    device: Device = None,
) -> None:
    """Say what a model takes each item for: a CSV of classes and probabilities, and how many are right."""
    check_items(model, data, method)
    check_backbone(backbone)
    check_place(out)

    from assay.comparison.result import Comparison
    from assay.data.columns import csv_bytes
    from assay.data.items import oddities
    from assay.files import replace_file, writing
    from assay.generate.table import open_items
    from assay.models.device import chosen_device
    from assay.report.predictions import predictions, right
    from assay.train.model import Model

    place = chosen_device(device)
    runs = Comparison.open(model) if model.is_dir() else None
    opened = runs.best(method, backbone=backbone) if runs else Model.load(model, backbone)
    opened.plain.to(place)
    items = open_items(data, opened.sort)
    for odd in oddities(items.samples):
        typer.echo(f"warning: {odd}")
    columns = predictions(opened, *items)
    with writing(out):
        replace_file(out, csv_bytes(columns))
    correct, known = right(columns)
    told = f", {100 * correct / known:.1f} % of {known} right" if known else ""
    note(files=[out], items=len(items.names), known=known, right=correct)
    typer.echo(f"{out}: {len(items.names)} items{told}")
