"""All that is known of one question: what was found in the data, the score, the comparison, the advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay.advice.result import Advice
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.findings import Examination
from assay.markup import html_table
from assay.quality.score import Score
from assay.report.assessment.asked import FILE, read_asked
from assay.report.assessment.parts import PARTS
from assay.report.findings import found_in
from assay.report.score.read import read_score

Part = Score | Comparison | Advice
OPENED: dict[str, tuple[str, Callable[[Path], Part]]] = {
    "score": ("score.json", read_score),
    "comparison": ("compare.json", Comparison.open),
    "advice": ("advice.json", Advice.open),
}


@dataclass(frozen=True, repr=False)
class Assessment:
    """What is known of one task and one synthetic set, part by part.

    Attributes
    ----------
    examination : Examination
        What was found in the data before anything trained.
    score : Score or None
    comparison : Comparison or None
        With those of its runs that are finished.
    advice : Advice or None
    folder : Path or None
        Where all of it lies.
    asked : dict
        What was asked for, what cannot be and why, and what every part took, as in ``assess.json``; empty
        where the parts were made one by one.
    """

    examination: Examination
    score: Score | None = None
    comparison: Comparison | None = None
    advice: Advice | None = None
    folder: Path | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def open(folder: str | Path) -> Assessment:
        """The assessment of a folder, finished or not: what was asked of it last, else its newest parts.

        Raises
        ------
        UserError
            If there is none, or a file is damaged.
        """
        found = next(assessments(Path(folder)), None)
        if found is None:
            raise UserError(
                f"{folder}: no {', no '.join((FILE, *(file for file, _ in OPENED.values())))} here"
            )
        return found

    def parts(self) -> dict[str, Part]:
        """The parts that are there, by name, in order."""
        found = {name: getattr(self, name) for name in PARTS}
        return {name: part for name, part in found.items() if part is not None}

    def lacking(self) -> dict[str, str]:
        """The parts that were asked for and are not there, each with the reason."""
        cannot, there = self.asked.get("impossible", {}), self.parts()
        return {
            name: f"cannot be made: {cannot[name]}" if name in cannot else "is not there yet"
            for name in self.asked.get("parts", ())
            if name not in there
        }

    def data(self) -> set[tuple[str, str]]:
        """Hashes of the real and of the synthetic data that it is of."""
        asked = {data_of_asked(self.asked)} if self.asked else set()
        return asked | {data_of(part) for part in self.parts().values()}

    def with_part(self, part: Part) -> Assessment:
        """The same with a part."""
        named: dict[str, Any] = {_name(part): part}
        return replace(self, **named)

    def __repr__(self) -> str:
        return f"Assessment(findings={len(self.examination.findings)}, parts={list(self.parts())})"

    def _repr_html_(self) -> str:
        found = html_table("", [], self.examination.lines())
        own = "".join(part._repr_html_() for part in self.parts().values())
        return found + own + html_table("", [], [f"{name}: {why}" for name, why in self.lacking().items()])


def assessments(folder: Path) -> Iterator[Assessment]:
    """What is in a folder, the parts of the same data together: first what was asked for last.

    Raises
    ------
    UserError
        If a file is damaged.
    """
    asked = read_asked(folder) if (folder / FILE).is_file() else {}
    there = [read(folder) for file, read in OPENED.values() if (folder / file).is_file()]
    if asked:
        yield _together([part for part in there if data_of(part) == data_of_asked(asked)], folder, asked)
        there = [part for part in there if data_of(part) != data_of_asked(asked)]
    for data in dict.fromkeys(map(data_of, sorted(there, key=lambda part: not isinstance(part, Comparison)))):
        yield _together([part for part in there if data_of(part) == data], folder, {})


def _together(parts: list[Part], folder: Path, asked: Mapping[str, Any]) -> Assessment:
    info = asked or parts[0].info
    named: dict[str, Any] = {_name(part): part for part in parts}
    return Assessment(found_in(info), folder=folder, asked=asked, **named)


def with_all(part: Part, folder: Path | None) -> Assessment:
    """A part with the others of the same data that lie in a folder; those that are damaged are left out."""
    alone = Assessment(found_in(part.info), folder=folder)
    with suppress(UserError):
        others = assessments(folder) if folder else iter(())
        alone = next((other for other in others if data_of(part) in other.data()), alone)
    return alone.with_part(part)


def _name(part: Part) -> str:
    return {Score: "score", Comparison: "comparison", Advice: "advice"}[type(part)]


def data_of(part: Part) -> tuple[str, str]:
    """Hashes of the real and of the synthetic data that a part is of; none of the latter without any."""
    info = part.info
    if isinstance(part, Score):
        return info["task_digest"], info["synthetic_digest"]
    made, task = info["synthetic"], info["task"]
    return task.get("given", task["digest"]), made["digest"] if made else ""


def data_of_asked(asked: Mapping[str, Any]) -> tuple[str, str]:
    """The same of what was asked."""
    return asked["task"]["digest"], asked["synthetic"]["digest"]
