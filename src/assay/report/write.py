"""A result, whatever it is, as a table, as sentences and as a page."""

from __future__ import annotations

from pathlib import Path

from assay.advice.result import Advice
from assay.comparison.result import Comparison
from assay.comparison.summary import headline, markdown, remarks, summarise
from assay.quality.score import Score
from assay.report.advice import text as advice_text
from assay.report.comparison.verdict import verdict as verdict_of_comparison
from assay.report.score import text as score_text
from assay.types import Samples, Task

__all__ = ["table", "verdict", "write_advice", "write_report", "write_score"]


def table(
    result: Comparison | Score | Advice, selection: str | None = None, metric: str | None = None
) -> str:
    """The result as Markdown: the table of a comparison; of a score or an advice, sentences and tables.

    Parameters
    ----------
    result : Comparison, Score or Advice
    selection : {"last", "validation", "label_free", "oracle"}, optional
        Of a comparison; by default the best that needs no test labels: validation, else label_free, else
        last.
    metric : str, optional
        Of a comparison, what it tells of: "macro_f1", "auroc", "log_loss" ...; by default its own.
    """
    if isinstance(result, Score):
        return score_text.markdown(result)
    if isinstance(result, Advice):
        return advice_text.markdown(result)
    result = result.by(metric) if metric else result
    chosen = selection or headline(result)
    lines = [line for line in summarise(result) if line.selection == chosen]
    return markdown(lines, remarks(lines, result.info))


def verdict(result: Comparison | Score | Advice, metric: str | None = None) -> str:
    """What follows from the result, in sentences; of a comparison by another metric, if one is named."""
    if isinstance(result, Score):
        return " ".join(score_text.sentences(result))
    if isinstance(result, Advice):
        return " ".join(advice_text.sentences(result))
    return verdict_of_comparison(result.by(metric) if metric else result)


def write_advice(advice: Advice) -> list[Path]:
    """Write an advice as advice.md, with its figure advice.svg, beside its runs; returns all paths."""
    from assay.report.advice.files import write_advice as write

    return write(advice)


def write_report(comparison: Comparison, path: str | Path) -> Path:
    """Write the comparison as one HTML file that opens offline; returns its path."""
    from assay.report.comparison.page import write_report as write

    return write(comparison, path)


def write_score(
    score: Score, task: Task, synthetic: Samples, folder: str | Path, parquet: bool = False
) -> list[Path]:
    """Write a score, with the task and the synthetic items that it is of, as files; returns their paths.

    score.json, samples.csv (samples.parquet if wanted), score.md and score.html.
    """
    from assay.report.score.files import write_score as write

    return write(score, task, synthetic, folder, parquet)
