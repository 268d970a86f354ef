"""The verb `pretrain`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_model, check_runs, check_synthetic
from assay.cli.findings import Accept
from assay.cli.options import Device
from assay.files import check_place
from assay.machine.launched import rank

METHOD = typer.Option(
    "--method", "-m", help="How it learns: NAME:key=value,...; mixed by default, real_only without -s."
)
BACKBONE = typer.Option(help="NAME:key=value,...; default: a small one that suits the task.")
OUT = typer.Option("-o", "--out", help="The .safetensors file to write.")


def pretrain(
    task: Annotated[str, typer.Argument(help="Real data: NAME, FILE.npz or FOLDER.")],
    synthetic: Annotated[
        str | None, typer.Option("--synthetic", "-s", help="FILE, FOLDER or GENERATOR.")
    ] = None,
    method: Annotated[str | None, METHOD] = None,
    backbone: Annotated[str | None, BACKBONE] = None,
    training: Annotated[str, typer.Option(help="key=value,... of the loop.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    device: Device = None,
    out: Annotated[Path, OUT] = Path("trunk.safetensors"),
    accept: Accept = None,
) -> None:
    """Train a network and keep its trunk: others start from it with --backbone pretrained:path=OUT."""
    check_model(out, method or "mixed", None)
    check_runs([method] if method else (), backbone, training, device)

    check_synthetic(synthetic)
    check_place(out)

    from assay.generate.table import opened

    real, made = opened(task, synthetic)

    from assay.data.examine.admit import admit

    admit(real, made, accept or ())

    from assay.comparison.plan import plan
    from assay.files import writing
    from assay.methods.training import Training
    from assay.models.networks import DEFAULT
    from assay.settings import with_options
    from assay.studies.trunk import pretrain as train_trunk

    name = backbone or DEFAULT[real.kind]
    settings = with_options(Training(), training, "training")
    way = method or ("mixed" if synthetic else "real_only")
    job = plan(real, made, [way], [seed], name, settings, None, device)[-1]
    with writing(out):
        accuracy = train_trunk(job, name, out)
    if rank():
        return
    note(files=[out], backbone=name, accuracy=accuracy)
    typer.echo(
        f"{out}: trunk of {name}, {100 * accuracy:.1f} % of the test items at the last epoch; use it with"
    )
    typer.echo(f"  --backbone pretrained:path={out}")
