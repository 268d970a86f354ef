"""What is ahead: how long every part will take, which cannot be, and how that changes as it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.assessment.request import Request
from assay.errors import UserError
from assay.quality.forecast import forecast as forecast_of_score
from assay.runs.forecast import Cost, forecast
from assay.runs.progress import trying
from assay.runs.runner import Job, finished
from assay.runs.store import Store

LEAST, MOST_OFF = 2.0, 5.0
"""Seconds from which on a part shows how far a forecast was off, and how far that is believed."""


@dataclass(frozen=True)
class Ahead:
    """What an assessment has before it.

    Attributes
    ----------
    seconds : dict
        By part, expected; none of a part whose time cannot be foretold.
    impossible : dict
        By part that the data do not allow, why.
    """

    seconds: dict[str, float]
    impossible: dict[str, str]

    def left(self, took: Mapping[str, float]) -> float:
        """Expected seconds of the parts that are not done, as far off as those that are done."""
        rest = sum(seconds for part, seconds in self.seconds.items() if part not in took)
        foretold = sum(self.seconds.get(part, 0.0) for part in took)
        if foretold < LEAST:
            return rest
        off = sum(seconds for part, seconds in took.items() if part in self.seconds) / foretold
        return rest * min(max(off, 1 / MOST_OFF), MOST_OFF)


def look_ahead(request: Request) -> Ahead:
    """Try what is needed for a few steps, and foretell all of it; what is finished takes no time."""
    impossible: dict[str, str] = {}
    score = _try(request, "score", impossible)
    jobs = {
        "comparison": request.compared() if "comparison" in request.parts else [],
        "advice": _advised(request, impossible),
    }
    store, known = Store(request.out), set[str]()
    left: dict[str, list[Job]] = {}
    for part, each in jobs.items():
        left[part] = [job for job in each if not finished(job, store) and job.cell.key not in known]
        known |= {job.cell.key for job in each}
    costs = _costs([job for each in left.values() for job in each])
    seconds = {part: 0.0 for part in request.parts if part not in impossible}
    if score:
        seconds["score"] = score
    for part, each in left.items():
        if part in seconds:
            seconds[part] = sum(costs[job.cell.key].seconds for job in each if job.cell.key in costs)
            seconds[part] /= min(request.at_a_time, len(each) or 1)
    return Ahead(seconds, impossible)


def _try(request: Request, part: str, impossible: dict[str, str]) -> float:
    """Seconds of the score, none for one that is kept."""
    if part not in request.parts:
        return 0.0
    try:
        if request.kept_score():
            return 0.0
        conditions, _ = request.scored()
        return forecast_of_score(
            request.task, request.synthetic, conditions, request.scoring.repeats, request.at_a_time
        )
    except UserError as error:
        impossible[part] = str(error)
        return 0.0


def _advised(request: Request, impossible: dict[str, str]) -> list[Job]:
    if "advice" not in request.parts:
        return []
    try:
        return request.advised()
    except UserError as error:
        impossible["advice"] = str(error)
        return []


def _costs(jobs: Sequence[Job]) -> dict[str, Cost]:
    """Cost by key; none where a trial fails, for the run itself says what is wrong, as a row."""
    if not jobs:
        return {}
    try:
        with trying() as tried:
            return forecast(jobs, tried)
    except Exception:  # whatever it is, the run says so
        return {}
