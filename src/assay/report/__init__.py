"""Results to tables, advice and one HTML page."""

from __future__ import annotations

from pathlib import Path

from assay.bench.compare import Comparison
from assay.report.advice import advise
from assay.report.summary import headline, markdown, summarise

__all__ = ["advise", "table", "write_report"]


def table(comparison: Comparison, selection: str | None = None) -> str:
    """The result table as Markdown.

    Parameters
    ----------
    comparison : Comparison
    selection : {"last", "validation", "label_free", "oracle"}, optional
        By default the best that needs no test labels: validation, else label_free, else last.
    """
    chosen = selection or headline(comparison)
    return markdown([line for line in summarise(comparison) if line.selection == chosen])


def write_report(comparison: Comparison, path: str | Path) -> Path:
    """Write the comparison as one HTML file that opens offline; returns its path."""
    from assay.report.html import write_report as write

    return write(comparison, path)
