"""A few plain sentences that follow from the table, the one that matters most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.comparison.idle import FILTERS, Idle, idle_filters
from assay.comparison.names import BASELINE, backbone_of, controlled
from assay.comparison.result import Comparison
from assay.comparison.summary import Line, gain, headline, summarise
from assay.comparison.worth import Worth, uses_synthetic, worth
from assay.metrics.statistics import ENOUGH, Estimate
from assay.metrics.table import Metric
from assay.report.comparison.adversary import escaped
from assay.report.findings import doubts, no_advice

CONTROLS = {
    "better": "At the last epoch, better than as many random items: ",
    "worse": "At the last epoch, worse than as many random items: ",
    "neither": "At the last epoch, not to be told from as many random items: ",
}
"""What the random control of a filter shows."""
CHOSEN = {"validation": "both chosen by validation items", "order": "neither chosen by any number"}
"""How the methods were chosen whose difference is what the synthetic data are worth."""


class Told(NamedTuple):
    """The sentences of a verdict: what to do, with all that makes it doubtful, and what else follows."""

    first: list[str]
    rest: list[str]


def verdict(comparison: Comparison) -> str:
    """What to do with the synthetic data, under the selection a user could make without test labels.

    A gain or a loss is claimed only where the 95 % interval of a paired difference leaves out zero, over
    three seeds or more: against `real_only`, and for a filter also against its random control. None is where
    test items were among those that a method learns from.
    """
    said = told(comparison)
    return " ".join([*said.first, *said.rest])


def told(comparison: Comparison) -> Told:
    """The same, sentence by sentence."""
    selection = headline(comparison)
    lines = [line for line in summarise(comparison) if line.selection == selection]
    leak, doubtful = no_advice(comparison.info), doubts(comparison.info)
    if leak:
        return Told([*leak, *doubtful], [])
    filters = [*_idle(comparison), *_too_early(comparison, lines), *_controls(comparison)]
    filters += [*_other_models(comparison, lines), *escaped(comparison)]
    return Told([*_first(lines, _worth(comparison)), *doubtful], filters)


# -- what to do ---------------------------------------------------------------------------------------


def _first(lines: list[Line], worth_said: str) -> Iterator[str]:
    """What to do, then the losses that the sentence before has not told."""
    rivals = [line for line in lines if line.difference is not None and not controlled(line.method)]
    losers = sorted(
        (line for line in rivals if _gain(line).is_below_zero), key=lambda line: -_gain(line).mean
    )
    costs = _costs(losers) if losers else ""
    winners = [line for line in rivals if _gain(line).is_above_zero]
    baseline = next((line for line in lines if line.method == BASELINE), None)
    if not rivals:
        yield f"No advice: {_reason(baseline, lines)}."
    elif baseline and _is_full(baseline):
        yield f"{BASELINE} is always right here: nothing to gain."
        yield from _sentence(costs)
    elif worth_said:
        yield worth_said
        yield from _sentence(costs)
    elif winners:
        yield _use(winners)
        yield from _sentence(costs)
    elif len(losers) == len(rivals):
        yield f"Use the real data alone: every alternative does worse. {costs}."
    else:
        yield _undecided(rivals, costs)


def _worth(comparison: Comparison) -> str:
    """What synthetic data add to the best use of real data alone; "" if `real_only` is the only such use."""
    found = worth(comparison)
    alone = [name for name in comparison.info["methods"] if not uses_synthetic(comparison, name)]
    if found is None or alone == [BASELINE]:
        return ""
    against = f"{found.alone}, the best use of real data alone ({CHOSEN[found.chosen_by]})"
    metric = comparison.metric
    told = f"{metric.gained(found.gain)} {metric.unit} over {found.gain.n} seeds"
    if found.gain.outcome == "few":
        return f"No evidence either way: fewer than {ENOUGH} seeds give no interval worth the name."
    if found.gain.is_above_zero:
        return (
            f"Use {found.best}: the synthetic data add {told} to {against}; {_over_baseline(found, metric)}."
        )
    if found.gain.is_below_zero:
        start = f"Use {found.alone}, real data alone"
        return f"{start}: {found.best} with the synthetic data, {told} against {against}."
    start = f"No evidence that the synthetic data help: {found.best} with them"
    return f"{start}, {told} against {against}; {_over_baseline(found, metric)}."


def _over_baseline(found: Worth, metric: Metric) -> str:
    alone = found.alone_over_baseline
    told = f"against {BASELINE}, {found.best} {metric.gained(found.over_baseline)}"
    return told + (f" and {found.alone} {metric.gained(alone)}" if alone else "")


def _sentence(words: str) -> list[str]:
    return [f"{words}."] if words else []


def _is_full(line: Line) -> bool:
    """Whether every seed is right on all test items."""
    return line.accuracy is not None and line.accuracy.mean == 1 and line.metric.share


def _reason(baseline: Line | None, lines: list[Line]) -> str:
    if baseline is None or baseline.accuracy is None:
        return f"no run of {BASELINE} has succeeded"
    return f"only {BASELINE} was run" if len(lines) == 1 else "no run of another method has succeeded"


def _use(winners: list[Line]) -> str:
    best = max(winners, key=lambda line: _gain(line).mean)
    used = f", learning from {best.used:.0f} synthetic items with a label" if best.used else ""
    equals = [line.method for line in winners if line is not best and _gain(line).high >= _gain(best).mean]
    others = f"; {_listed(equals)} may serve as well" if equals else ""
    return f"Use {_told(best)} against {BASELINE}{used}{others}."


def _undecided(rivals: list[Line], costs: str) -> str:
    if all(_gain(line).n < ENOUGH for line in rivals):
        return f"No evidence either way: fewer than {ENOUGH} seeds give no interval worth the name."
    best = max(rivals, key=lambda line: _gain(line).mean)
    start = (
        f"{costs}, and no method beats it" if costs else f"No evidence either way: no method beats {BASELINE}"
    )
    return (
        f"{start} by more than its interval (best: {_told(best)}); "
        "more seeds or other synthetic data would be needed to tell."
    )


def _gain(line: Line) -> Estimate:
    assert line.difference is not None
    return line.difference


def _told(line: Line) -> str:
    gained = f"{line.metric.gained(line.difference)} {line.metric.unit}"
    return f"{line.method}, {gained} over {_gain(line).n} seeds"


def _costs(losers: Sequence[Line]) -> str:
    """``mixed costs 3.2 [0.1, 6.4] points over 3 seeds against real_only``, the least loss first."""
    said = [f"{line.method} costs {line.metric.told(-_gain(line))} {line.metric.unit}" for line in losers]
    seeds = " to ".join(map(str, sorted({_gain(line).n for line in losers})))
    return f"{_listed(said)} over {seeds} seeds against {BASELINE}"


# -- filters ------------------------------------------------------------------------------------------


def _idle(comparison: Comparison) -> Iterator[str]:
    """The filters that filtered nothing, which have no row of their own."""
    for name, found in idle_filters(comparison).items():
        yield f"{name} {_kept(found)} in all runs: {_is(found)}."


def _too_early(comparison: Comparison, lines: list[Line]) -> Iterator[str]:
    """The filters of which the selection chose epochs before they had kept anything."""
    settings, idle = comparison.info["methods"], idle_filters(comparison)
    names = [line.method for line in lines if line.counts and not line.used and line.method not in idle]
    early = [name for name in names if settings[name].get("kind") in FILTERS]
    if early:
        yield f"At the epochs that were chosen, {_listed(early)} had not learnt from any synthetic item."


def _kept(found: Idle) -> str:
    share = "none of" if found.kept == "nothing" else "all"
    return f"kept {share} {found.items} synthetic items"


def _is(found: Idle) -> str:
    return f"it is {found.twin} here" if found.twin else "it filtered nothing"


def _controls(comparison: Comparison) -> Iterator[str]:
    """What the random controls say of the filters that chose, if there are any.

    Held against each other at the last epoch, where both learn from the same number of synthetic items.
    """
    found: dict[str, list[str]] = {outcome: [] for outcome in CONTROLS}
    idle = idle_filters(comparison)
    for control in comparison.info["methods"]:
        name = controlled(control)
        difference = gain(comparison, name, control, "last") if name and name not in idle else None
        if name and difference and difference.outcome in found:
            found[difference.outcome].append(name)
    yield from (f"{CONTROLS[outcome]}{_listed(names)}." for outcome, names in found.items() if names)


# -- other models -------------------------------------------------------------------------------------


def _other_models(comparison: Comparison, lines: list[Line]) -> Iterator[str]:
    """What synthetic data are worth to a backbone that only some methods train, against real data alone."""
    metric = comparison.metric
    models = dict.fromkeys(backbone_of(line.method) for line in lines if backbone_of(line.method))
    for model in models:
        own = [line for line in lines if backbone_of(line.method) == model and not controlled(line.method)]
        base = BASELINE + model
        found = [(x.method, gain(comparison, x.method, base, x.selection)) for x in own if x.method != base]
        said = [f"{name} {metric.gained(over)}" for name, over in found if over is not None]
        if said:
            yield f"Against {base}: {_listed(said)} {metric.unit}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + " and " + names[-1]
