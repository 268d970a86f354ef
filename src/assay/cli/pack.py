"""The verb `assay data pack`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.files import check_place, writing


def pack(
    folder: Annotated[Path, typer.Argument(help="Folder of Wi-Fi recordings, one a file.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The .npz file to write.")] = Path("packed.npz"),
    pattern: Annotated[str, typer.Option(help="Of the paths: {class}/{user}-{trial}.dat")] = "",
    listing: Annotated[
        Path | None, typer.Option("--list", help="CSV with columns path, class and others, not a pattern.")
    ] = None,
    part: Annotated[str, typer.Option(help="magnitude, complex, phase or doppler.")] = "magnitude",
    window: Annotated[float, typer.Option(min=0, help="Seconds of an item; 0: the shortest recording.")] = 0,
    group: Annotated[str, typer.Option(help="recording, or a name of the pattern.")] = "recording",
    target: Annotated[str, typer.Option(help="user=2: whom (or what room) to test on.")] = "",
    packing: Annotated[
        str, typer.Option(help="key=value,...: step, rate, packet_rate, sanitation, remove_mean, axes ...")
    ] = "",
) -> None:
    """Pack Wi-Fi recordings of any card into one file that every verb takes."""
    check_place(out)

    from assay.data.packing.pack import pack as run
    from assay.data.packing.settings import Packing
    from assay.settings import with_options

    options = vars(with_options(Packing(), packing, "--packing"))
    given = {"pattern": pattern or options["pattern"], "part": part, "window": window}
    packed = run(folder, None, listing, **{**options, **given, "group": group, "target": target})
    with writing(out):
        packed.save(out)
    note(files=[out, out.with_suffix(".json")], packed=packed.told())
    typer.echo(f"{packed.told()}\nfiles: {out}, {out.with_suffix('.json')}")
