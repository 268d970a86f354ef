"""The table of a study for a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.report.study.numbers import called, chosen
from assay.report.study.table import NOTHING, REMARKS, notes, table
from assay.studies.runs import StudyRuns

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",  # after \\ a bare one would begin an argument
    "]": "{]}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}


def latex(runs: StudyRuns, selection: str | None = None) -> str:
    r"""The table as LaTeX, with caption and label; needs ``\usepackage[T1]{fontenc}`` and ``booktabs``.

    Parameters
    ----------
    runs : StudyRuns
    selection : str, optional
        By default the protocol's.
    """
    rows = table(runs, selection)
    body = _tabular(rows) if rows else [NOTHING]
    below = [rf"\par\smallskip {escaped(note)}" for note in (*notes(runs, selection), *_remarks(rows))]
    lines = [
        r"\begin{table*}",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
        *_caption(runs, selection),
    ]
    return "\n".join([*lines, *body, r"\raggedright\scriptsize", *below, r"\end{table*}", ""])


def _caption(runs: StudyRuns, selection: str | None) -> Iterator[str]:
    info = runs.info
    said = f"{info['question']} {info['study']}, {info['scenario']}, protocol {info['protocol']}, "
    yield rf"\caption{{{escaped(said + 'selection ' + called(chosen(runs, selection)))}.}}"
    yield rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]+', '-', runs.name)}}}"


def _tabular(rows: list[dict[str, str]]) -> Iterator[str]:
    columns = [name for name in rows[0] if name != REMARKS]
    named = columns.index("series") + 1
    yield rf"\begin{{tabular}}{{{'l' * named + 'r' * (len(columns) - named)}}}"
    yield from (r"\toprule", _line(columns), r"\midrule")
    yield from (_line([row[name] for name in columns]) for row in rows)
    yield from (r"\bottomrule", r"\end{tabular}")


def _line(cells: list[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"


def _remarks(rows: list[dict[str, str]]) -> Iterator[str]:
    """Remarks are too long for a printed column."""
    for row in rows:
        if row.get(REMARKS):
            place = next(iter(row.values()))
            yield ", ".join(dict.fromkeys((row["series"], place))) + f": {row[REMARKS]}"


def escaped(text: str) -> str:
    """Any text as LaTeX; a sign before a number is a minus, a cell of a single dash a long one."""
    safe = "".join(SPECIAL.get(letter, letter) for letter in " ".join(text.split()))
    return "--" if safe == "-" else re.sub(r"(?<![\w)-])-(?=\d)", "$-$", safe)
