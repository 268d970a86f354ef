"""The battery as files, beside the runs that it consists of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assay.files import replace_file, writing
from assay.report.battery.figure import svg_of
from assay.report.battery.page import page
from assay.report.battery.text import MEANINGS, csv_text, gains, hurts, notes, sentences, table
from assay.report.study.table import escaped_markdown, markdown_table
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.summary import summarise
from assay.studies.battery.tasks import HALVES, Half


def write_battery(runs: BatteryRuns) -> list[Path]:
    """Write NAME.md, .csv, .html and the picture of each half, NAME-HALF.svg, into the study's folder.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    paths = {runs.folder / f"{runs.name}{ending}": content for ending, content in contents(runs).items()}
    with writing(runs.folder):
        for path, content in paths.items():
            replace_file(path, content)
    return list(paths)


def contents(runs: BatteryRuns) -> dict[str, bytes]:
    """Content by the ending of the file's name."""
    drawn = {f"-{half}.svg": svg_of(runs, half) for half in HALVES}
    return {
        ".md": document(runs).encode(),
        ".csv": csv_text(runs).encode(),
        ".html": page(runs).encode(),
        **{ending: content for ending, content in drawn.items() if content},
    }


def document(runs: BatteryRuns) -> str:
    """The battery as Markdown."""
    parts = [
        f"# {runs.info['question']}",
        "\n".join(f"- {escaped_markdown(sentence)}" for sentence in sentences(runs)),
        *(part for half in reversed(HALVES) for part in _half(runs, half)),
        "\n".join(f"- {escaped_markdown(note)}" for note in notes(runs)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _half(runs: BatteryRuns, half: Half) -> Iterator[str]:
    lines = summarise(runs, half)
    if not lines:
        return
    yield f"## Half {half}"
    yield MEANINGS[half]
    yield markdown_table(table(lines))
    yield f"![Gain by task, a dot a seed](<./{runs.name}-{half}.svg>)"
    yield markdown_table(gains(lines))
    yield "\n".join(f"- {escaped_markdown(said)}" for said in hurts(lines))
