"""The table of a study: ours beside the published numbers, as Markdown, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assay.comparison.summary import percent, points
from assay.markup import in_csv
from assay.metrics.statistics import CUT, Estimate
from assay.report.findings import found_in
from assay.report.study.numbers import (
    called,
    chosen,
    finished,
    footnotes,
    is_baseline,
    marks,
    planned,
    published_gain,
    several_places,
)
from assay.studies.runs import Row, StudyRuns

REMARKS, SEEDS = "remarks", "seeds"
NOTHING = "No run has finished."


def table(runs: StudyRuns, selection: str | None = None) -> list[dict[str, str]]:
    """One row of text for every cell of which a run has finished.

    Parameters
    ----------
    runs : StudyRuns
    selection : {"last", "validation", "label_free", "oracle"}, optional
        By default the protocol's.

    Returns
    -------
    list of dict of str
        Text by column: accuracies in percent, differences in points. The place along the axis is there only
        if there are several, the remarks only if something failed or is missing.
    """
    rows = finished(runs.rows(selection))
    notes, axis = footnotes(rows), str(runs.info["axis"] or "place")
    places = [{axis: row.place} if several_places(rows) else {} for row in rows]
    remarks = [{REMARKS: "; ".join(troubles(row))} for row in rows]
    said = any(remark[REMARKS] for remark in remarks)
    return [
        {**place, **_cells(row, runs, notes), **(remark if said else {})}
        for place, row, remark in zip(places, rows, remarks)
    ]


def _cells(row: Row, runs: StudyRuns, notes: dict[str, str]) -> dict[str, str]:
    ours = {
        "series": row.series,
        SEEDS: str(len(row.seeds)),
        "accuracy %": percent(row.accuracy),
        "difference to only real": "(baseline)" if is_baseline(row) else points(row.difference) + _pairs(row),
        "synthetic used": f"{row.used:.0f}" if row.seeds else "-",
    }
    return ours if runs.is_own else {**ours, **_published_cells(row, runs, notes)}


def _published_cells(row: Row, runs: StudyRuns, notes: dict[str, str]) -> dict[str, str]:
    theirs = row.published
    return {
        "published %": (f"{100 * theirs.mean:.1f}" if theirs else "-") + marks(row, notes),
        "published interval": _interval(theirs.accuracy if theirs else None),
        "published difference": "(baseline)" if is_baseline(row) else points(published_gain(row, runs)),
    }


def _pairs(row: Row) -> str:
    """How many seeds a difference is over, where that is fewer than the accuracy is."""
    n = row.difference.n if row.difference else len(row.seeds)
    return f" ({n} pair{'s' * (n > 1)})" if n != len(row.seeds) else ""


def _interval(value: Estimate | None) -> str:
    return percent(value).partition(" ")[2] or "-"


def troubles(row: Row) -> Iterator[str]:
    """What failed and what is missing."""
    for seed, error in sorted(row.errors.items()):
        yield f"FAILED seed {seed}: {error}"
    if row.missing:
        yield f"{row.missing} of {planned(row)} runs missing"


def notes(runs: StudyRuns, selection: str | None = None) -> list[str]:
    """What a reader of the table must know, footnotes last."""
    everything = runs.rows(selection)
    rows = finished(everything)
    missing = [*_lacking(runs), *_left_out(everything, rows)]
    sides = [f"{note[0].upper()}{note[1:]}." for note in found_in(runs.info).table_notes]
    return [_heading(runs, selection), *sides, *_about_published(rows), *missing, *_feet(rows)]


def _lacking(runs: StudyRuns) -> Iterator[str]:
    """Cells for which the synthetic data do not suffice, by reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in runs.info.get("left_out", {}).items():
        reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        yield f"Left out: {'; '.join(names)}: {reason}."


def _heading(runs: StudyRuns, selection: str | None) -> str:
    n = runs.info["task"]["counts"]["test"]
    return (
        f"Selection {called(chosen(runs, selection))}, n = {n} test items. Mean over seeds with its 95 % "
        f"interval (Student t); differences in points, paired by seed, to only real at the same backbone. "
        f"{CUT} Synthetic used: items learnt from with a label, mean over seeds."
    )


def _about_published(rows: Sequence[Row]) -> Iterator[str]:
    sources = dict.fromkeys(row.published.source for row in rows if row.published)
    if sources:
        yield (
            f"Published numbers: {'; '.join(sources)}. Means as printed; intervals and differences computed "
            f"here from the published seeds, a difference without interval from means alone."
        )


def _left_out(everything: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    count = len(everything) - len(rows)
    if count:
        yield f"{count} cell{'s have' if count > 1 else ' has'} no finished run and no row here."


def _feet(rows: Sequence[Row]) -> list[str]:
    return [f"({letter}) {note}" for note, letter in footnotes(rows).items()]


# -- Markdown -----------------------------------------------------------------------------------------


def markdown(runs: StudyRuns, selection: str | None = None) -> str:
    """The table and its notes as Markdown."""
    rows = table(runs, selection)
    body = markdown_table(rows) if rows else NOTHING
    return "\n\n".join([body, *(escaped_markdown(note) for note in notes(runs, selection))])


def markdown_table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of any text as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([*row.values()] for row in rows)]
    return "\n".join("| " + " | ".join(map(escaped_markdown, line)) + " |" for line in lines)


def escaped_markdown(text: str) -> str:
    """Text that is neither a cell's end nor markup."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(re.sub(r"([`*_\[\]])(?=\S)", r"\\\1", safe).split()) if _wild(text) else safe


def _wild(text: str) -> bool:
    """Whether text holds what Markdown would take for more than text."""
    return bool(re.search(r"[`*_\n]|\]\(", text))


# -- CSV ----------------------------------------------------------------------------------------------


def csv_text(runs: StudyRuns, selection: str | None = None) -> str:
    """One line for every cell, finished or not, with numbers in [0, 1] in full; empty is unknown."""
    return _csv([_line(row, runs, selection) for row in runs.rows(selection)])


def _line(row: Row, runs: StudyRuns, selection: str | None) -> dict[str, Any]:
    theirs = row.published
    return {
        **_study(runs),
        "selection": chosen(runs, selection),
        **_place(row),
        "n": len(row.seeds),
        **_ends(row.accuracy, "mean", "low", "high"),
        **_ends(row.difference, "difference", "difference_low", "difference_high"),
        "used": row.used if row.seeds else None,
        "published_mean": theirs.mean if theirs else None,
        **_ends(theirs.accuracy if theirs else None, None, "published_low", "published_high"),
        **_ends(published_gain(row, runs), "published_difference"),
        "failed": len(row.errors),
        "missing": row.missing,
        "source": theirs.source if theirs else "",
        "note": "; ".join(footnotes([row])),
    }


def _study(runs: StudyRuns) -> dict[str, Any]:
    return {name: runs.info[name] for name in ("study", "generator", "protocol")}


def _place(row: Row) -> dict[str, Any]:
    return {"series": row.series, "place": row.place, **asdict(row.key)}


def _ends(value: Estimate | None, *names: str | None) -> dict[str, float | None]:
    ends = (value.mean, value.low, value.high) if value else (None, None, None)
    return {name: end for name, end in zip(names, ends) if name}


def runs_csv(runs: StudyRuns) -> str:
    """One line for every finished run and selection; a failed run has one line, with its error."""
    rows = {row.key: row for row in runs.rows()}
    planned = [
        (row, run["seed"], runs.records[run["key"]])
        for cell, row in zip(runs.info["cells"], rows.values())
        for run in cell["runs"]
        if run["key"] in runs.records
    ]
    return _csv([line for row, seed, record in planned for line in _run(runs, row, seed, record)])


def _run(runs: StudyRuns, row: Row, seed: int, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    reported = {"": {}} if record["error"] else record["selections"]
    for selection, found in reported.items():
        yield {
            **_study(runs),
            **_place(row),
            "seed": seed,
            "selection": selection,
            **{name: found.get(name) for name in ("accuracy", "epoch", "used")},
            "error": record["error"] or "",
            "seconds": record["about"]["seconds"],
            "run": record["key"],
        }


def _csv(lines: Sequence[Mapping[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows(
        [list(lines[0]), *([_number(value) for value in line.values()] for line in lines)] if lines else []
    )
    return buffer.getvalue()


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return in_csv(value)
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value
