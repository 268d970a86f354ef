"""What the verbs say on the terminal, and how they end when they are stopped."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assay.cli.answer import note
from assay.machine.launched import rank

if TYPE_CHECKING:
    from assay.advice.advise import Advice
    from assay.comparison.result import Comparison
    from assay.generate.blender.weighting.learn import Learned
    from assay.quality.score import Score
    from assay.studies.images.runs import ImageRuns
    from assay.studies.requests import AnyRequest
    from assay.studies.runs import StudyRuns


WIDE = 120
"""Columns of a terminal that takes a score's whole table."""
NARROW = ("measure", "value", "real items", "the worst", "place")


def say_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from assay.version import __version__

        typer.echo(f"assay {__version__}")
        raise typer.Exit


def show(comparison: Comparison, verbose: bool = False) -> None:
    """Print table and verdict, and if `verbose` the selections against the oracle; one process for all."""
    if rank():
        return
    from assay.comparison.summary import cells, headline, remark, summarise
    from assay.report.comparison import against_oracle
    from assay.report.comparison.verdict import verdict

    lines = [line for line in summarise(comparison) if line.selection == headline(comparison)]
    title = f"{comparison.info['task']['name']}, selection: {headline(comparison)}"
    print_table(title, [cells(line) for line in lines], caption=remark(lines) or None)
    said = verdict(comparison)
    note(selection=headline(comparison), verdict=said, rows=comparison.rows(), folder=comparison.folder)
    console().print(said, highlight=False)
    if verbose:
        show_against_oracle(against_oracle.of_comparison(comparison))


def show_against_oracle(rows: Sequence[Mapping[str, str]]) -> None:
    """Print how far each selection is from the oracle, if there are label-free scores."""
    from assay.report.comparison import against_oracle

    if rows:
        print_table(against_oracle.TITLE, rows)
        console().print(against_oracle.NOTE, highlight=False)


def show_advice(advice: Advice) -> None:
    """Print what was tried, what is expected, and what follows."""
    from assay.report.advice.text import sentences, tables

    note(sentences=list(sentences(advice)), **asdict(advice))
    for title, rows in tables(advice).items():
        print_table(title, rows)
    for sentence in sentences(advice):
        console().print(sentence, highlight=False)


def show_score(score: Score) -> None:
    """Print the measures, on a narrow terminal only their numbers, and what follows from them."""
    from rich.box import SIMPLE_HEAD

    from assay.report.score.files import as_json
    from assay.report.score.text import cells, sentences

    note(**as_json(score))
    info, rows = score.info, [cells(row) for row in score.rows]
    title = f"{info['task']}: {info['synthetic_name']}, {info['synthetic']} synthetic items"
    if console().width < WIDE:
        rows = [{key: row[key].partition(" (")[0] for key in NARROW} for row in rows]
        print_table(title, rows, box=SIMPLE_HEAD, pad_edge=False)
    else:
        print_table(title, rows)
    for sentence in sentences(score):
        console().print(sentence, highlight=False)


def list_studies() -> None:
    """Print the published studies and what they ask."""
    from assay.studies.requests import questions

    rows = [{"study": name, "asks": question} for name, question in questions().items()]
    print_table("published studies: assay bench STUDY", rows)


def show_study(runs: StudyRuns, selection: str | None, verbose: bool = False) -> None:
    """Print the table, ours beside the published numbers, and what follows; write them as files.

    On request the selections against the oracle too; one process for all.
    """
    if rank():
        return
    from assay.report.comparison import against_oracle
    from assay.report.study.files import write_study
    from assay.report.study.survival import survived, write_survival
    from assay.report.study.table import table
    from assay.report.study.text import sentences
    from assay.studies.images.runs import ImageRuns as Images

    if isinstance(runs, Images):
        show_images(runs, selection)
        show_against_oracle(against_oracle.of_study(runs) if verbose else [])
        return
    print_table(f"{runs.name}, selection: {selection or runs.info['selection']}", table(runs, selection))
    for reason in runs.info.get("left_out", {}).items():
        console().print("left out: " + ": ".join(reason), highlight=False)
    if selection:
        console().print(f"all that follows, and the files, are of selection {runs.info['selection']}")
    note(sentences=list(sentences(runs)))
    for sentence in sentences(runs):
        console().print(sentence, highlight=False)
    show_against_oracle(against_oracle.of_study(runs) if verbose else [])
    files = [*write_study(runs), write_survival(runs)]
    if rows := survived(runs):
        print_table("how much of each gain survives the corrected protocol", rows)
    say_files(files)


def show_images(runs: ImageRuns, selection: str | None) -> None:
    """Print the table of an image study, ours beside the published numbers; write it as files."""
    from assay.report.images.study import table, write_images

    print_table(f"{runs.name}, selection: {selection or runs.info['selection']}", table(runs, selection))
    say_files(write_images(runs, selection))


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


def clock(seconds: float) -> str:
    """A time for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def print_table(title: str, rows: Sequence[Mapping[str, str]], **look: Any) -> None:
    """Print rows of text under their columns; `look` is rich's."""
    from rich.table import Column, Table

    table = Table(*(Column(key, overflow="fold") for key in rows[0]), title=title, **look)
    for row in rows:
        table.add_row(*row.values())
    note(tables=[{"title": title, "rows": list(rows)}])
    console().print(table)


def write(comparison: Comparison, path: Path) -> None:
    """Write the report and say where; one process for all."""
    if rank():
        return
    from assay.files import writing
    from assay.report.write import write_report

    with writing(path):
        written = write_report(comparison, path)
        note(files=[str(written)])
        typer.echo(f"report: {written}")


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
        yield
    except KeyboardInterrupt:
        typer.echo("\nstopped; nothing was written", err=True)
        raise typer.Exit(130) from None
    except _worker_killed() as error:
        typer.echo(
            f"\nerror: a worker was killed, out of memory perhaps ({str(error).splitlines()[0]}): "
            "try --workers 1",
            err=True,
        )
        raise typer.Exit(1) from None


@contextmanager
def resumable(out: Path) -> Iterator[None]:
    """Context in which an interruption ends politely."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            f"\nstopped; finished runs are kept in {out}: the same command goes on from there", err=True
        )
        raise typer.Exit(130) from None
    except _worker_killed() as error:
        typer.echo(
            f"\nerror: a worker was killed, out of memory perhaps ({str(error).splitlines()[0]})", err=True
        )
        typer.echo(f"finished runs are kept in {out}: the same command goes on from there", err=True)
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
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            f"\nstopped; finished images are kept in {out}: the same command goes on from there", err=True
        )
        raise typer.Exit(130) from None


@contextmanager
def resumable_learning(out: Path) -> Iterator[None]:
    """Context in which an interruption of a generator's training says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; checkpoints are beside {out}: add --resume to go on from there", err=True)
        raise typer.Exit(130) from None


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
