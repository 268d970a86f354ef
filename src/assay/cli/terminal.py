"""What the verbs say on the terminal, and how they end when they are stopped."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assay.cli.answer import note
from assay.cli.stopping import PATIENCE, stoppable

if TYPE_CHECKING:
    from assay.generate.blender.weighting.learn import Learned
    from assay.studies.requests import AnyRequest
    from assay.studies.runs import StudyRuns


def say_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from assay.version import __version__

        typer.echo(f"assay {__version__}")
        raise typer.Exit


def list_studies() -> None:
    """Print the published studies and what they ask."""
    from assay.studies.requests import questions

    rows = [{"study": name, "asks": question} for name, question in questions().items()]
    print_table("published studies: assay bench STUDY", rows)


def show_status(runs: StudyRuns) -> None:
    """Print how far a study is."""
    found = runs.status()
    counts = {"done": found.done, "running": len(found.active), "failed": found.failed}
    note(**counts, missing=found.missing, of=found.total, seconds_left=found.left)
    row = {**counts, "missing": found.missing, "of": found.total}
    left = "unknown" if found.left is None else f"{clock(found.left)} of one worker"
    print_table(runs.name, [{**{key: str(value) for key, value in row.items()}, "left": left}])
    for claim in found.active.values():
        since = clock(time.time() - claim["start"])
        console().print(f"running for {since}: {claim['label']} ({claim['host']}, process {claim['pid']})")
    for record in runs.records.values():
        if record["error"]:
            console().print(f"FAILED: {record['about']['label']}: {record['error']}")


def show_forecast(request: AnyRequest, workers: int | None) -> None:
    """Print the cells that would run, with their time and memory."""
    from assay.machine.parallel import default_workers
    from assay.runs.progress import trying

    with trying() as tried:
        grid, costs, finished = request.forecast(tried)
    mine = [planned for planned in grid if planned.job.cell.key in costs]
    labels = list(dict.fromkeys(planned.job.cell.label for planned in mine))
    rows = [
        _forecast_row(label, [p for p in mine if p.job.cell.label == label], costs, finished)
        for label in labels
    ]
    print_table(f"{request.name}: what would run", rows)
    left = {p.job.cell.key: costs[p.job.cell.key] for p in mine if p.job.cell.key not in finished}
    seconds, at_a_time = sum(cost.seconds for cost in left.values()), workers or default_workers("cpu")
    console().print(
        f"{len(left)} runs left: {clock(seconds)} of one worker, about {clock(seconds / at_a_time)} on "
        f"{at_a_time} workers; making synthetic data comes on top where they are not there yet"
    )


def _forecast_row(label: str, mine: Sequence[Any], costs: Any, finished: set[str]) -> dict[str, str]:
    cost = costs[mine[0].job.cell.key]
    return {
        "cell": label,
        "runs": str(len(mine)),
        "finished": str(sum(planned.job.cell.key in finished for planned in mine)),
        "a run takes": clock(cost.seconds),
        "memory, at most": f"{cost.memory:.0f} MiB",
    }


def foretell(seconds: float) -> None:
    """Say how long it will take, on standard error."""
    from assay.runs.meter import console as aside

    aside().print(f"about {clock(seconds)}", highlight=False)


def clock(seconds: float) -> str:
    """A time for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def print_table(title: str, rows: Sequence[Mapping[str, str]], **look: Any) -> None:
    """Print rows of text under their columns; `look` is rich's."""
    from rich.table import Column, Table

    table = Table(
        *(Column(key, overflow="fold") for key in rows[0]), title=title, caption_justify="left", **look
    )
    for row in rows:
        table.add_row(*row.values())
    note(tables=[{"title": title, "rows": list(rows)}])
    console().print(table)


def _worker_killed() -> Any:
    """The error of a killed worker; none before there were any, for the import takes its time."""
    if "joblib" not in sys.modules:
        return ()
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    return TerminatedWorkerError


@contextmanager
def unfinished() -> Iterator[None]:
    """Context in which an interruption ends politely and leaves nothing behind."""
    try:
        with stoppable("stopped; nothing was written"):
            yield
    except _worker_killed() as error:
        typer.echo(
            f"\nerror: a worker was killed, out of memory perhaps ({str(error).splitlines()[0]}): "
            "try --workers 1",
            err=True,
        )
        raise typer.Exit(1) from None


@contextmanager
def resumable(out: Path, patience: float = PATIENCE[0]) -> Iterator[None]:
    """Context in which an interruption ends politely, within so many seconds."""
    kept = f"finished runs are kept in {out}: the same command goes on from there"
    try:
        with stoppable(f"stopped; {kept}", patience):
            yield
    except _worker_killed() as error:
        typer.echo(
            f"\nerror: a worker was killed, out of memory perhaps ({str(error).splitlines()[0]})", err=True
        )
        typer.echo(kept, err=True)
        raise typer.Exit(1) from None


def show_learned(learned: Learned, folder: Path) -> None:
    """Print the rounds of weighted rendering, and how to render from what was learnt."""
    rows = [
        {
            "round": str(number),
            "distance": f"{record['distance']:.3f}",
            "moved": ", ".join(record.get("moved", {})) or "-",
        }
        for number, record in enumerate(learned.history)
    ]
    print_table(f"distance to photographs that were not learnt from (floor {learned.floor:.3f})", rows)
    console().print(f"{learned.stopped}; taken: round {learned.best}; all of it: {folder}/learned.json")
    note(files=[folder], settings=learned.text, floor=learned.floor, stopped=learned.stopped)
    typer.echo(f"assay blender render '{learned.text}' -o OUT")


@contextmanager
def resumable_images(out: Path) -> Iterator[None]:
    """Context in which an interruption of rendering says how to go on."""
    with stoppable(f"stopped; finished images are kept in {out}: the same command goes on from there"):
        yield


@contextmanager
def resumable_learning(out: Path) -> Iterator[None]:
    """Context in which an interruption of a generator's work says how to go on, if something is kept."""
    kept = out.with_suffix(".checkpoints")

    def words() -> str:
        if kept.is_dir() and any(kept.iterdir()):
            return f"stopped; {kept} holds what is done so far: add --resume to go on from there"
        return "stopped; nothing was written"

    with stoppable(words):
        yield


def slug(*words: str | None) -> str:
    """A folder's name from the words of a command."""
    return re.sub(r"[^\w.=+-]+", "-", "-".join(word for word in words if word)).strip("-.")


def say_files(paths: Iterable[Path | None]) -> None:
    """Say where something was written."""
    files = [str(path) for path in paths if path]
    note(files=files)
    typer.echo(f"files: {', '.join(files)}")


def console() -> Any:
    """Standard output, as wide as the terminal; wide enough for the tables where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False)
