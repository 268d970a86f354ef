"""Arguments and options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Real = Annotated[str, typer.Argument(help="Real data: NAME, FILE or FOLDER, each with :key=value,...")]
Made = Annotated[str, typer.Argument(help="FILE, FOLDER or GENERATOR, each with :key=value,...")]
Out = Annotated[Path, typer.Option(help="Folder of runs; finished ones found there are not repeated.")]
MaybeOut = Annotated[Path | None, typer.Option(help="Folder of runs; default: runs/TASK-SYN.")]
Seeds = Annotated[int, typer.Option(min=1, max=10_000, help="Runs of each method, paired by seed.")]
TrainingText = Annotated[
    str, typer.Option("--training", help="key=value,...: epochs, steps, batch, learning_rate ...")
]
Workers = Annotated[int | None, typer.Option(min=1, max=1024, help="Runs at a time; default: one a core.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps; default: cuda if it is there.")]
Metric = Annotated[
    str,
    typer.Option(
        "--metric",
        help="What results tell of and go by: accuracy, macro_f1, log_loss ...",
    ),
]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Repeat runs that ended in an error.")]
Methods = Annotated[list[str] | None, typer.Option("--method", "-m", help="NAME:key=value,...; repeatable.")]
SaveModels = Annotated[
    bool, typer.Option("--save-models", help="Keep each run's model: assay predict, result.best().")
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the selections against the oracle too.")]
