"""What an advice has to say on a page: sentences, a figure, tables and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.advice.result import Advice
from assay.report.advice.figure import on_page
from assay.report.advice.text import beneath, sentences, tables
from assay.report.template import words

LATER = ("with a label", "validation")


def content(advice: Advice) -> dict[str, Any]:
    """What the templates of this folder show; same advice, same content."""
    return {
        "info": advice.info,
        "sentences": sentences(advice),
        "figure": [on_page(advice)],
        "foreseen": advice.outlook is not None,
        "tables": {title: list(map(_in_sight, rows)) for title, rows in tables(advice).items()},
        "beneath": beneath(advice),
        "settings": dict(_facts(advice)),
    }


def _in_sight(row: dict[str, str]) -> dict[str, str]:
    """A telephone shows the first columns: what an option gains stands before what it is made of."""
    return dict(sorted(row.items(), key=lambda cell: cell[0].startswith(LATER)))


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
