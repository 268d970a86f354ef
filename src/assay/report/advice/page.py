"""The page of an advice: one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator

from assay.advice.result import Advice
from assay.report.advice.figure import on_page
from assay.report.advice.text import beneath, sentences, tables
from assay.report.findings import findings_list
from assay.report.template import render, words


def page(advice: Advice) -> str:
    """The page as text; same advice, same bytes."""
    content = {
        "info": advice.info,
        "sentences": sentences(advice),
        "findings": findings_list(advice.info),
        "figure_": [on_page(advice)],
        "tables": tables(advice),
        "beneath": beneath(advice),
        "settings": dict(_facts(advice)),
    }
    return render("advice/page.html.jinja", content)


def _facts(advice: Advice) -> Iterator[tuple[str, str]]:
    info = advice.info
    yield "backbone", words(info["backbone"])
    yield "training", words({key: value for key, value in info["training"].items() if key != "kind"})
    yield "device", info["device"]
    yield "runs", str(info["runs"])
    yield "real data (hash)", info["task"]["digest"]
    yield "synthetic data (hash)", info["synthetic"]["digest"]
    yield "versions", words(info["versions"])
    yield "advice made", info["created"]
