"""The verbs `blender setup`, `blender render` and `blender table2`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.terminal import resumable_images

if TYPE_CHECKING:
    from assay.generate.blender import Blender

app = typer.Typer(help="Render images of 3-D models with Blender.", no_args_is_help=True)
Settings = Annotated[str, typer.Argument(help="blender:key=value,...")]
Count = Annotated[int, typer.Option("-n", min=1, help="How many images.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same images.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder; images found there are not made again.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: one a core.")]


@app.command()
def setup(again: Annotated[bool, typer.Option("--again", help="Install it anew.")] = False) -> None:
    """Install Blender for Assay, in an environment of its own."""
    from assay.generate.blender import set_up

    typer.echo(f"ok: {set_up(again)}")


@app.command()
def render(
    settings: Settings = "blender",
    n: Count = 1000,
    seed: Seed = 0,
    part: Annotated[str, typer.Option(help="train, test_iid or test_iid_no_background.")] = "train",
    out: Out = Path("runs/rendered"),
    workers: Workers = None,
) -> None:
    """Render labelled images into folders by class; the same command goes on where it stopped."""
    _render(_parsed(settings), out, n, seed, part, workers)


@app.command()
def table2(
    settings: Settings = "blender",
    n: Annotated[int, typer.Option("-n", min=1, help="Images of each set.")] = 1000,
    seed: Seed = 0,
    out: Out = Path("runs/table2"),
    workers: Workers = None,
) -> None:
    """Render the sets of Tang and Jia's table 2: each factor fixed, all random, and both test sets."""
    from assay.generate.blender import table2_grid

    chosen = _parsed(settings)
    for name, one in table2_grid(chosen).items():
        _render(one, out / name.replace(" ", "-"), n, seed, "train", workers)
    for part in ("test_iid", "test_iid_no_background"):
        _render(chosen, out / part, n, seed, part, workers)


def _parsed(text: str) -> Blender:
    from assay.generate.blender import Blender
    from assay.settings import parse

    return parse(text, {"blender": Blender()}, "renderer")


def _render(settings: Blender, out: Path, n: int, seed: int, part: str, workers: int | None) -> None:
    from assay.bench.progress import rendering
    from assay.generate.blender import render_set
    from assay.parallel import default_workers

    with resumable_images(out), rendering() as report:
        done = render_set(settings, out, n, seed, part, workers or default_workers("cpu"), report)
    typer.echo(f"{done.made} made, {done.kept} kept, {len(done.failed)} failed: {out}/contact_sheet.png")
