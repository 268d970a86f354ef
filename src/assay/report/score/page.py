"""What a score has to say on a page: sentences, a figure, tables and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.metrics.statistics import ENOUGH
from assay.quality.score import Score
from assay.report.score.figure import places
from assay.report.score.items import closest
from assay.report.score.numbers import blind, cells, class_cells, group_cells, sharp, worse_than_real
from assay.report.score.text import sentences
from assay.report.template import words


def content(score: Score) -> dict[str, Any]:
    """What the templates of this folder show; same score, same content."""
    return {
        "info": score.info,
        "sentences": sentences(score),
        "rows": [(cells(row), _verdict(score, i)) for i, row in enumerate(score.rows)],
        "places": places(score),
        "classes": class_cells(score),
        "groups": group_cells(score),
        "pairs": closest(score),
        "settings": dict(_facts(score)),
    }


def _verdict(score: Score, i: int) -> str:
    row = score.rows[i]
    told = row.value.n >= ENOUGH and sharp(row) and not blind(row)
    return "loss" if told and worse_than_real(row) else ""


def _facts(score: Score) -> Iterator[tuple[str, str]]:
    info: dict[str, Any] = score.info
    yield "scoring", words(info["scoring"])
    yield "likeness against", f"{info['against']} real items"
    yield "features", "of the backbone" if info["features"] == "backbone" else "given by the user"
    yield "backbone", words(info["backbone"])
    yield "training", words({key: value for key, value in info["training"].items() if key != "kind"})
    yield "device", info["device"]
    yield "real data (hash)", info["task_digest"]
    yield "synthetic data (hash)", info["synthetic_digest"]
    if "versions" in info:
        yield "versions", words(info["versions"])
