"""An advice in words: how much synthetic data, with which labels, and what more would be worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from assay.advice.advise import saturated
from assay.advice.outlook import Prediction
from assay.advice.result import ALONE, Advice, Option
from assay.comparison.summary import percent, points
from assay.metrics.statistics import CUT, ENOUGH, Estimate, student_t
from assay.quality.learning_curve import Hidden
from assay.report.advice.outlook import told
from assay.report.findings import doubts, found_in, no_advice

MOST_SEEDS = 100
"""Beyond this, the seeds that it would take to tell are not counted."""
LABELS = {
    "condition": "with their conditions as labels",
    "pseudo": "labelled by a model trained on the real data, not by their conditions",
    "drop": "less those that a model trained on the real data does not take for their condition",
    "mcc": "with their conditions as labels beside class confusion of the unlabelled items",
    "anchored": "weighed as far as a model of the real data bears them out, beside the unlabelled items",
}
REAL = {
    "none": "the real data alone",
    "unlabelled": "the real data alone, the unlabelled items among them (`real_unlabelled`)",
}


# -- sentences ----------------------------------------------------------------------------------------


def sentences(advice: Advice) -> list[str]:
    """What follows from the numbers, the choice first.

    A gain or a loss is claimed only with three seeds or more, and only where the 95 % interval of the paired
    difference on the test items leaves out zero. Nothing is advised where test items were among those that
    are learnt from. Of a learning curve that its own check does not bear out,
    nothing is said but that.
    """
    leak, rest = no_advice(advice.info), [*doubts(advice.info), *advice.notes, *_failures(advice)]
    if leak:
        return [*leak, *rest]
    outlook = list(told(advice.outlook)) if advice.outlook else []
    return [*_ceiling(advice), _choice(advice), *_losses(advice), *outlook, *rest]


def _ceiling(advice: Advice) -> Iterator[str]:
    if saturated(advice.options, advice.info["task"]["real"]):
        yield "There is nothing to gain: on the test items the real data alone reach 100.0 %."


def _choice(advice: Advice) -> str:
    option, seeds = advice.choice, len(advice.info["seeds"])
    if option is None:
        return "No advice: a run of the real data alone failed."
    if seeds < ENOUGH:
        return f"No claim: fewer than {ENOUGH} seeds. On the validation items {_best(advice, option)}."
    if option.gain is None:
        best = f"Use {REAL[option.labels]}: on the validation items {_best(advice, option)}."
        return f"{best}{_beside(advice, option)}{_cost(advice)}"
    told = _gain(advice, option)
    if option.gain.is_above_zero:
        return f"Use {_used(advice, option)}: {told}."
    best = f"On the validation items {_best(advice, option)}"
    if option.gain.is_below_zero:
        return f"Use {_alone(advice)}. {best}, but it loses: {told}."
    return f"It cannot be told whether the synthetic data help. {best}: {told}. {_needed(option.gain)}"


def _alone(advice: Advice) -> str:
    """What gains are measured against, in words."""
    return REAL[advice.alone.labels if advice.alone else "none"]


def _gain(advice: Advice, option: Option) -> str:
    """What an option gains over real data alone, and beside it over the labelled items alone."""
    assert option.gain
    over = option.over_real_only
    beside = (
        f", and {advice.metric.gained(over)} against its labelled items alone (`real_only`)" if over else ""
    )
    return (
        f"{advice.metric.gained(option.gain)} {advice.metric.unit} on the test items over "
        f"{option.gain.n} seeds, against {_alone(advice).removeprefix('the ')}{beside}"
    )


def _beside(advice: Advice, option: Option) -> str:
    """What the unlabelled items gain, where they are the choice."""
    if option.over_real_only is None:
        return ""
    gained = f"{advice.metric.gained(option.over_real_only)} {advice.metric.unit}"
    return f" Against the labelled items alone (`real_only`) that is {gained} on the test items."


def _best(advice: Advice, option: Option) -> str:
    """Of equals the least is chosen: the real data alone need not be better than the rest."""
    if option.labels in ALONE:
        return "no use of the synthetic data did better"
    return f"{_used(advice, option)} did best"


def _cost(advice: Advice) -> str:
    """What the synthetic data cost if every use of them loses in the mean; nothing if one does not."""
    losing = [(option.gain, option) for option in advice.candidates if option.gain and option.synthetic]
    if not losing or max(gain.mean for gain, _ in losing) >= 0:
        return ""
    most = min(gain.mean for gain, _ in losing)
    gain, option = max(losing, key=lambda pair: pair[0].mean)
    told = "" if gain.is_below_zero else ", which may be chance"
    unit, form = advice.metric.unit, ".1f" if advice.metric.share else ".3f"
    least, greatest = (f"{-advice.metric.scale * value:{form}}" for value in (gain.mean, most))
    return (
        f" In the mean every use of them costs between {least} and {greatest} {unit} "
        f"on the test items; the least bad, {_used(advice, option)}: {advice.metric.gained(gain)}{told}."
    )


def _losses(advice: Advice) -> Iterator[str]:
    """What is shown to lose, told as plainly as a gain; the choice has been told of."""
    for labels, words in LABELS.items():
        mine = [option for option in advice.candidates if option.labels == labels and option != advice.choice]
        said = [
            f"{option.synthetic}: {advice.metric.told(-option.gain)}"
            for option in mine
            if _loses(option) and option.gain
        ]
        if said:
            yield f"Synthetic items {words}, cost {advice.metric.unit} on the test items ({'; '.join(said)})."


def _loses(option: Option) -> bool:
    return option.gain is not None and option.gain.is_below_zero


def _used(advice: Advice, option: Option) -> str:
    """An option in words."""
    if option.labels in ALONE:
        return REAL[option.labels]
    count = advice.info["synthetic"]["count"]
    many = f"all {count}" if option.synthetic == count else f"{option.synthetic} of the {count}"
    ratio = f"{option.synthetic / option.real:.3g} a real one"
    return f"{many} synthetic items ({ratio}), {LABELS[option.labels]}"


def _needed(gain: Estimate) -> str:
    seeds = seeds_to_tell(gain)
    if seeds is None:
        return f"If mean and scatter stayed as they are, even {MOST_SEEDS} seeds would not tell."
    return f"If mean and scatter stayed as they are, {seeds} seeds would tell."


def seeds_to_tell(difference: Estimate) -> int | None:
    """The least number of seeds k with t(k - 1) · s / √k below the mean difference, s staying as it is.

    None beyond a hundred.
    """

    def reach(k: int) -> float:
        return student_t(0.975, k - 1) / math.sqrt(k)

    s = difference.margin / reach(difference.n)
    enough = (k for k in range(difference.n, MOST_SEEDS + 1) if reach(k) * s < abs(difference.mean))
    return next(enough, None)


def _failures(advice: Advice) -> Iterator[str]:
    failed = [option for option in advice.options if option.errors]
    if failed:
        seed, error = next(iter(failed[0].errors.items()))
        count = sum(len(option.errors) for option in failed)
        yield f"{count} of {advice.info['runs']} runs failed; the first, seed {seed}: {error}."


# -- tables -------------------------------------------------------------------------------------------


def markdown(advice: Advice) -> str:
    """The advice as Markdown: sentences, what was tried, what is expected, and what was foreseen."""
    info = advice.info
    parts = [f"# {info['synthetic']['name']} for {info['task']['name']}: how much of it, with which labels"]
    parts += sentences(advice)
    for title, rows in tables(advice).items():
        parts += [f"## {title}", table(rows)]
    return "\n\n".join([*parts, beneath(advice), "![Accuracy over synthetic items](advice.svg)"])


def tables(advice: Advice) -> dict[str, list[dict[str, str]]]:
    """Every table by its title."""
    found = {"What was tried": [cells(option, advice) for option in advice.candidates]}
    if advice.outlook:
        doubt = "" if advice.outlook.holds else " (by a curve that must not be relied upon)"
        found[f"What more data would be worth{doubt}"] = [_expected(p) for p in advice.outlook.predictions]
    if advice.outlook and advice.outlook.hidden:
        title = "The largest sizes, foreseen by a curve fitted without them"
        found[title] = [_foreseen(cell) for cell in advice.outlook.hidden]
    return found


def beneath(advice: Advice) -> str:
    """What a reader of the tables must know."""
    counts, seeds = advice.info["task"]["counts"], advice.info["seeds"]
    words = f"{advice.metric.words[0].upper()}{advice.metric.words[1:]}"
    said = (
        f"Means over {len(seeds)} seed{'s' * (len(seeds) > 1)} with 95 % intervals, models of the last "
        f"epoch, n = {counts['test']} test items. {CUT} "
        f"{words} on {counts['validation']} validation items chose; test {advice.metric.words} chose nothing."
    )
    said = " ".join([said, *(f"{note[0].upper()}{note[1:]}." for note in found_in(advice.info).table_notes)])
    if advice.outlook is None:
        return said
    c = advice.outlook.curve
    return (
        f"{said} Curve: e = {c.floor:.3g}, b = {c.power:.3g}, s = {c.scale:.3g}, w = {c.worth:.3g}, "
        f"κ = {c.reach:.3g}, fitted to the runs that learnt by condition."
    )


def cells(option: Option, advice: Advice) -> dict[str, str]:
    """An option as text."""
    names, alone = {"none": "real alone", "unlabelled": "real alone, unlabelled too"}, advice.alone
    gained = {
        "difference to real alone": "(baseline)" if option == alone else advice.metric.gained(option.gain)
    }
    if alone and alone.labels != "none":
        over = "(baseline)" if option.labels == "none" else advice.metric.gained(option.over_real_only)
        gained["difference to real_only"] = over
    return {
        "labels": names.get(option.labels, option.labels),
        "synthetic": str(option.synthetic),
        "with a label": f"{option.used:.0f}",
        _head("validation", advice): advice.metric.told(option.validation),
        _head("test", advice): advice.metric.told(option.test),
        **gained,
        "chosen": "yes" if option == advice.choice and not no_advice(advice.info) else "",
    }


def _head(part: str, advice: Advice) -> str:
    """Of a column: ``test %``, or ``test log loss``."""
    metric = advice.metric
    return f"{part} %" if "metric" not in advice.info else f"{part} {metric.head}"


def _expected(prediction: Prediction) -> dict[str, str]:
    return {
        "data": prediction.what,
        "real": str(prediction.real),
        "synthetic": str(prediction.synthetic),
        "expected accuracy %": percent(prediction.accuracy),
        "difference to now": points(prediction.gain) if prediction.gain else "",
    }


def _foreseen(cell: Hidden) -> dict[str, str]:
    return {
        "real": str(cell.real),
        "synthetic": str(cell.synthetic),
        "foreseen %": percent(cell.predicted),
        "measured %": f"{100 * cell.measured:.1f}",
        "inside": ("yes" if cell.certain else "too uncertain to check") if cell.inside else "no",
    }


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of text as a Markdown table."""
    body = ["| " + " | ".join(row.values()) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0]), *body])
