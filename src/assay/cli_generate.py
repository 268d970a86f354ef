"""The verb `generate`; no logic."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from assay.cli_blender import Ray, render
from assay.errors import UserError
from assay.terminal import resumable_learning

Device = Annotated[str | None, typer.Option(help="cpu or cuda; default: the GPU if there is one.")]


def generate(
    generator: Annotated[str, typer.Argument(help="NAME:key=value,...")],
    task: Annotated[str, typer.Argument(help="The task that the data are for.")] = "digits",
    n: Annotated[int, typer.Option("-n", min=1, help="How many items.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    out: Annotated[Path, typer.Option("-o", "--out", help="The .npz file to write.")] = Path("synthetic.npz"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints beside OUT.")] = False,
    device: Device = None,
    ray: Ray = None,
) -> None:
    """Make synthetic data for a task: an .npz, a manifest and a picture of real beside synthetic.

    The renderer `blender` needs no task where OUT is a folder.
    """
    if generator.partition(":")[0] == "blender" and out.suffix != ".npz":
        render(generator, n, seed, out=out, ray=ray)
        return
    if ray is not None:
        raise UserError("--ray: serves the renderer where OUT is a folder: blender -o FOLDER")
    from assay.bench.progress import learning
    from assay.bench.store import json_bytes, replace_file, writing
    from assay.generate import GENERATORS, open_task, synthesise
    from assay.generate.base import Workspace
    from assay.generate.files import manifest, npz_bytes
    from assay.report.sheet_png import sheet_png
    from assay.settings import parse
    from assay.train import chosen_device

    if out.suffix != ".npz":
        raise UserError(f"out: {out}: expected a name that ends in .npz")
    settings, real, start = parse(generator, GENERATORS, "generator"), open_task(task), time.perf_counter()
    with learning() as report, resumable_learning(out):
        workspace = Workspace(out.with_suffix(".checkpoints"), resume, chosen_device(device), report)
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
