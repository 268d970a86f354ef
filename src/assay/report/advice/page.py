"""What an advice has to say on a page: sentences, a figure, tables and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.advice.result import Advice
from assay.report.advice.figure import on_page
from assay.report.advice.text import beneath, sentences, tables
from assay.report.template import words


def content(advice: Advice) -> dict[str, Any]:
    """What the templates of this folder show; same advice, same content."""
    return {
        "info": advice.info,
        "sentences": sentences(advice),
        "figure": [on_page(advice)],
        "tables": tables(advice),
        "beneath": beneath(advice),
        "settings": dict(_facts(advice)),
    }


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
