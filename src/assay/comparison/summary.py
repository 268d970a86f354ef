"""The result table: one line for every method and selection, over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.comparison.drowned import drowned
from assay.comparison.idle import repeated
from assay.comparison.names import BASELINE
from assay.comparison.shift import TOLD
from assay.findings import Examination
from assay.markup import in_markdown
from assay.metrics.statistics import CUT, SHARE, Estimate, estimate
from assay.metrics.table import ACCURACY, Metric
from assay.train.selection import HONEST, SELECTIONS

if TYPE_CHECKING:
    from assay.comparison.result import Comparison


@dataclass(frozen=True)
class Line:
    """A method under a selection.

    Attributes
    ----------
    accuracy, recall : Estimate or None
        On the test items, over the seeds that succeeded; None if none did.
    difference : Estimate or None
        Gain in the metric over `real_only` at the same seed and selection, above 0 where it is better; None
        for `real_only` itself.
    used : float
        Synthetic items learnt from with a label, mean over seeds.
    counts : dict of int
        Labelled real items learnt from, and items of the pools at hand.
    errors : dict of str
        Error by seed, of the runs that failed.
    missing : int
        Runs that are not finished.
    metric : Metric
        What the result speaks of.
    further : Estimate or None
        That, where it is neither accuracy nor recall.
    """

    method: str
    selection: str
    accuracy: Estimate | None
    recall: Estimate | None
    difference: Estimate | None
    used: float
    counts: dict[str, int]
    errors: dict[int, str]
    missing: int
    metric: Metric = ACCURACY
    further: Estimate | None = None

    @property
    def value(self) -> Estimate | None:
        """The metric that the result speaks of."""
        return {"accuracy": self.accuracy, "recall": self.recall}.get(self.metric.name, self.further)


def summarise(comparison: Comparison) -> list[Line]:
    """Lines for every method under every selection for which the data sufficed, in the order given.

    A filter that kept nothing or everything is the row of another method once more, and is left out.
    """
    rows = comparison.rows()
    present = [name for name in SELECTIONS if any(row.get("selection") == name for row in rows)]
    methods = shown(comparison)
    return [_line(m, s, comparison) for s in present or ["last"] for m in methods]


def shown(comparison: Comparison) -> list[str]:
    """The methods that have a row of their own."""
    again = repeated(comparison)
    return [name for name in comparison.info["methods"] if name not in again]


def headline(comparison: Comparison) -> str:
    """The selection that a user without test labels would report: validation, else label-free, else last.

    The last too where validation items are of another place than the test (`comparison.shift`).
    """
    if comparison.info.get("shifted"):
        return "last"
    present = {row.get("selection") for row in comparison.rows()}
    return next((name for name in HONEST if name in present), "last")


def _line(method: str, selection: str, comparison: Comparison) -> Line:
    rows = [row for row in comparison.rows() if row["method"] == method]
    mine = [row for row in rows if row.get("selection") == selection]
    planned = sum(run["label"] == method for run in comparison.info["runs"])
    finished = len({row["seed"] for row in rows})
    return Line(
        method,
        selection,
        estimate([row["accuracy"] for row in mine], SHARE) if mine else None,
        estimate([row["recall"] for row in mine], SHARE) if mine else None,
        _difference(method, selection, comparison),
        float(sum(row["used"] for row in mine) / len(mine)) if mine else 0.0,
        {key: mine[0][key] for key in ("real", "unlabelled", "synthetic", "test")} if mine else {},
        {row["seed"]: row["error"] for row in rows if row["error"]},
        planned - finished,
        comparison.metric,
        _further(mine, comparison.metric),
    )


def _further(rows: Sequence[Mapping[str, Any]], metric: Metric) -> Estimate | None:
    known = bool(rows) and metric.name not in ("accuracy", "recall")
    return estimate([row[metric.name] for row in rows], metric.within) if known else None


def _difference(method: str, selection: str, comparison: Comparison) -> Estimate | None:
    if method == BASELINE:
        return None
    return gain(comparison, method, BASELINE, selection)


def gain(comparison: Comparison, method: str, other: str, selection: str) -> Estimate | None:
    """How much better a method is than another at equal seeds, in the metric that the result speaks of."""
    ours, theirs = (values(comparison, name, selection) for name in (method, other))
    return comparison.metric.gain(ours, theirs)


def values(comparison: Comparison, method: str, selection: str) -> dict[int, float]:
    """The metric that the result speaks of, on the test items, by seed."""
    return {
        row["seed"]: row[comparison.metric.name]
        for row in comparison.rows()
        if row["method"] == method and row.get("selection") == selection
    }


def remarks(lines: list[Line], info: Mapping[str, Any]) -> list[str]:
    """What a reader of the table must know: of its intervals if some are cut, and of groups on both sides."""
    found = (x for line in lines for x in (line.accuracy, line.recall, line.value, line.difference))
    cut = [CUT] if any(x and x.wants_remark for x in found) else []
    notes = Examination.from_dicts(info.get("findings", ())).table_notes
    cut += [TOLD] if info.get("shifted") else []
    return [*cut, *drowned(lines, info), *(f"{note[0].upper()}{note[1:]}." for note in notes)]


def cells(line: Line) -> dict[str, str]:
    """A line as text: shares in percent and their differences in points; differences are of the metric."""
    return {
        "method": line.method,
        "real used": str(line.counts["real"]) if line.counts else "",
        "synthetic used": f"{line.used:.0f}" if line.counts else "",
        "accuracy %": percent(line.accuracy),
        "mean recall %": percent(line.recall),
        line.metric.head: line.metric.told(line.value),
        "difference to real_only": line.metric.gained(line.difference)
        if line.method != BASELINE
        else "(baseline)",
        "seeds": _seeds(line),
    }


def _seeds(line: Line) -> str:
    done = str(line.accuracy.n if line.accuracy else 0)
    failed = f", {len(line.errors)} failed" if line.errors else ""
    return done + failed + (f", {line.missing} missing" if line.missing else "")


def percent(value: Estimate | None) -> str:
    """Mean and interval in percent."""
    return value.told(".1f", 100) if value else "-"


def points(value: Estimate | None) -> str:
    """Mean and interval of a difference, signed, in percentage points."""
    return value.told("+.1f", 100) if value else "-"


def markdown(lines: list[Line], below: Sequence[str] = ()) -> str:
    """The lines of one selection as a Markdown table, with remarks below it."""
    rows: list[dict[str, Any]] = [cells(line) for line in lines]
    head = list(rows[0])
    body = ["| " + " | ".join(in_markdown(row[key]) for key in head) + " |" for row in rows]
    table = "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *body])
    return "\n\n".join((table, *map(in_markdown, below)))
