"""A study of images as tables and files: ours beside the published numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay.comparison.summary import percent, points
from assay.files import replace_file, writing
from assay.metrics.statistics import CUT
from assay.report.comparison import against_oracle
from assay.report.findings import doubts, no_advice
from assay.report.images.curves import curves_png
from assay.report.study.table import escaped_markdown, markdown_table
from assay.studies.images.runs import ImageRow, ImageRuns
from assay.studies.images.study import Measure

BEST = (
    "Best: the highest value over the epochs on that very test set: an upper bound that looks at test labels."
)
PUBLISHED = {
    "best": "Published numbers are of the best epoch on the test items too.",
    "last": "Published numbers are of the last epoch.",
    "unknown": "Of which epoch the published numbers are is not known.",
}
PICTURES = {
    "-curves.png": "Learning curves",
    "-confusion.png": "Which classes are taken for which, and the recall of each",
    "-tsne.png": "Features of test items, before and after adaptation",
    "-recall.png": "Recall of each class over the epochs",
    "-attention.png": "Attention of vision transformers over the epochs",
}
"""Endings of their files, and what they show."""


def table(runs: ImageRuns, selection: str | None = None) -> list[dict[str, str]]:
    """One row of text a cell; rows without a finished run are left out."""
    rows = [row for row in runs.table(selection) if row.values[runs.measures[0].name] or row.errors]
    has_published = any(row.published for row in rows)
    return [_cells(row, runs.measures, has_published) for row in rows]


def _cells(row: ImageRow, measures: list[Measure], has_published: bool) -> dict[str, str]:
    first = measures[0]
    done = len(row.values[first.name])
    cells = {**row.labels, "images": f"{row.images:,}"} if row.images else dict(row.labels)
    cells |= {"seeds": str(done) + (f" ({len(row.errors)} failed)" if row.errors else "")}
    for measure in measures:
        cells[f"{measure.title} %"] = percent(row.mean(measure))
    difference = row.difference[first.name]
    cells["difference"] = "(baseline)" if row.is_baseline else points(difference) if difference else "-"
    best = row.mean(first, best=True)
    cells[f"best {first.title} %"] = f"{100 * best.mean:.1f}" if best else "-"
    if has_published:
        cells["published %"] = _published(row, measures)
    return cells


def _published(row: ImageRow, measures: list[Measure]) -> str:
    """In the order of the columns; "-" for what was not published."""
    found = [row.published.get(measure.name) for measure in measures]
    if not any(found):
        return "-"
    return " / ".join("-" if number is None else f"{100 * number:.1f}" for number in found)


def document(runs: ImageRuns, selection: str | None = None) -> str:
    """The study as Markdown."""
    rows = table(runs, selection)
    parts = [
        f"# {escaped_markdown(runs.info['question'])}",
        escaped_markdown(heading(runs, selection)),
        markdown_table(rows) if rows else "No run is finished.",
        "\n".join(f"- {escaped_markdown(line)}" for line in notes(runs)),
    ]
    if oracle := against_oracle.of_study(runs):
        parts += [f"## {against_oracle.TITLE}", markdown_table(oracle), against_oracle.NOTE]
    parts += [f"![{what}](<./{path.name}>)" for what, path in pictures(runs).items()]
    return "\n\n".join(parts) + "\n"


def heading(runs: ImageRuns, selection: str | None = None) -> str:
    """Which study, and how its numbers are to be read."""
    info, chosen = runs.info, selection or runs.info["selection"]
    return (
        f"{info['study']}, preset {info['preset']}, protocol {info['protocol']}; selection {chosen}. Means "
        f"over seeds with 95 % intervals; differences are paired by seed. {CUT}"
    )


def pictures(runs: ImageRuns) -> dict[str, Path]:
    """Those that have been drawn, by what they show."""
    paths = {what: runs.folder / f"{runs.name}{ending}" for ending, what in PICTURES.items()}
    return {what: path for what, path in paths.items() if path.is_file()}


def notes(runs: ImageRuns) -> Iterator[str]:
    """What a reader of the table must know, and what was found in the data."""
    yield from (*no_advice(runs.info), *doubts(runs.info))
    order = " / ".join(measure.title for measure in runs.measures)
    yield f"Difference: of {runs.measures[0].title} to the baseline of the row, in points."
    yield BEST
    if any(cell["published"] for cell in runs.info["cells"]):
        yield f"Published ({order}): {runs.info['source']}; other data, networks and sizes than here."
        yield PUBLISHED[runs.info.get("published_at", "unknown")]
    for role, task in runs.info["tasks"].items():
        counts = ", ".join(f"{n} {part}" for part, n in task["counts"].items() if n)
        yield f"{role}: {task['name']}: {counts}."
    for row in runs.table():
        for seed, error in row.errors.items():
            yield f"FAILED: {', '.join(row.labels.values())}, seed {seed}: {error}"


def csv_text(runs: ImageRuns, selection: str | None = None) -> str:
    """Every cell and measure, a line each, with ends of intervals, best values and published numbers."""
    lines = [_line(row, measure) for row in runs.table(selection) for measure in runs.measures]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


def _line(row: ImageRow, measure: Measure) -> dict[str, Any]:
    mean, best, difference = row.mean(measure), row.mean(measure, best=True), row.difference[measure.name]
    return {
        **row.labels,
        "test": measure.test,
        "metric": measure.metric,
        "seeds": len(row.values[measure.name]),
        "mean": mean and mean.mean,
        "low": mean and mean.low,
        "high": mean and mean.high,
        "best": best and best.mean,
        "difference": difference and difference.mean,
        "difference_low": difference and difference.low,
        "difference_high": difference and difference.high,
        "published": row.published.get(measure.name),
        "failed": len(row.errors),
        "missing": row.missing,
    }


def write_images(runs: ImageRuns, selection: str | None = None) -> list[Path]:
    """Write NAME.md, .csv and, once a run is finished, -curves.png into the study's folder.

    The document shows these curves and the pictures that lie there; the paths of all are returned.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    if drawn := curves_png(runs):
        _write(runs, "-curves.png", drawn)
    _write(runs, ".csv", csv_text(runs, selection).encode())
    _write(runs, ".md", document(runs, selection).encode())
    return [*(runs.folder / f"{runs.name}{ending}" for ending in (".md", ".csv")), *pictures(runs).values()]


def _write(runs: ImageRuns, ending: str, content: bytes) -> None:
    with writing(runs.folder):
        replace_file(runs.folder / f"{runs.name}{ending}", content)
