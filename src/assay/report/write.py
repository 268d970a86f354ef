"""A result, whatever it is, as a table, as sentences and as a page."""

from __future__ import annotations

from pathlib import Path

from assay.advice.result import Advice
from assay.comparison.result import Comparison
from assay.comparison.summary import headline, markdown, remarks, summarise
from assay.files import writing
from assay.quality.score import Score
from assay.report.advice import text as advice_text
from assay.report.assessment.heading import verdict as verdict_of_assessment
from assay.report.assessment.result import Assessment, with_all
from assay.report.comparison.verdict import verdict as verdict_of_comparison
from assay.report.score import text as score_text
from assay.types import Samples, Task

REPORT = "report.html"
__all__ = ["table", "verdict", "write_advice", "write_report", "write_score"]


def table(
    result: Assessment | Comparison | Score | Advice, selection: str | None = None, metric: str | None = None
) -> str:
    """The result as Markdown: the table of a comparison; of a score or an advice, sentences and tables.

    Of an assessment, all of these that are there.

    Parameters
    ----------
    result : Assessment, Comparison, Score or Advice
    selection : {"last", "validation", "label_free", "oracle"}, optional
        Of a comparison; by default the best that needs no test labels: validation, else label_free, else
        last.
    metric : str, optional
        Of a comparison, what it tells of: "macro_f1", "auroc", "log_loss" ...; by default its own.
    """
    if isinstance(result, Assessment):
        return "\n\n".join(table(part, selection, metric) for part in result.parts().values())
    if isinstance(result, Score):
        return score_text.markdown(result)
    if isinstance(result, Advice):
        return advice_text.markdown(result)
    result = result.by(metric) if metric else result
    chosen = selection or headline(result)
    lines = [line for line in summarise(result) if line.selection == chosen]
    return markdown(lines, remarks(lines, result.info))


def verdict(result: Assessment | Comparison | Score | Advice, metric: str | None = None) -> str:
    """What follows from the result, in sentences; of a comparison by another metric, if one is named."""
    if isinstance(result, Assessment):
        said = verdict_of_assessment(result)
        return " ".join([*said.first, *said.rest])
    if isinstance(result, Score):
        return " ".join(score_text.sentences(result))
    if isinstance(result, Advice):
        return " ".join(advice_text.sentences(result))
    return verdict_of_comparison(result.by(metric) if metric else result)


def write_advice(advice: Advice) -> list[Path]:
    """Write an advice as advice.md, with its figure advice.svg, and the page, report.html, beside its runs.

    Returns all paths, that of advice.json too. On the page is what else of the same data lies there.
    """
    from assay.report.advice.files import write_advice as write

    return [*write(advice), _page(advice, advice.folder)]


def write_report(result: Assessment | Comparison | Score | Advice, path: str | Path) -> Path:
    """Write a result as one HTML file that opens offline; returns its path.

    With a part of an assessment, what else of the same data lies in its folder is on the page too.
    """
    from assay.report.assessment.page import write_page

    with writing(Path(path)):
        return write_page(result, path)


def write_score(
    score: Score, task: Task, synthetic: Samples, folder: str | Path, parquet: bool = False
) -> list[Path]:
    """Write a score, with the task and the synthetic items that it is of, as files; returns their paths.

    score.json, samples.csv (samples.parquet if wanted), score.md, score_items.npz (a few items, for pictures)
    and the page, report.html, with what else of the same data lies in the folder.
    """
    from assay.report.score.files import write_score as write

    return [*write(score, task, synthetic, folder, parquet), _page(score, Path(folder))]


def _page(part: Score | Advice, folder: Path) -> Path:
    return write_report(with_all(part, folder), folder / REPORT)
