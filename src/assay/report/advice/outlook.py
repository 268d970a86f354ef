"""An outlook in words: what more data would be worth, as far as the learning curve can be relied upon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assay.advice.outlook import Outlook, Worth
from assay.comparison.summary import percent, points
from assay.metrics.statistics import Estimate
from assay.quality.learning_curve import Hidden


def told(outlook: Outlook) -> Iterator[str]:
    """What twice the data would bring and synthetic items are worth; or why that cannot be said."""
    if not outlook.holds:
        yield f"What more data would be worth cannot be said: {_distrust(outlook)}."
        return
    synthetic, real, both = outlook.predictions[1:]
    yield (
        f"By the learning curve twice the synthetic data would bring {points(synthetic.gain)} points, twice "
        f"the real data {points(real.gain)}, and twice both {points(both.gain)}."
    )
    yield _worths(outlook.worths)
    yield f"Fitted without the largest sizes, it foresaw them: {_listed(outlook.hidden)}."


def _worths(worths: Sequence[Worth]) -> str:
    """In real items, of those amounts of which the curve tells whether they help or harm."""
    said = [_worth(worth) for worth in worths if worth.real and _has_sign(worth.real)]
    unknown = [str(worth.synthetic) for worth in worths if not (worth.real and _has_sign(worth.real))]
    if not said:
        return "How many real items the synthetic ones are worth, these runs cannot tell."
    rest = f"; what {unknown[0]} are worth, these runs cannot tell" if unknown else ""
    return f"To it {', and '.join(said)}{rest}."


def _has_sign(value: Estimate) -> bool:
    return value.low > 0 or value.high < 0


def _worth(worth: Worth) -> str:
    """Synthetic items in real ones, gained or lost."""
    assert worth.real is not None
    if worth.real.low > 0:
        return f"{worth.synthetic} synthetic items are worth {_number(worth.real)} real ones"
    return (
        f"{worth.synthetic} synthetic items do as much harm as the loss of {_number(-worth.real)} real ones"
    )


def _distrust(outlook: Outlook) -> str:
    """Why the curve must not be relied upon."""
    if not outlook.hidden:
        return f"the learning curve could not be checked ({outlook.unchecked})"
    missed = [cell for cell in outlook.hidden if not cell.inside]
    if missed:
        return f"the learning curve, fitted without the largest sizes, missed them: {_listed(missed)}"
    vague = [cell for cell in outlook.hidden if not cell.certain]
    return (
        "the learning curve, fitted without the largest sizes, is too uncertain about them for the check to "
        f"say anything: {_listed(vague)}"
    )


def _listed(hidden: Sequence[Hidden]) -> str:
    return "; ".join(_hidden(cell) for cell in hidden)


def _hidden(cell: Hidden) -> str:
    return (
        f"{cell.real} real and {cell.synthetic} synthetic items {percent(cell.predicted)} %, "
        f"measured {100 * cell.measured:.1f} %"
    )


def _number(value: Estimate) -> str:
    return value.told(".0f" if abs(value.mean) >= 10 else ".1f")
