"""An advice in words: how much synthetic data, with which labels, and what more would be worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from assay.bench.advise import Advice, Option
from assay.bench.outlook import Outlook, Prediction
from assay.metrics.statistics import Estimate
from assay.quality.learning_curve import Hidden
from assay.report.summary import percent, points
from assay.report.verdict_text import ENOUGH

MOST_SEEDS = 100
"""Beyond this, the seeds that it would take to tell are not counted."""
LABELS = {
    "condition": "with their conditions as labels",
    "pseudo": "labelled by a model trained on the real data, not by their conditions",
    "drop": "less those that a model trained on the real data does not take for their condition",
}


# -- sentences ----------------------------------------------------------------------------------------


def sentences(advice: Advice) -> list[str]:
    """What follows from the numbers, the choice first.

    A gain or a loss is claimed only with three seeds or more, and only where the 95 % interval of the paired
    difference on the test items leaves out zero.
    """
    outlook = list(_outlook(advice.outlook)) if advice.outlook else []
    return [_choice(advice), *outlook, *advice.notes, *_failures(advice)]


def _choice(advice: Advice) -> str:
    option, seeds = advice.choice, len(advice.info["seeds"])
    if option is None:
        return "No advice: a run of the real data alone failed."
    if seeds < ENOUGH:
        return (
            f"No claim: fewer than {ENOUGH} seeds. On the validation items {_used(advice, option)} did best."
        )
    if option.gain is None:
        return "Use the real data alone: on the validation items no use of the synthetic data did better."
    told = (
        f"{points(option.gain)} points on the test items over {option.gain.n} seeds, against real data alone"
    )
    if option.gain.low > 0:
        return f"Use {_used(advice, option)}: {told}."
    best = f"On the validation items {_used(advice, option)} did best"
    if option.gain.high < 0:
        return f"Use the real data alone. {best}, but it loses: {told}."
    return f"It cannot be told whether the synthetic data help. {best}: {told}. {_needed(option.gain)}"


def _used(advice: Advice, option: Option) -> str:
    """An option in words."""
    if option.labels == "none":
        return "the real data alone"
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
    from scipy.stats import t

    def reach(k: int) -> float:
        return float(t.ppf(0.975, k - 1)) / math.sqrt(k)

    s = (difference.high - difference.mean) / reach(difference.n)
    enough = (k for k in range(difference.n, MOST_SEEDS + 1) if reach(k) * s < abs(difference.mean))
    return next(enough, None)


def _failures(advice: Advice) -> Iterator[str]:
    failed = [option for option in advice.options if option.errors]
    if failed:
        seed, error = next(iter(failed[0].errors.items()))
        count = sum(len(option.errors) for option in failed)
        yield f"{count} of {advice.info['runs']} runs failed; the first, seed {seed}: {error}."


def _outlook(outlook: Outlook) -> Iterator[str]:
    synthetic, real, both = outlook.predictions[1:]
    yield (
        f"By the learning curve twice the synthetic data would bring {points(synthetic.gain)} points, twice "
        f"the real data {points(real.gain)}, and twice both {points(both.gain)}."
    )
    yield (
        f"To it the first synthetic item is worth {_number(outlook.first_item)} real ones, and all "
        f"{outlook.predictions[0].synthetic} together {_number(outlook.all_items)}."
    )
    yield _trust(outlook)


def _trust(outlook: Outlook) -> str:
    if not outlook.hidden:
        return f"The curve must not be relied upon: it could not be checked ({outlook.unchecked})."
    if outlook.holds:
        told = "; ".join(_hidden(cell) for cell in outlook.hidden)
        return f"Fitted without the largest sizes, it foresaw them: {told}."
    told = "; ".join(_hidden(cell) for cell in outlook.hidden if not cell.inside)
    return f"The curve must not be relied upon: fitted without the largest sizes, it missed them: {told}."


def _hidden(cell: Hidden) -> str:
    return (
        f"{cell.real} real and {cell.synthetic} synthetic items {percent(cell.predicted)} %, "
        f"measured {100 * cell.measured:.1f} %"
    )


def _number(value: Estimate) -> str:
    digits = 0 if abs(value.mean) >= 10 else 2
    return f"{value.mean:.{digits}f} [{value.low:.{digits}f}, {value.high:.{digits}f}]"


# -- tables -------------------------------------------------------------------------------------------


def markdown(advice: Advice) -> str:
    """The advice as Markdown: sentences, what was tried, what is expected, and what was foreseen."""
    info = advice.info
    parts = [f"# {info['synthetic']['name']} for {info['task']['name']}: how much of it, with which labels"]
    parts += sentences(advice)
    for title, rows in tables(advice).items():
        parts += [f"## {title}", table(rows)]
    return "\n\n".join([*parts, _beneath(advice), "![Accuracy over synthetic items](advice.svg)"])


def tables(advice: Advice) -> dict[str, list[dict[str, str]]]:
    """Every table by its title."""
    found = {"What was tried": [cells(option, advice) for option in advice.candidates]}
    if advice.outlook:
        found["What more data would be worth"] = [_expected(p) for p in advice.outlook.predictions]
    if advice.outlook and advice.outlook.hidden:
        title = "The largest sizes, foreseen by a curve fitted without them"
        found[title] = [_foreseen(cell) for cell in advice.outlook.hidden]
    return found


def _beneath(advice: Advice) -> str:
    """What a reader of the tables must know."""
    counts, seeds = advice.info["task"]["counts"], advice.info["seeds"]
    said = (
        f"Means over {len(seeds)} seeds with 95 % intervals, models of the last epoch, n = {counts['test']} "
        f"test items. Accuracy on {counts['validation']} validation items chose; test accuracy chose nothing."
    )
    if advice.outlook is None:
        return said
    c = advice.outlook.curve
    return (
        f"{said} Curve: e = {c.floor:.3g}, b = {c.power:.3g}, s = {c.scale:.3g}, w = {c.worth:.3g}, "
        f"κ = {c.reach:.3g}, fitted to the runs that learnt by condition."
    )


def cells(option: Option, advice: Advice) -> dict[str, str]:
    """An option as text."""
    name = "real alone" if option.labels == "none" else option.labels
    return {
        "labels": name,
        "synthetic": str(option.synthetic),
        "with a label": f"{option.used:.0f}",
        "validation %": percent(option.validation),
        "test %": percent(option.test),
        "difference to real alone": points(option.gain) if option.labels != "none" else "(baseline)",
        "chosen": "yes" if option == advice.choice else "",
    }


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
        "inside": "yes" if cell.inside else "no",
    }


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of text as a Markdown table."""
    body = ["| " + " | ".join(row.values()) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0]), *body])
