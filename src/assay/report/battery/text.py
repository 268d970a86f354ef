"""The battery as tables and sentences."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from assay.comparison.names import BASELINE
from assay.comparison.summary import points
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.summary import ALONE, Against, Line, summarise
from assay.studies.battery.tasks import HALVES, Half

METHOD, GAINED = "method", ("accuracy %", f"gain over {BASELINE}", f"over {ALONE}", "mean rank")
"""Columns that tell of the gain; all others tell of harm and cost."""
RUNS = "runs"
SIDE_BY_SIDE = 3
"""Methods that a table of tasks has beside each other on paper."""
NAMED = 6
"""Tasks that are named of those on which a method hurts."""
MEANINGS: dict[Half, str] = {
    "tune": "Half tune: choices may have been made on these tasks, so they prove nothing of a method.",
    "report": "Half report: nothing was chosen on these tasks.",
}


def table(lines: list[Line]) -> list[dict[str, str]]:
    """One row of text a method."""
    return [_cells(line) for line in lines]


def halves_of(rows: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """The columns of a wide table in two tables that fit on paper: what is gained, and what it costs."""
    gained = (METHOD, *GAINED)
    return [
        [{key: row[key] for key in gained} for row in rows],
        [{key: value for key, value in row.items() if key not in (*GAINED, RUNS)} for row in rows],
    ]


def _cells(line: Line) -> dict[str, str]:
    return {
        METHOD: line.method,
        "accuracy %": f"{100 * line.accuracy:.1f}",
        f"gain over {BASELINE}": _gain(line.over_real),
        f"over {ALONE}": _gain(line.over_alone),
        "mean rank": f"{line.rank:.1f}",
        "worst task": _worst(line.over_real),
        f"behind {BASELINE}": _share(line.over_real),
        f"behind {ALONE}": _share(line.over_alone),
        "CPU s": f"{line.seconds:.1f} (×{line.cost:.1f})",
        RUNS: str(line.runs),
    }


def _gain(against: Against | None) -> str:
    return points(against.gain) if against else "-"


def _worst(against: Against | None) -> str:
    if against is None:
        return "-"
    name, gain = against.worst
    return f"{100 * gain:+.1f} ({name})"


def _share(against: Against | None) -> str:
    return f"{len(against.hurts)} of {len(against.by_task)}" if against else "-"


def gains(lines: list[Line]) -> list[dict[str, str]]:
    """Gain over `real_only` by task, a row a task and a column a method, in points."""
    others = [line for line in lines if line.over_real]
    tasks = dict.fromkeys(name for line in others for name in line.over_real.by_task)  # type: ignore[union-attr]
    return [{"task": name, **{line.method: _point(line, name) for line in others}} for name in tasks]


def gains_on_paper(lines: list[Line]) -> list[list[dict[str, str]]]:
    """The same as several tables, a few methods each."""
    others = [line for line in lines if line.over_real]
    return [gains(others[i : i + SIDE_BY_SIDE]) for i in range(0, len(others), SIDE_BY_SIDE)]


def _point(line: Line, task: str) -> str:
    gain = line.over_real.by_task.get(task, math.nan) if line.over_real else math.nan
    return f"{100 * gain:+.1f}" if math.isfinite(gain) else "-"


def hurts(lines: list[Line]) -> Iterator[str]:
    """Where each method is more than a point behind the best use of real data alone, worst tasks first."""
    for line in lines:
        if line.over_alone and line.over_alone.hurts and line.method != BASELINE:
            found = [f"{name} {100 * gain:+.1f}" for name, gain in line.over_alone.hurts.items()]
            more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
            yield f"{line.method} is more than a point behind {ALONE} on {', '.join(found[:NAMED])}{more}."


def notes(runs: BatteryRuns) -> Iterator[str]:
    """What a reader of the tables must know."""
    yield (
        "Gains: points of accuracy on test items of real data, paired by seed, mean over seeds, then over "
        f"tasks; selection {runs.info['selection']} for every method. Intervals: 95 %, hierarchical "
        "bootstrap over tasks and seeds, for all methods of a column together (max-t)."
    )
    yield (
        "Behind: on so many tasks the mean over seeds is more than a point lower. Rank: among all methods, 1 "
        f"is the best. CPU: processor seconds of a run, and as a multiple of those of {BASELINE}. All "
        "methods of a task make the same steps with batches of the same size; how much of a batch is real is "
        "the method's own (half of it in mixed and in filters)."
    )
    for name, reason in runs.info["left_out"].items():
        yield f"Left out: {name}: {reason}"
    for name, error in runs.errors().items():
        yield f"FAILED: {name}: {error}"


def sentences(runs: BatteryRuns, half: Half = "report") -> Iterator[str]:
    """What follows from a half: which methods gain, and beyond the best use of real data alone."""
    lines = summarise(runs, half)
    for base, known in ((BASELINE, "over_real"), (ALONE, "over_alone")):
        found = {line.method: getattr(line, known) for line in lines if getattr(line, known)}
        better = [name for name, x in found.items() if x.gain.is_above_zero]
        worse = [name for name, x in found.items() if x.gain.is_below_zero and name != BASELINE]
        if better or worse:
            yield f"Half {half}, against {base}: gain: {_listed(better)}; lose: {_listed(worse)}."
        elif found:
            yield f"Half {half}, against {base}: no method can be told from it."


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def csv_text(runs: BatteryRuns) -> str:
    """Every run that succeeded, a line each: half, task, method, seed place, accuracy and seconds."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("half", "task", "method", "seed", "accuracy", "cpu_seconds"))
    for half in HALVES:
        names, found, seconds = runs.task_names(half), runs.accuracies(half), runs.seconds(half)
        for place in zip(*(found == found).nonzero()):
            method, task, seed = (int(i) for i in place)
            row = (half, names[task], runs.methods[method], runs.seeds[seed])
            writer.writerow((*row, found[place], seconds[place]))
    return buffer.getvalue()
