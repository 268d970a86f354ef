"""One plain sentence that follows from the table."""

from __future__ import annotations

from assay.bench.compare import BASELINE, Comparison
from assay.report.statistics import Estimate
from assay.report.summary import Line, headline, points, summarise


def advise(comparison: Comparison) -> str:
    """What to do with the synthetic data, under the selection a user could make without test labels.

    A gain or a loss is claimed only where the 95 % interval of the paired difference to `real_only` leaves
    out zero.
    """
    lines = [line for line in summarise(comparison) if line.selection == headline(comparison)]
    baseline = next((line for line in lines if line.method == BASELINE and line.accuracy), None)
    rivals = [line for line in lines if line.difference is not None]
    if baseline is None or not rivals:
        return f"No advice: {_reason(lines, baseline)}."
    if all(_gain(line).n < 2 for line in rivals):
        return "No evidence either way: one seed gives no interval; run three or more."
    winners = [line for line in rivals if _gain(line).low > 0]
    if winners:
        return _use(max(winners, key=lambda line: _gain(line).mean), rivals)
    if all(_gain(line).high < 0 for line in rivals):
        best = max(rivals, key=lambda line: _gain(line).mean)
        return f"Use the real data alone: every alternative does worse, least so {_told(best)}."
    best = max(rivals, key=lambda line: _gain(line).mean)
    return (
        f"No evidence either way: no method beats {BASELINE} by more than its interval "
        f"(best: {_told(best)}); more seeds or other synthetic data would be needed to tell."
    )


def _reason(lines: list[Line], baseline: Line | None) -> str:
    if baseline is None:
        return f"{BASELINE} has no finished run"
    return "nothing was compared with it" if len(lines) == 1 else "every other method failed"


def _gain(line: Line) -> Estimate:
    assert line.difference is not None
    return line.difference


def _told(line: Line) -> str:
    return f"{line.method}, {points(line.difference)} points over {_gain(line).n} seeds"


def _use(best: Line, rivals: list[Line]) -> str:
    used = f" learning from {best.used:.0f} synthetic items with a label" if best.used else ""
    equals = [
        line.method
        for line in rivals
        if line is not best and _gain(line).low > 0 and _gain(line).high >= _gain(best).mean
    ]
    others = f"; {' and '.join(equals)} may serve as well" if equals else ""
    return f"Use {_told(best)} against {BASELINE}{',' + used if used else ''}{others}."
