"""A study as files, beside the runs that it consists of."""

from __future__ import annotations

from pathlib import Path

from assay.files import replace_file, writing
from assay.report.comparison import against_oracle
from assay.report.study.figure import png_of, svg_of
from assay.report.study.latex import latex
from assay.report.study.page import page
from assay.report.study.table import csv_text, escaped_markdown, markdown, markdown_table, runs_csv
from assay.report.study.text import sentences
from assay.studies.runs import StudyRuns


def write_study(runs: StudyRuns) -> list[Path]:
    """Write NAME.md, .csv, -runs.csv, .tex, .html, .svg and .png into the study's folder.

    Every file is replaced at once, after all of them have been made. Same study, same bytes. Without a
    successful run there is no figure, and an older one is removed.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    paths = {runs.folder / f"{runs.name}{ending}": content for ending, content in contents(runs).items()}
    with writing(runs.folder):
        for path, content in paths.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                replace_file(path, content)
    return [path for path, content in paths.items() if content is not None]


def contents(runs: StudyRuns) -> dict[str, bytes | None]:
    """Content by the ending of the file's name; None where there is nothing to draw."""
    return {
        ".md": document(runs).encode(),
        ".csv": csv_text(runs).encode(),
        "-runs.csv": runs_csv(runs).encode(),
        ".tex": latex(runs).encode(),
        ".html": page(runs).encode(),
        ".svg": svg_of(runs),
        ".png": png_of(runs),
    }


def document(runs: StudyRuns) -> str:
    """The study as Markdown: question, sentences, figure, table, selections."""
    info = runs.info
    drawn = any(not record["error"] for record in runs.records.values())
    parts = [
        f"# {escaped_markdown(info['question'])}",
        escaped_markdown(f"{info['study']}, {info['scenario']}, protocol {info['protocol']}."),
        "\n".join(f"- {escaped_markdown(sentence)}" for sentence in sentences(runs)),
        *(
            [f"![Accuracy{'' if runs.is_own else ', here and published'}](<./{runs.name}.svg>)"]
            if drawn
            else []
        ),
        markdown(runs),
        *_against_oracle(runs),
    ]
    return "\n\n".join(parts) + "\n"


def _against_oracle(runs: StudyRuns) -> list[str]:
    rows = against_oracle.of_study(runs)
    return [f"## {against_oracle.TITLE}", markdown_table(rows), against_oracle.NOTE] if rows else []
