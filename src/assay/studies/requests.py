"""All published studies under their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assay.errors import UserError
from assay.studies.battery.request import NAME, QUESTION, BatteryRequest
from assay.studies.images.request import STUDIES as OF_IMAGES
from assay.studies.images.request import ImageRequest
from assay.studies.source import Source
from assay.studies.syncheck.request import Request
from assay.studies.syncheck.scenarios import STUDIES

AnyRequest = Request | ImageRequest | BatteryRequest


def questions() -> dict[str, str]:
    """What every study asks."""
    known = {name: study.question for name, study in STUDIES.items()}
    return known | {name: study.question for name, study in OF_IMAGES.items()} | {NAME: QUESTION}


def is_of_images(name: str) -> bool:
    """Whether a study's file, by its name without ending, is of one of the studies of images."""
    return name.startswith(tuple(f"{study}-" for study in OF_IMAGES))


def is_battery(name: str) -> bool:
    """Whether a study's file, by its name without ending, is of the battery."""
    return name.startswith(f"{NAME}-")


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
    methods: Sequence[str],
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
    if study == NAME:
        _check_battery(generator, protocol)
        return BatteryRequest(preset, source, training, seeds, only, out, device, tuple(methods))
    options = (preset, protocol, source, training, seeds, only, out, device)
    if study not in OF_IMAGES:
        if source.weights:
            raise UserError(f"--weights: {study} trains from scratch")
        return Request(study, generator or "csigan", *options, tuple(methods))
    if methods:
        raise UserError(
            f"--method: {methods[0]}: {study} has rows of its own; syncheck-... and {NAME} take more"
        )
    if generator not in ("", "blender"):
        raise UserError(
            f"--generator: {generator}: {study} takes its images from blender, or from --synthetic"
        )
    return ImageRequest(study, *options)


def _check_battery(generator: str, protocol: str) -> None:
    if generator:
        raise UserError(f"--generator: {generator}: {NAME} says itself where its synthetic data come from")
    if protocol != "corrected":
        raise UserError(f"--protocol: {protocol}: {NAME} was published nowhere; leave it out")


def pictured(request: AnyRequest) -> ImageRequest:
    """The request, if its study is one of images.

    Raises
    ------
    UserError
        If it is not.
    """
    if not isinstance(request, ImageRequest):
        raise UserError(f"--pictures: {request.study} has none; those that do: {', '.join(OF_IMAGES)}")
    return request
