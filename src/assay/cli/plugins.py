"""The verb `plugins`; no logic."""

from __future__ import annotations

import typer

from assay.cli.answer import note
from assay.own.installed import GROUPS, installed


def plugins() -> None:
    """List what installed packages offer: generators, methods, metrics, backbones, augmentations."""
    found = [(what, point) for what in GROUPS for point in installed(what).values()]
    for what, point in found:
        home = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        typer.echo(f"{what} {point.name}: {point.value} ({home})")
        note(plugins=[{"kind": what, "name": point.name, "place": point.value, "package": home}])
    if not found:
        note(plugins=[])
        typer.echo("no installed package offers any; examples/plugin shows how one does")
