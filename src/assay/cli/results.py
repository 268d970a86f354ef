"""What the verbs show of results, and where they write them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assay.cli.answer import note
from assay.cli.terminal import console, print_table, say_files
from assay.errors import UserError
from assay.machine.launched import rank

if TYPE_CHECKING:
    from assay.advice.result import Advice
    from assay.comparison.result import Comparison
    from assay.quality.score import Score
    from assay.report.assessment.result import Part
    from assay.report.reopen import Result
    from assay.studies.battery.runs import BatteryRuns
    from assay.studies.images.runs import ImageRuns
    from assay.studies.runs import StudyRuns

WIDE = 120
"""Columns of a terminal that takes a score's whole table."""
WORST = "the worst"
NARROW = ("measure", "value", "real items", WORST, "place")


def show(comparison: Comparison, verbose: bool = False) -> None:
    """Print table and verdict, and if `verbose` the selections against the oracle; one process for all."""
    if rank():
        return
    from assay.comparison.summary import cells, headline, remarks, summarise
    from assay.report.comparison import against_oracle
    from assay.report.comparison.verdict import verdict

    lines = [line for line in summarise(comparison) if line.selection == headline(comparison)]
    title = f"{comparison.info['task']['name']}, selection: {headline(comparison)}"
    print_table(
        title, [cells(line) for line in lines], caption="\n".join(remarks(lines, comparison.info)) or None
    )
    said = verdict(comparison)
    found = comparison.worth()
    note(selection=headline(comparison), verdict=said, worth=found.as_dict() if found else None)
    note(rows=comparison.rows(), folder=comparison.folder)
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
    from assay.report.score.numbers import cells, costs
    from assay.report.score.text import sentences

    note(**as_json(score), seconds=score.seconds)
    info, rows = score.info, [cells(row) for row in score.rows]
    title = f"{info['task']}: {info['synthetic_name']}, {info['synthetic']} synthetic items"
    if console().width < WIDE:
        rows = [{key: row[key] for key in NARROW} | {WORST: row[WORST].partition(" (")[0]} for row in rows]
        print_table(title, rows, box=SIMPLE_HEAD, pad_edge=False)
    else:
        print_table(title, rows)
    for sentence in filter(None, (*sentences(score), costs(score))):
        console().print(sentence, highlight=False)


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
    from assay.studies.battery.runs import BatteryRuns
    from assay.studies.images.runs import ImageRuns as Images

    if isinstance(runs, BatteryRuns):
        show_battery(runs, selection)
        return
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


def show_battery(runs: BatteryRuns, selection: str | None) -> None:
    """Print both halves of the battery, and what follows from the one without choices; write it as files."""
    from assay.report.battery.files import write_battery
    from assay.report.battery.text import notes, sentences, table
    from assay.studies.battery.summary import summarise
    from assay.studies.battery.tasks import HALVES

    for half in HALVES:
        if lines := summarise(runs, half, selection):
            chosen = selection or runs.info["selection"]
            print_table(f"{runs.name}, half {half}, selection: {chosen}", table(lines))
    said = [*sentences(runs), *notes(runs)]
    note(sentences=said)
    for sentence in said:
        console().print(sentence, highlight=False)
    say_files(write_battery(runs))


def show_images(runs: ImageRuns, selection: str | None) -> None:
    """Print the table of an image study, ours beside the published numbers; write it as files."""
    from assay.report.images.study import table, write_images

    print_table(f"{runs.name}, selection: {selection or runs.info['selection']}", table(runs, selection))
    say_files(write_images(runs, selection))


def show_result(result: Result, verbose: bool) -> None:
    """Print a result, whatever it is."""
    from assay.report.assessment.result import Assessment

    if not isinstance(result, Assessment):
        show_study(result, None, verbose)
        return
    for name, part in result.parts().items():
        show_part(name, part, verbose)


def command_line(folder: Path, verb: str) -> None:
    """Keep by which command the results of a folder are made, for the page; one process for all."""
    if rank():
        return
    from assay.runs.commands import keep_command

    keep_command(folder, verb, shlex.join(["assay", *sys.argv[1:]]))


def page_of(folder: Path, so_far: bool = False) -> None:
    """Say where the page is."""
    note(files=[str(folder / "report.html")])
    typer.echo(f"report{' so far' * so_far}: {folder / 'report.html'}")


def show_part(name: str, part: Part, verbose: bool) -> None:
    """Print a part of an assessment."""
    shown: dict[str, Callable[[Any], None]] = {
        "score": show_score,
        "comparison": lambda comparison: show(comparison, verbose),
        "advice": show_advice,
    }
    shown[name](part)


def show_side_by_side(runs: Mapping[str, Comparison]) -> None:
    """Print what each folder says, and every method's gain in each."""
    from assay.report.assessment.side_by_side import rows
    from assay.report.comparison.verdict import told

    print_table("difference to real_only", rows(runs))
    for name, comparison in runs.items():
        said = " ".join(told(comparison).first)
        note(verdicts=[{"folder": name, "verdict": said}])
        console().print(f"{name}: {said}", highlight=False)


def check_any_run(runs: Sequence[Mapping[str, Any]]) -> None:
    """Raise `UserError` if every run failed: then nothing was measured."""
    if runs and all(run["error"] for run in runs):
        first = " ".join(str(runs[0]["error"]).split())[:300]
        raise UserError(f"every run failed ({len(runs)}), the first: {first}; --retry-failed does them again")


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
