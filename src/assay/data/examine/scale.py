"""Are synthetic items on the scale of the real ones? Range, type, mean and deviation by channel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.constants import channel_word
from assay.data.examine.facts import SYNTHETIC, Facts
from assay.data.examine.survey import Survey
from assay.findings import Finding, Severity
from assay.types import Task

Doubles = NDArray[np.float64]
SCALES = {
    "0..1": (0.0, 1.0),
    "-0.5..0.5": (-0.5, 0.5),
    "-1..1": (-1.0, 1.0),
    "0..255": (0.0, 255.0),
    "-128..127": (-128.0, 127.0),
    "0..4095": (0.0, 4095.0),
    "0..65535": (0.0, 65535.0),
}
"""How pictures are stored, the narrowest first."""
BYTES = tuple(by for known in (255.0, 127.5, 257.0, 65535.0) for by in (known, 1 / known))
"""Factors between these."""
SLACK = 0.05
REFUSED_FROM, WARNED_FROM = 8.0, 3.0
"""Deviations that differ so many fold in every channel; means so many real deviations apart are warned of."""
SHOWN = 16


@dataclass(frozen=True, eq=False)
class Pooled:
    """Channels of several surveys together: mean, deviation, range; whether numbers are whole; types."""

    mean: Doubles
    deviation: Doubles
    low: Doubles
    high: Doubles
    whole: bool
    types: str

    @staticmethod
    def of(*surveys: Survey) -> Pooled:
        """Channels of all items of these surveys."""
        n = np.array([len(survey) for survey in surveys], np.float64)[:, None]
        means = np.array([survey.mean for survey in surveys])
        mean = (n * means).sum(0) / n.sum()
        within = np.array([survey.deviation for survey in surveys]) ** 2
        variance = (n * (within + (means - mean) ** 2)).sum(0) / n.sum()
        return Pooled(
            mean,
            np.sqrt(variance),
            np.min([survey.low for survey in surveys], axis=0),
            np.max([survey.high for survey in surveys], axis=0),
            all(survey.whole for survey in surveys),
            ", ".join(dict.fromkeys(str(survey.dtype) for survey in surveys)),
        )

    def span(self) -> str:
        """``uint8, whole, 0 to 255``."""
        whole = " whole numbers" if self.whole else ""
        return f"{self.types}{whole} {self.low.min():.4g} to {self.high.max():.4g}"


def scale(facts: Facts) -> Iterator[Finding]:
    """The scale of synthetic items against that of the real ones that may be learned from.

    Refused: pictures on another of the usual scales, and deviations that differ 8-fold or more in every
    channel, unless each item is z-scored by itself. Warned of: deviations that differ 3-fold, means that are
    three real deviations apart, in any channel. Noted: the numbers.
    """
    if SYNTHETIC not in facts.surveys:
        return
    real = Pooled.of(*(survey for part, survey in facts.real.items() if part not in facts.tests))
    made = Pooled.of(facts.surveys[SYNTHETIC])
    details = _by_channel(facts.task, real, made)
    other = _other_scale(facts.task, real, made)
    if other:
        yield _refusal(facts.task, real, made, other, details)
        return
    odd = _odd_channels(real, made)
    if len(odd) and facts.task.normalise != "item":
        yield _warning(facts.task, real, made, odd, details)
    else:
        message = f"synthetic: {made.span()}; real: {real.span()}"
        yield Finding("note", "ranges", message, SYNTHETIC, details=details)


@dataclass(frozen=True)
class Mending:
    """Why scales differ, and what mends it: synthetic numbers times `factor`, plus `offset`."""

    why: str
    factor: float
    offset: float

    def spoken(self) -> str:
        """``multiply the synthetic numbers by 127.5 and add 127.5``."""
        added = f" and add {self.offset:.6g}" if abs(self.offset) > 1e-9 else ""
        if math.isclose(self.factor, 1, rel_tol=1e-6):
            return f"add {self.offset:.6g} to the synthetic numbers"
        return f"multiply the synthetic numbers by {self.factor:.6g}{added}"


def _other_scale(task: Task, real: Pooled, made: Pooled) -> Mending | None:
    """What mends a scale that is plainly another, if it is."""
    if (task.kind == "image" or real.whole != made.whole) and (mending := _picture_scales(real, made)):
        return mending
    ratio = _ratios(real, made)
    if not len(ratio) or not (ratio.min() >= REFUSED_FROM or ratio.max() <= 1 / REFUSED_FROM):
        return None
    mending = _by_deviations(real, made, ratio)
    return None if _collapsed(real, made, mending.factor) else mending


def _collapsed(real: Pooled, made: Pooled, factor: float) -> bool:
    """Whether synthetic items lie where real ones do, and a factor would throw them off."""
    spread = np.maximum(real.deviation, 1e-12)
    now, then = (np.abs(made.mean * by - real.mean) / spread for by in (1.0, factor))
    return bool(now.max() < 1 and then.max() > 2)


def _picture_scales(real: Pooled, made: Pooled) -> Mending | None:
    names = [picture_scale(one) for one in (real, made)]
    if None in names or names[0] == names[1]:
        return None
    (low, high), (made_low, made_high) = (SCALES[str(name)] for name in names)
    if names[0] == "0..255" and names[1] == "0..1" and _steps_of_256(made):
        high = 256.0
    factor = (high - low) / (made_high - made_low)
    mending = Mending(f"{names[1]} against {names[0]}", factor, low - factor * made_low)
    return mending if _is_better(real, made, mending) else None


def picture_scale(pooled: Pooled) -> str | None:
    """The narrowest of `SCALES` that holds all numbers, signed ones only for numbers below 0."""
    low, high = float(pooled.low.min()), float(pooled.high.max())
    for name, (least, most) in SCALES.items():
        slack = SLACK * (most - least)
        if least - slack <= low and high <= most + slack and (least == 0 or low < -slack):
            return name
    return None


def _steps_of_256(made: Pooled) -> bool:
    """Whether the greatest number is 255/256: bytes that were divided by 256."""
    return math.isclose(float(made.high.max()), 255 / 256, abs_tol=1e-6)


def _is_better(real: Pooled, made: Pooled, mending: Mending) -> bool:
    """Whether mended items lie nearer to the real ones, in mean and deviation, than they do now."""

    def off(factor: float, offset: float) -> float:
        spread = np.maximum(real.deviation, 1e-12)
        shift = np.abs(made.mean * factor + offset - real.mean) / spread
        fold = np.abs(np.log(np.maximum(made.deviation * factor, 1e-12) / spread))
        return float((shift + fold).mean())

    return off(mending.factor, mending.offset) < off(1.0, 0.0)


def _ratios(real: Pooled, made: Pooled) -> Doubles:
    """Real over synthetic deviation, of channels that have both."""
    both = (real.deviation > 0) & (made.deviation > 0)
    return np.asarray(real.deviation[both] / made.deviation[both])


def _by_deviations(real: Pooled, made: Pooled, ratio: Doubles) -> Mending:
    """What would give the real mean and deviation, as far as one factor can."""
    factor = float(np.exp(np.log(ratio).mean()))
    nice = min((10.0 ** round(math.log10(factor)), *BYTES), key=lambda known: abs(math.log(factor / known)))
    if abs(math.log(factor / nice)) < 0.1:
        factor = nice
    offset = float((real.mean - factor * made.mean).mean())
    if abs(offset) < 0.2 * float(real.deviation.mean()):
        offset = 0.0
    why = f"deviations of {_spread(made.deviation)} against {_spread(real.deviation)}"
    return Mending(why, factor, offset)


def _spread(numbers: Doubles) -> str:
    low, high = float(numbers.min()), float(numbers.max())
    return f"{low:.3g}" if high < 1.05 * low else f"{low:.3g} to {high:.3g}"


def _refusal(task: Task, real: Pooled, made: Pooled, mending: Mending, details: tuple[str, ...]) -> Finding:
    severity: Severity = "note" if task.normalise == "item" else "refuse"
    drops_out = "; each item is z-scored by itself, so that this drops out" if severity == "note" else ""
    message = (
        f"synthetic items are on another scale: {mending.why} (synthetic: {made.span()}; real: {real.span()})"
        f"{drops_out}"
    )
    return Finding(
        severity,
        "scale",
        message,
        SYNTHETIC,
        way_out="" if drops_out else f"{mending.spoken()}",
        touches="" if drops_out else f"synthetic items are on another scale ({mending.why})",
        details=details,
    )


def _odd_channels(real: Pooled, made: Pooled) -> NDArray[np.int64]:
    spread = np.where(real.deviation > 0, real.deviation, np.inf)
    shift = np.abs(made.mean - real.mean) / spread
    with np.errstate(divide="ignore"):
        fold = np.abs(np.log(made.deviation / spread))
    return np.flatnonzero(np.isfinite(spread) & ((shift > WARNED_FROM) | (fold > math.log(WARNED_FROM))))


def _warning(
    task: Task, real: Pooled, made: Pooled, odd: NDArray[np.int64], details: tuple[str, ...]
) -> Finding:
    word = channel_word(task)
    worst = int(odd[np.argmax(np.abs(made.mean[odd] - real.mean[odd]) / real.deviation[odd])])
    message = (
        f"synthetic items lie elsewhere in {len(odd)} of {len(real.mean)} {word}s: {word} {worst + 1} "
        f"{_compared(real, made, worst)}"
    )
    touches = f"synthetic items have other means or deviations in {len(odd)} of {len(real.mean)} {word}s"
    return Finding(
        "warn",
        "ranges",
        message,
        SYNTHETIC,
        len(odd),
        len(real.mean),
        worst,
        touches=touches,
        details=details,
    )


def _compared(real: Pooled, made: Pooled, place: int) -> str:
    deviation = real.deviation[place]
    shift = (made.mean[place] - real.mean[place]) / deviation if deviation else math.nan
    fold = made.deviation[place] / deviation if deviation else math.nan
    return (
        f"has mean {made.mean[place]:.4g} (real {real.mean[place]:.4g}, {shift:+.2g} real deviations) and "
        f"deviation {made.deviation[place]:.4g} (real {deviation:.4g}, {fold:.2g} times)"
    )


def _by_channel(task: Task, real: Pooled, made: Pooled) -> tuple[str, ...]:
    word = channel_word(task)
    lines = [
        f"{word} {place + 1} {_compared(real, made, place)}" for place in range(min(SHOWN, len(real.mean)))
    ]
    more = len(real.mean) - SHOWN
    return (*lines, *([f"and {more} {word}s more"] if more > 0 else []))
