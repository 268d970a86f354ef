"""All published studies under their names."""

from __future__ import annotations

from pathlib import Path

from assay.bench.images import request as images
from assay.bench.request import Request
from assay.bench.study_data import Source
from assay.bench.syncheck import STUDIES
from assay.errors import UserError

AnyRequest = Request | images.ImageRequest


def questions() -> dict[str, str]:
    """What every study asks."""
    known = {name: study.question for name, study in STUDIES.items()}
    return known | {name: study.question for name, study in images.STUDIES.items()}


def request_of(
    study: str,
    generator: str,
    preset: str,
    protocol: str,
    source: Source,
    training: str,
    seeds: int | None,
    only: str,
    out: Path,
    device: str | None,
) -> AnyRequest:
    """The request for a study, which decides what the options mean.

    Raises
    ------
    UserError
        If there is no such study, or it has no use for the generator.
    """
    if study not in questions():
        raise UserError(f"study: unknown: {study}; known: {', '.join(questions())}")
    options = (preset, protocol, source, training, seeds, only, out, device)
    if study not in images.STUDIES:
        if source.weights:
            raise UserError(f"--weights: {study} trains from scratch")
        return Request(study, generator or "csigan", *options)
    if generator not in ("", "blender"):
        raise UserError(
            f"--generator: {generator}: {study} takes its images from blender, or from --synthetic"
        )
    return images.ImageRequest(study, *options)
