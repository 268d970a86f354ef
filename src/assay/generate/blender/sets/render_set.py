"""A folder of pictures by class, with a manifest: begun, gone on with, and told of.

OUT/<class>/<index>.png   the pictures (and <index>.npz with mask and depth if wanted)
OUT/manifest.jsonl        a line for every picture with every value that decides it
OUT/set.json              settings, seed, part, fingerprints of all files: a folder holds one set only
OUT/contact_sheet.png     the first pictures of every class
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.files import writing
from assay.generate.blender.engine.crew import Job, Outcome, render
from assay.generate.blender.engine.environment import Environment, find_environment
from assay.generate.blender.engine.ray_crews import render_on_ray
from assay.generate.blender.scene.distribution import Distribution, Names
from assay.generate.blender.scene.values import Scene
from assay.generate.blender.sets.contact import contact_sheet
from assay.generate.blender.sets.folder import FILES, claimed, is_whole
from assay.generate.blender.sets.inputs import fingerprints
from assay.generate.blender.sets.manifest import NAME, Entry, Manifest, read_entry
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.stream import Stream, open_stream
from assay.strict import check_whole

Report = Callable[[int, int, float], None]
Make = Callable[[Iterator[Job]], Iterator[Outcome]]


@dataclass(frozen=True)
class Rendered:
    """What became of a set: pictures made now, those that were there before, and the errors of the others."""

    folder: Path
    made: int
    kept: int
    failed: dict[int, str]
    seconds: float


def silent(done: int, total: int, rate: float) -> None:
    """Say nothing of the progress."""
    del done, total, rate


def render_set(
    settings: BlenderSettings,
    out: Path,
    n: int,
    seed: int = 0,
    part: str = "train",
    workers: int | None = None,
    report: Report = silent,
    environment: Environment | None = None,
    ray: str | None = None,
) -> Rendered:
    """The first `n` pictures of a stream in a folder; those that are there already are kept.

    Parameters
    ----------
    settings : BlenderSettings
    out : Path
        The folder; read by Assay as an image folder.
    n : int
        How many pictures, 1 or more, all classes in turn.
    seed : int
        Same seed, same pictures.
    part : {"train", "test_iid", "test_iid_no_background"}
        Which stream; the last is the second without its backgrounds.
    workers : int, optional
        Processes; by default 1 here, or one for every core of the cluster.
    report : callable
        Told (pictures that are there, `n`, pictures a second) after every picture.
    environment : Environment, optional
        Blender; found by default, on every machine of a cluster for itself.
    ray : str, optional
        Address of a Ray cluster whose machines share the folder, or "local".

    Raises
    ------
    UserError
        If the folder holds another set, another process is at work on it, or it cannot be written, there is
        no Blender, or there is no cluster.
    """
    check_whole("n", n, 1)
    check_whole("workers", 1 if workers is None else workers, 1)
    stream, start = open_stream(settings, seed, part), time.perf_counter()
    make = _maker(workers, environment, ray)
    with writing(out), claimed(out, _described(stream), stream.classes):
        manifest = Manifest(out / NAME)
        todo = [index for index in range(n) if not _is_made(out, stream, index, manifest)]
        failed = _make(stream, out, todo, n, manifest, make, report)
        contact_sheet(out, stream.classes)
    made = len(todo) - len(failed)
    return Rendered(out, made, n - len(todo), failed, time.perf_counter() - start)


def render_again(line: str, path: Path, environment: Environment | None = None) -> None:
    """Make a picture from its line of a manifest alone: the same bytes on the same build of Blender.

    Raises
    ------
    UserError
        If the line is damaged, or the picture cannot be made.
    """
    job = Job(read_entry(line, "manifest line").scene, path.resolve())
    for outcome in render([job], environment=environment):
        if outcome.error:
            raise UserError(f"{path}: {outcome.error}")


def file_of(stream: Stream, index: int) -> Path:
    """Where a picture lies in the folder of its set."""
    return Path(stream.label(index)) / f"{index:06d}.png"


def settings_text(settings: BlenderSettings) -> dict[str, Any]:
    """Settings as JSON values, distributions in their text form."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _plain(value) for name, value in values.items()}


def _maker(workers: int | None, environment: Environment | None, ray: str | None) -> Make:
    """How jobs become pictures: here, or on a cluster."""
    if ray is not None:
        return lambda jobs: render_on_ray(jobs, ray, workers, environment)
    found = environment or find_environment()
    return lambda jobs: render(jobs, workers or 1, found)


def _described(stream: Stream) -> dict[str, Any]:
    """All that is the same for every picture of a set, as JSON values."""
    described = {"seed": stream.seed, "part": stream.part, **settings_text(stream.settings)}
    return {**described, "classes": list(stream.classes), FILES: fingerprints(stream)}


def _is_made(out: Path, stream: Stream, index: int, manifest: Manifest) -> bool:
    """Whether a picture is there, whole, and the manifest says what it shows."""
    path, settings = out / file_of(stream, index), stream.settings
    has_rest = path.with_suffix(".npz").is_file() or not (settings.mask or settings.depth)
    return manifest.is_good(index) and has_rest and is_whole(path)


def _make(
    stream: Stream, out: Path, todo: list[int], n: int, manifest: Manifest, make: Make, report: Report
) -> dict[int, str]:
    """Make the pictures that are missing; the errors of those that could not be made."""
    failed: dict[int, str] = {}
    jobs, start = _jobs(stream, out, todo, manifest), time.perf_counter()
    try:
        for done, outcome in enumerate(make(jobs) if todo else (), start=1):
            scene = outcome.job.scene
            if outcome.error:
                failed[scene.index] = outcome.error
                manifest.add(_entry(stream, scene, outcome.error))
            report(n - len(todo) + done - len(failed), n, done / (time.perf_counter() - start))
    finally:
        manifest.tidy(lambda index: (out / file_of(stream, index)).is_file())
    return failed


def _jobs(stream: Stream, out: Path, todo: list[int], manifest: Manifest) -> Iterator[Job]:
    """A job for each picture, whose line is written first: then no picture is ever there without."""
    for index in todo:
        scene, path = stream.scene(index), out.resolve() / file_of(stream, index)
        path.unlink(missing_ok=True)  # it is damaged, or nothing says what it shows
        manifest.add(_entry(stream, scene))
        yield Job(scene, path)


def _entry(stream: Stream, scene: Scene, error: str | None = None) -> Entry:
    return Entry(file_of(stream, scene.index).as_posix(), error, scene)


def _plain(value: Any) -> Any:
    if isinstance(value, Distribution | Names | Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
