"""The verbs `blender setup`, `render`, `learn`, `furniture` and `table2`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.answer import App, note
from assay.cli.terminal import resumable_images, show_learned
from assay.errors import UserError

if TYPE_CHECKING:
    from assay.generate.blender.settings import BlenderSettings

app = App("blender ", help="Render images of 3-D models with Blender.", no_args_is_help=True)
Settings = Annotated[str, typer.Argument(help="blender:key=value,...")]
Count = Annotated[int, typer.Option("-n", min=1, max=100_000_000, help="How many images.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same images.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder; images found there are not made again.")]
Workers = Annotated[int | None, typer.Option(min=1, max=1024, help="Processes; default: one a core.")]
Ray = Annotated[str | None, typer.Option(help="Address of a Ray cluster that shares OUT, or local.")]


@app.command()
def setup(again: Annotated[bool, typer.Option("--again", help="Install it anew.")] = False) -> None:
    """Install Blender for Assay, in an environment of its own."""
    from assay.generate.blender.engine.set_up import set_up

    place = set_up(again)
    note(ok=place)
    typer.echo(f"ok: {place}")


@app.command()
def render(
    settings: Settings = "blender",
    n: Count = 1000,
    seed: Seed = 0,
    part: Annotated[str, typer.Option(help="train, test_iid or test_iid_no_background.")] = "train",
    out: Out = Path("runs/rendered"),
    workers: Workers = None,
    ray: Ray = None,
) -> None:
    """Render labelled images into folders by class; the same command goes on where it stopped."""
    _render(_parsed(settings), out, n, seed, part, workers, ray)


@app.command()
def learn(
    photographs: Annotated[
        str, typer.Argument(help="Folder of photographs, or a task: labels are not read.")
    ],
    settings: Settings = "blender",
    weighting: Annotated[str, typer.Option(help="key=value,... of the learning, as in rounds=4.")] = "",
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of every round.")] = Path("runs/learned"),
    workers: Workers = None,
) -> None:
    """Learn from unlabelled photographs how often each value of each factor should come."""
    from assay.generate.blender.weighting.learn import learn_factors
    from assay.generate.blender.weighting.photographs import read_photographs
    from assay.generate.blender.weighting.rounds import Weighting
    from assay.machine.parallel import default_workers
    from assay.runs.progress import rendering
    from assay.settings import with_options

    chosen, count = with_options(Weighting(), weighting, "weighting"), workers or default_workers("cpu")
    real, start = read_photographs(photographs, _parsed(settings))
    with resumable_images(out), rendering() as report:
        learned = learn_factors(
            start, real, chosen, folder=out, workers=count, report=lambda _, *progress: report(*progress)
        )
    show_learned(learned, out)


@app.command()
def furniture(
    archives: Annotated[list[Path], typer.Argument(help="Libraries of Sweet Home 3D: FILE.sh3f ...")],
    out: Annotated[Path, typer.Option("-o", "--out", help="New folder for the models.")] = Path("furniture"),
) -> None:
    """Unpack furniture libraries into a folder of models for every class."""
    from assay.generate.blender.shapes.furniture import unpack_furniture

    counts = unpack_furniture(archives, out)
    most = ", ".join(f"{name} {count}" for name, count in list(counts.items())[:10])
    note(files=[out], models=counts)
    typer.echo(f"{sum(counts.values())} models of {len(counts)} classes: {most}: models={out}")


@app.command()
def table2(
    settings: Settings = "blender",
    n: Annotated[int, typer.Option("-n", min=1, max=100_000_000, help="Images of each set.")] = 1000,
    seed: Seed = 0,
    out: Out = Path("runs/table2"),
    workers: Workers = None,
    ray: Ray = None,
) -> None:
    """Render the sets of Tang and Jia's table 2: each factor fixed, all random, and both test sets."""
    from assay.generate.blender.sets.table2 import table2_grid

    chosen = _parsed(settings)
    for name, one in table2_grid(chosen).items():
        _render(one, out / name.replace(" ", "-"), n, seed, "train", workers, ray)
    for part in ("test_iid", "test_iid_no_background"):
        _render(chosen, out / part, n, seed, part, workers, ray)


def _parsed(text: str) -> BlenderSettings:
    from assay.generate.blender.settings import BlenderSettings
    from assay.settings import parse

    return parse(text, {"blender": BlenderSettings()}, "renderer")


def _render(
    settings: BlenderSettings, out: Path, n: int, seed: int, part: str, workers: int | None, ray: str | None
) -> None:
    from assay.generate.blender.sets.render_set import render_set
    from assay.machine.parallel import default_workers
    from assay.runs.progress import rendering

    with resumable_images(out), rendering() as report:
        here = None if ray else default_workers("cpu")
        done = render_set(settings, out, n, seed, part, workers or here, report, ray=ray)
    if done.failed and not done.made + done.kept:
        raise UserError(f"blender: no image could be made: {next(iter(done.failed.values()))}")
    if done.failed:
        typer.echo(
            f"not made, as {out}/manifest.jsonl says of each: {next(iter(done.failed.values()))}", err=True
        )
    note(files=[out], sets=[{"made": done.made, "kept": done.kept, "failed": len(done.failed)}])
    typer.echo(f"{done.made} made, {done.kept} kept, {len(done.failed)} failed: {out}/contact_sheet.png")
