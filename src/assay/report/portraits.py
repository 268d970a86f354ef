"""Sets of items where single ones say little: a table's numbers, and the means and spectra of signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from assay.quality.shown import CLASSES_SHOWN
from assay.report.contact_sheet import scaled
from assay.report.inline import Drawing
from assay.report.traces import Trace, traces

FEATURES_SHOWN, BINS = 9, 16
HISTOGRAMS = (
    ", on one range from the 1st to the 99th percentile of both; what lies beyond is counted at its ends. "
    "Distance: Kolmogorov and Smirnov's, from 0 (equal) to 1 (no value in common)."
)
MEANS = (
    "; z-scored where training sees them so. Spectrum: mean size of each frequency (discrete Fourier "
    "transform over time, without the constant), from the lowest to half the sampling rate. All classes have "
    "one scale."
)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Portraits:
    """A panel for a feature or for a class, and what a reader must know."""

    panels: list[Drawing]
    caption: str
    note: str


def portraits(task: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Portraits | None:
    """What real and synthetic items are like as sets; None for images, which are seen one by one.

    Parameters
    ----------
    task : mapping
        Its kind, normalise and classes.
    arrays : mapping
        real_x, real_y and, if there are any, synthetic_x, synthetic_y; feature_names where they are known.
    """
    parts = {part: arrays[f"{part}_x"] for part in ("real", "synthetic") if f"{part}_x" in arrays}
    numbers = {part: _real(x) for part, x in parts.items()}
    counts = " and ".join(f"{len(x)} {part}" for part, x in numbers.items())
    counts = f"Of {counts} items that are kept for pictures"
    if task["kind"] == "vector":
        return _of_vectors(numbers, arrays.get("feature_names"), counts)
    if task["kind"] == "signal":
        series = {part: _series(scaled(x, task["normalise"])) for part, x in numbers.items()}
        return _of_signals(series, arrays, task["classes"], counts)
    return None


def _real(x: NDArray[Any]) -> Floats:
    return (np.abs(x) if np.iscomplexobj(x) else x).astype(np.float64)


# -- vectors ------------------------------------------------------------------------------------------


def _of_vectors(numbers: Mapping[str, Floats], names: NDArray[Any] | None, counts: str) -> Portraits:
    flat = {part: x.reshape(len(x), -1) for part, x in numbers.items()}
    width = flat["real"].shape[1]
    known = names is not None and len(names) == width
    called = (
        [str(name) for name in names]
        if known and names is not None
        else [f"feature {i}" for i in range(width)]
    )
    apart = [_apart({part: x[:, i] for part, x in flat.items()}) for i in range(width)]
    order = sorted(range(width), key=lambda i: -apart[i])[:FEATURES_SHOWN]
    panels = [_histogram(called[i], {part: x[:, i] for part, x in flat.items()}, apart[i]) for i in order]
    which = "that differ most" if "synthetic" in flat else "in their order"
    shown = f"{len(order)} of {width} features, those {which}" if width > len(order) else "Every feature"
    return Portraits(
        panels, f"{shown}: how often real and synthetic items have each value.", counts + HISTOGRAMS
    )


def _apart(values: Mapping[str, Floats]) -> float:
    """Kolmogorov and Smirnov's distance, in [0, 1]; 0 without synthetic items."""
    from scipy.stats import ks_2samp

    return float(ks_2samp(values["real"], values["synthetic"]).statistic) if "synthetic" in values else 0.0


def _histogram(name: str, values: Mapping[str, Floats], apart: float) -> Drawing:
    low, high = np.percentile(np.concatenate(list(values.values())), [1, 99])
    high = high if high > low else low + 1
    edges = np.linspace(low, high, BINS + 1)
    shares = {part: np.histogram(x.clip(low, high), edges)[0] / len(x) for part, x in values.items()}
    middle = ", ".join(f"{part} median {np.median(x):.4g}" for part, x in values.items())
    distance = f"distance {apart:.2f}" if "synthetic" in values else ""
    alt = f"Frequencies of {name}: {middle}{'; ' + distance if distance else ''}."
    lines = [Trace(share, _look(part)) for part, share in shares.items()]
    drawn = traces(lines, 0.0, max(float(share.max()) for share in shares.values()), alt)
    return Drawing(name, drawn, alt, (f"{low:.4g}", distance, f"{high:.4g}"))


def _look(part: str) -> str:
    return "real" if part == "real" else "made"


# -- signals ------------------------------------------------------------------------------------------


def _series(x: Floats) -> Floats:
    """Signals as (n, series, time): channels, or each subcarrier of each antenna."""
    if x.ndim == 4:
        x = np.moveaxis(x, -1, 2).reshape(len(x), -1, x.shape[2])
    return x.reshape(len(x), -1, x.shape[-1])


def _of_signals(
    series: Mapping[str, Floats], arrays: Mapping[str, NDArray[Any]], classes: Sequence[str], counts: str
) -> Portraits | None:
    labels = [i for i in range(len(classes)) if (arrays["real_y"] == i).any()]
    if not labels or series["real"].shape[-1] < 2:
        return None
    real = np.stack([series["real"][arrays["real_y"] == i].mean(0) for i in labels])
    told = int(real.var(0).mean(-1).argmax())
    sets = {part: {i: x[arrays[f"{part}_y"] == i][:, told] for i in labels} for part, x in series.items()}
    shown = labels[:CLASSES_SHOWN]
    means = {part: {i: of[i].mean(0) for i in shown if len(of[i])} for part, of in sets.items()}
    spectra = {part: {i: _spectrum(of[i]) for i in shown if len(of[i])} for part, of in sets.items()}
    panels = [_panel(classes[i], i, means, spectra) for i in shown]
    count = series["real"].shape[1]
    which = f", in channel {told} of {count}, where classes of real items differ most" if count > 1 else ""
    return Portraits(
        panels, "Mean of every class over time, and below it its spectrum.", counts + which + MEANS
    )


def _spectrum(x: Floats) -> Floats:
    """Mean size of every frequency but the constant, of signals (n, time)."""
    found: Floats = np.abs(np.fft.rfft(x, axis=-1))[:, 1:].mean(0)
    return found


def _panel(name: str, label: int, *kinds: Mapping[str, Mapping[int, Floats]]) -> Drawing:
    alts = [f"{what} of {name}{_alike(kind, label)}." for what, kind in zip(("Mean", "Spectrum"), kinds)]
    drawn = [
        traces([Trace(of[label], _look(part)) for part, of in kind.items() if label in of], *_ends(kind), alt)
        for kind, alt in zip(kinds, alts)
    ]
    return Drawing(name, Markup("").join(drawn), " ".join(alts), of_class=name)


def _alike(kind: Mapping[str, Mapping[int, Floats]], label: int) -> str:
    lines = [of[label] for of in kind.values() if label in of]
    if len(lines) < 2 or any(np.ptp(line) == 0 for line in lines) or len(lines[0]) < 2:
        return ""
    return f": real and synthetic correlate by {np.corrcoef(lines[0], lines[1])[0, 1]:.2f}"


def _ends(kind: Mapping[str, Mapping[int, Floats]]) -> tuple[float, float]:
    every = np.concatenate([line for of in kind.values() for line in of.values()])
    return float(every.min()), float(every.max())
