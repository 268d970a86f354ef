"""The verb `generate`; no logic."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.answer import note
from assay.cli.blender import Ray, render
from assay.cli.early import check_generator, check_runs
from assay.cli.findings import Accept
from assay.cli.options import Device
from assay.cli.terminal import resumable_learning
from assay.errors import UserError
from assay.files import check_place

if TYPE_CHECKING:
    from assay.generate.base import Factors
    from assay.types import Samples, Task


def generate(
    generator: Annotated[str, typer.Argument(help="NAME:key=value,... or FILE.py:FUNCTION")],
    task: Annotated[
        str | None, typer.Argument(help="The task that the data are for: NAME, FILE.npz, FOLDER.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=100_000_000, help="How many items.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    out: Annotated[Path, typer.Option("-o", "--out", help="The .npz file to write.")] = Path("synthetic.npz"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints beside OUT.")] = False,
    device: Device = None,
    ray: Ray = None,
    accept: Accept = None,
) -> None:
    """Make synthetic data for a task: an .npz, a manifest and a picture of real beside synthetic.

    The renderer `blender` needs no task where OUT is a folder.
    """
    if generator.partition(":")[0] == "blender" and out.suffix != ".npz":
        _check_folder_of_images(out, task, device)
        render(generator, n, seed, out=out, ray=ray)
        return
    if ray is not None:
        raise UserError("--ray: serves the renderer where OUT is a folder: blender -o FOLDER")
    if out.suffix != ".npz":
        raise UserError(f"out: {out}: expected a name that ends in .npz")
    check_generator(generator)
    check_runs(device=device)

    from assay.data.examine.admit import admit
    from assay.generate.base import Workspace
    from assay.generate.files import is_made, manifest
    from assay.generate.table import generator_of, open_task, synthesise
    from assay.runs.progress import learning, rendering

    settings, real = generator_of(generator), open_task(task or "digits")
    admit(real, None, (*(accept or ()), "complex"))

    from assay.models.device import chosen_device

    if is_made(out, settings, real, n, seed):
        note(files=[out], items=n, asked=n)
        typer.echo(f"{n} items: {out}: made before, by the same command")
        return
    start, kept = time.perf_counter(), out.with_suffix(".checkpoints")
    check_place(out)
    with learning() as report, rendering() as rendered, resumable_learning(out):
        workspace = Workspace(kept, resume, chosen_device(device), report, rendered)
        samples, factors = synthesise(settings, n, real, seed, workspace)
    record = manifest(settings, real, samples, seed, time.perf_counter() - start)
    paths = _write(out, real, samples, factors, record)
    if len(samples) < n:
        typer.echo(f"{n - len(samples)} of {n} could not be made: the manifest in {kept} says why", err=True)
    note(files=paths, items=len(samples), asked=n)
    typer.echo(f"{len(samples)} items: {', '.join(map(str, paths))}")


def _write(
    out: Path, real: Task, samples: Samples, factors: Factors, record: Mapping[str, Any]
) -> list[Path]:
    """The items, what made them, and a picture of real beside synthetic; the paths of all three."""
    from assay.files import json_bytes, replace_file, writing
    from assay.generate.files import npz_bytes
    from assay.report.sheet_png import sheet_png

    files = {
        out: npz_bytes(samples, real.classes, factors),
        out.with_suffix(".json"): json_bytes(record),
        out.with_suffix(".png"): sheet_png(real, samples),
    }
    with writing(out):
        for path, content in files.items():
            replace_file(path, content)
    return list(files)


def _check_folder_of_images(out: Path, task: str | None, device: str | None) -> None:
    """Refuse what has no use where the renderer fills a folder."""
    if task is not None:
        raise UserError(f"task: {task}: the folder {out} is for any task; -o FILE.npz renders for this one")
    if device is not None:
        raise UserError(f"--device: {device}: the renderer's own is an option of it: blender:device=gpu")
