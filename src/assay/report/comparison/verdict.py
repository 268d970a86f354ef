"""A plain sentence or two that follow from the table."""

from __future__ import annotations

from assay.comparison.result import BASELINE, Comparison
from assay.comparison.summary import Line, accuracies, controlled, headline, points, summarise
from assay.metrics.statistics import Estimate, paired_difference

ENOUGH = 3
"""Seeds below which no gain or loss is claimed: two that happen to agree make an interval of no width."""


def verdict(comparison: Comparison) -> str:
    """What to do with the synthetic data, under the selection a user could make without test labels.

    A gain or a loss is claimed only where the 95 % interval of a paired difference leaves out zero: against
    `real_only`, and for a filter also against its random control.
    """
    selection = headline(comparison)
    lines = [line for line in summarise(comparison) if line.selection == selection]
    return " ".join([_verdict(lines), *_controls(comparison)])


def _verdict(lines: list[Line]) -> str:
    rivals = [line for line in lines if line.difference is not None and not controlled(line.method)]
    if not rivals:
        return f"No advice: {_reason(lines)}."
    if all(_gain(line).n < ENOUGH for line in rivals):
        return f"No evidence either way: fewer than {ENOUGH} seeds give no interval worth the name."
    best = max(rivals, key=lambda line: _gain(line).mean)
    if any(_gain(line).low > 0 for line in rivals):
        return _use([line for line in rivals if _gain(line).low > 0])
    if all(_gain(line).high < 0 for line in rivals):
        return f"Use the real data alone: every alternative does worse, least so {_told(best)}."
    return (
        f"No evidence either way: no method beats {BASELINE} by more than its interval "
        f"(best: {_told(best)}); more seeds or other synthetic data would be needed to tell."
    )


def _reason(lines: list[Line]) -> str:
    baseline = next((line for line in lines if line.method == BASELINE), None)
    if baseline is None or baseline.accuracy is None:
        return f"no run of {BASELINE} has succeeded"
    return f"only {BASELINE} was run" if len(lines) == 1 else "no run of another method has succeeded"


def _gain(line: Line) -> Estimate:
    assert line.difference is not None
    return line.difference


def _told(line: Line) -> str:
    return f"{line.method}, {points(line.difference)} points over {_gain(line).n} seeds"


def _use(winners: list[Line]) -> str:
    best = max(winners, key=lambda line: _gain(line).mean)
    used = f", learning from {best.used:.0f} synthetic items with a label" if best.used else ""
    equals = [line.method for line in winners if line is not best and _gain(line).high >= _gain(best).mean]
    others = f"; {_listed(equals)} may serve as well" if equals else ""
    return f"Use {_told(best)} against {BASELINE}{used}{others}."


def _controls(comparison: Comparison) -> list[str]:
    """What the random controls say of the filters, if there are any.

    Held against each other at the last epoch, where both learn from the same number of synthetic items.
    """
    found: dict[str, list[str]] = {"better": [], "worse": [], "neither": []}
    for control in comparison.info["methods"]:
        name = controlled(control)
        pair = [accuracies(comparison, method, "last") for method in (name, control) if method]
        difference = paired_difference(*pair) if len(pair) == 2 else None
        if name and difference and difference.n >= ENOUGH:
            outcome = "better" if difference.low > 0 else "worse" if difference.high < 0 else "neither"
            found[outcome].append(name)
    words = {
        "better": "At the last epoch, better than as many random items: ",
        "worse": "At the last epoch, worse than as many random items: ",
        "neither": "At the last epoch, not to be told from as many random items: ",
    }
    return [f"{words[outcome]}{_listed(names)}." for outcome, names in found.items() if names]


def _listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + " and " + names[-1]
